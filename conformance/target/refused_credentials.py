"""Credentials that a server must refuse, each derived from the accepted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.evidence.exchange import Access, AccessKind
from conformance.target.credentials import VARIABLE
from conformance.target.secret_search import base64url, is_jwt


@dataclass(frozen=True, slots=True)
class Form:
    """A credential that must be refused, as a function of the accepted token."""

    access: Access
    make: Callable[[str], str] | None
    """Returns the header's value for an accepted token; ``None`` sends no header."""


def _header(value: str) -> str:
    return f'"X-Authorization: {value}"'


def granted(*, with_token: bool) -> Access:
    """Return the access of a request that the server must accept."""
    if with_token:
        return Access(AccessKind.GRANTED, "the accepted token", _header(f"${VARIABLE}"))
    return Access(AccessKind.GRANTED, "no credential", None)


ABSENT = Form(Access(AccessKind.ABSENT, "no X-Authorization header", None), None)
EMPTY = Form(
    Access(AccessKind.EMPTY, "an empty X-Authorization header", "'X-Authorization;'"), lambda _: ""
)

WORD = "not-a-token"
CLAIMS = base64url('{"sub":"conformance","iat":1700000000,"exp":4102444800}')
UNSIGNED = {word: base64url(f'{{"alg":"{word}","typ":"JWT"}}') for word in ("none", "None")}
FORGED = ".".join(
    (
        base64url('{"alg":"HS256","typ":"JWT"}'),
        CLAIMS,
        base64url("signed by nobody, 32 bytes long."),
    )
)


def forms(token: str) -> tuple[Form, ...]:
    """Return every credential that a server which accepts ``token`` must refuse.

    Each differs from the accepted token in meaning, not only in spelling. Spaces around a header's
    value are not part of it (RFC 9110, section 5.5), and the last character of a base64url
    signature may carry no bits, so these are not varied. The forms also work for tokens issued
    later, which may be shorter or of another kind.
    """
    unknown = [
        _unknown("a made-up word", WORD, lambda _: WORD),
        _unknown("a forged JSON Web Token", FORGED, lambda _: FORGED),
    ]
    tampered = [_cut_short(token), _changed(token), _longer()]
    if len(token) > 1:
        tampered.append(_spaced(token))
    if token.swapcase() != token:
        tampered.append(
            _tampered(
                "the token with upper and lower case swapped", f"${{{VARIABLE}~~}}", _other_case
            )
        )
    if is_jwt(token):
        part = f'$(cut -d. -f%d <<<"${VARIABLE}")'
        for word, header in UNSIGNED.items():
            unknown.append(
                _unknown(
                    f"its claims without a signature (alg {word})",
                    f"{header}.{part % 2}.",
                    lambda value, header=header: f"{header}.{_parts(value)[1]}.",  # type: ignore[misc]
                )
            )
        for end, what in ((".", "signature"), ("", "signature and the dot before it")):
            tampered.append(
                _tampered(
                    f"the token without its {what}",
                    f"{part % 1}.{part % 2}{end}",
                    lambda value, end=end: ".".join(_parts(value)[:2]) + end,  # type: ignore[misc]
                )
            )
        tampered.append(
            _tampered(
                "its signature with different claims",
                f"{part % 1}.{CLAIMS}.{part % 3}",
                lambda value: f"{_parts(value)[0]}.{CLAIMS}.{_parts(value)[2]}",
            )
        )
    return (ABSENT, EMPTY, *unknown, *tampered)


def _unknown(form: str, shell: str, make: Callable[[str], str]) -> Form:
    return Form(Access(AccessKind.UNKNOWN, form, _header(shell)), make)


def _tampered(form: str, shell: str, make: Callable[[str], str]) -> Form:
    return Form(Access(AccessKind.TAMPERED, form, _header(shell)), make)


def _cut_short(token: str) -> Form:
    length = max(1, min(8, len(token) // 4))
    end = "character" if length == 1 else f"{length} characters"
    return _tampered(
        f"the token without its last {end}",
        f"${{{VARIABLE}::-{length}}}",
        lambda value: value[: -min(length, max(1, len(value) // 4))],
    )


def _changed(token: str) -> Form:
    place = (token.rfind(".") + 1 + len(token)) // 2 if is_jwt(token) else len(token) // 2

    def change(value: str) -> str:
        here = min(place, len(value) - 1)
        return value[:here] + _another(value[here]) + value[here + 1 :]

    return _tampered(
        f"the token with character {place + 1} changed",
        f"${{{VARIABLE}::{place}}}{_another(token[place])}${{{VARIABLE}:{place + 1}}}",
        change,
    )


def _spaced(token: str) -> Form:
    half = len(token) // 2

    def split(value: str) -> str:
        here = min(half, len(value) // 2)
        return f"{value[:here]} {value[here:]}" if here else f"{value} {value}"

    return _tampered(
        "the token with a space inside", f"${{{VARIABLE}::{half}}} ${{{VARIABLE}:{half}}}", split
    )


def _other_case(value: str) -> str:
    swapped = value.swapcase()
    return swapped if swapped != value else f"{value}A"


def _parts(value: str) -> tuple[str, str, str]:
    parts = value.split(".")
    return (
        (parts[0], parts[1], parts[2])
        if len(parts) == 3 and all(parts)
        else (value, CLAIMS, "unsigned")
    )


def _longer() -> Form:
    # Four characters change the signature even if a decoder tolerates other lengths.
    return _tampered(
        "the token with characters added at its end", f"${{{VARIABLE}}}xxxx", lambda v: f"{v}xxxx"
    )


def _another(character: str) -> str:
    # Not only in letter case, which is a separate form.
    return "B" if character in "Aa" else "A"
