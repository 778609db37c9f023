"""Credentials that a server must refuse, each derived from the accepted one."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from conformance.evidence.exchange import Access, AccessKind
from conformance.target.credentials import EXPIRED_VARIABLE, VARIABLE
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
SIGNED = base64url('{"alg":"HS256","typ":"JWT"}')
FORGED = ".".join(
    (
        SIGNED,
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
    length = max(1, min(8, len(token) // 4))
    end = "character" if length == 1 else f"{length} characters"
    place = (token.rfind(".") + 1 + len(token)) // 2 if is_jwt(token) else len(token) // 2
    half = len(token) // 2

    def cut_short(value: str) -> str:
        return value[: -min(length, max(1, len(value) // 4))]

    def changed(value: str) -> str:
        here = min(place, len(value) - 1)
        return value[:here] + _another(value[here]) + value[here + 1 :]

    def spaced(value: str) -> str:
        here = min(half, len(value) // 2)
        return f"{value[:here]} {value[here:]}" if here else f"{value} {value}"

    unknown: list[_Described] = [
        ("a made-up word", WORD, lambda _: WORD),
        ("a made-up word after Bearer", f"Bearer {WORD}", lambda _: f"Bearer {WORD}"),
        ("the word null", "null", lambda _: "null"),
        ("a forged JSON Web Token", FORGED, lambda _: FORGED),
    ]
    tampered: list[_Described] = [
        (f"the token without its last {end}", _sliced(f"::-{length}"), cut_short),
        (
            f"the token with character {place + 1} changed",
            _sliced(f"::{place}") + _another(token[place]) + _sliced(f":{place + 1}"),
            changed,
        ),
        # Four characters change the signature even if a decoder tolerates other lengths.
        ("the token with characters added at its end", f"{_sliced('')}xxxx", "{}xxxx".format),
    ]
    if len(token) > 1:
        words = f"{_sliced(f'::{half}')} {_sliced(f':{half}')}"
        tampered.append(("the token with a space inside", words, spaced))
    if token.swapcase() != token:
        words = "the token with upper and lower case swapped"
        tampered.append((words, _sliced("~~"), _other_case))
    if is_jwt(token):
        one, two, three = (f'$(cut -d. -f{number} <<<"${VARIABLE}")' for number in (1, 2, 3))
        for word, header in UNSIGNED.items():
            form = f"its claims without a signature (alg {word})"
            unknown.append((form, f"{header}.{two}.", partial(_joined, f"{header}.{{1}}.")))
        form = "its claims, signed with an empty key"
        unknown.append((form, f"{SIGNED}.{two}.{_SIGNATURE}", _signed_with_nothing))
        tampered += [
            ("the token without its signature", f"{one}.{two}.", partial(_joined, "{0}.{1}.")),
            (
                "the token without its signature and the dot before it",
                f"{one}.{two}",
                partial(_joined, "{0}.{1}"),
            ),
            (
                "its signature with different claims",
                f"{one}.{CLAIMS}.{three}",
                partial(_joined, f"{{0}}.{CLAIMS}.{{2}}"),
            ),
        ]
    kinds = ((AccessKind.UNKNOWN, unknown), (AccessKind.TAMPERED, tampered))
    return (
        ABSENT,
        EMPTY,
        *(
            Form(Access(kind, words, _header(shell)), make)
            for kind, described in kinds
            for words, shell, make in described
        ),
    )


def expired(token: str) -> Form:
    """Return an expired token, which the user provides, as a credential that must be refused."""
    access = Access(AccessKind.EXPIRED, "an expired token", _header(f"${EXPIRED_VARIABLE}"))
    return Form(access, lambda _: token)


_Described = tuple[str, str, Callable[[str], str]]
"""The form in words, as a shell word, and as a function of the accepted token."""


def _sliced(how: str) -> str:
    return f"${{{VARIABLE}{how}}}"


def _joined(form: str, token: str) -> str:
    """Write the parts of a token in this form; what an opaque one lacks is made up."""
    parts = token.split(".")
    return form.format(*(parts if len(parts) == 3 and all(parts) else (token, CLAIMS, "unsigned")))


_SIGNATURE = (
    f'$(printf %s {SIGNED}.$(cut -d. -f2 <<<"${VARIABLE}")'
    ' | openssl dgst -sha256 -hmac "" -binary | base64 | tr -d = | tr /+ _-)'
)
"""Shell words that sign the claims of the accepted token like ``_signed_with_nothing``."""


def _signed_with_nothing(token: str) -> str:
    """Sign the claims of a token with the key of a server that never got one."""
    signed = _joined(f"{SIGNED}.{{1}}", token)
    return f"{signed}.{base64url(hmac.digest(b'', signed.encode(), 'sha256'))}"


def _other_case(value: str) -> str:
    swapped = value.swapcase()
    return swapped if swapped != value else f"{value}A"


def _another(character: str) -> str:
    # Not only in letter case, which is a separate form.
    return "B" if character in "Aa" else "A"
