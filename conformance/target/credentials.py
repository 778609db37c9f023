"""The credential: where it comes from, and the forms of it that a server must refuse.

Values that are secret leave this module only through ``Secrets``, which the target alone holds.
"""

from __future__ import annotations

import base64
import binascii
import errno
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from conformance.core import input_files
from conformance.errors import UsageError
from conformance.evidence.exchange import Access, AccessKind
from conformance.target import spelling

VARIABLE = "CONDUCTOR_AUTH_TOKEN"
KEY_VARIABLE = "CONDUCTOR_AUTH_KEY"
SECRET_VARIABLE = "CONDUCTOR_AUTH_SECRET"  # noqa: S105 - the name of a variable
SHORTEST_SEARCHED = 8
"""Characters; a shorter credential would be found in answers by chance."""
REPEATED_TEXT = 1 << 20
MOST_KNOWN = 64
"""Bytes of a text, and number of them, whose results are kept: most answers are the same few."""
SHORT_TEXT = 10_000
"""Bytes of a text in which secrets are looked for that were cut to make it short."""


@dataclass(frozen=True, slots=True)
class Token:
    """A ready access token."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key and secret, for which ``POST /api/token`` issues tokens."""

    key_id: str = field(repr=False)
    key_secret: str = field(repr=False)


Credential = Token | AccessKey


def from_environment(
    environment: Mapping[str, str], token_file: Path | None = None
) -> Credential | None:
    """Find the credential: the token file, else the token, else key and secret.

    Raises:
        UsageError: the file cannot be read or is empty, half of a pair is missing, or the
            credential holds what cannot stand in a header. The text never repeats the credential.
    """
    if token_file is not None:
        return Token(_usable(_read(token_file), f"the token file {token_file}"))
    token = environment.get(VARIABLE, "").strip()
    if token:
        return Token(_usable(token, VARIABLE))
    key_id = environment.get(KEY_VARIABLE, "").strip()
    key_secret = environment.get(SECRET_VARIABLE, "").strip()
    if not key_id and not key_secret:
        return None
    if not key_id or not key_secret:
        missing = SECRET_VARIABLE if key_id else KEY_VARIABLE
        present = KEY_VARIABLE if key_id else SECRET_VARIABLE
        raise UsageError(
            f"{present} is set but {missing} is not; both are needed, so set both or neither"
        )
    for value, variable in ((key_id, KEY_VARIABLE), (key_secret, SECRET_VARIABLE)):
        if not value.isprintable():
            raise UsageError(
                f"{variable} holds a character that does not print; set it again, in one line"
            )
    return AccessKey(key_id, key_secret)


def _read(path: Path) -> str:
    try:
        # No server takes a header of that length.
        text = input_files.read_text(path, 1 << 16).strip()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR):
            # Whoever gives the token itself instead of its file must not find it in a log.
            raise UsageError(
                "cannot read the token file: there is none of that name; what is given is the "
                "name of a file with the token in it"
            ) from None
        raise UsageError(
            f"cannot read the token file {path}: {error.strerror}; give a file that you may read"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the token file {path} is not text; it has to hold the token and nothing else"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"cannot read the token file {path}: {input_files.reason(error)}; "
            "give a file with the token and nothing else"
        ) from error
    if not text:
        raise UsageError(f"the token file {path} is empty; write the token into it")
    return text


def _usable(token: str, origin: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise UsageError(
            f"{origin} holds a token with characters that no header can carry; "
            "copy it again, in one line and without anything around it"
        )
    return token


@dataclass(frozen=True, slots=True)
class Form:
    """A credential that must be refused, as a recipe on the accepted token."""

    access: Access
    make: Callable[[str], str] | None
    """From the accepted token to the header's value; ``None`` sends no header."""


def _header(value: str) -> str:
    return f'"X-Authorization: {value}"'


def granted(*, with_token: bool) -> Access:
    """Return the access of a request that should be let in."""
    if with_token:
        return Access(AccessKind.GRANTED, "the accepted token", _header(f"${VARIABLE}"))
    return Access(AccessKind.GRANTED, "no credential", None)


ABSENT = Form(Access(AccessKind.ABSENT, "no X-Authorization header", None), None)
EMPTY = Form(
    Access(AccessKind.EMPTY, "an empty X-Authorization header", "'X-Authorization;'"), lambda _: ""
)

WORD = "not-a-token"


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


CLAIMS = _encode('{"sub":"conformance","iat":1700000000,"exp":4102444800}')
UNSIGNED = {word: _encode(f'{{"alg":"{word}","typ":"JWT"}}') for word in ("none", "None")}
FORGED = ".".join(
    (_encode('{"alg":"HS256","typ":"JWT"}'), CLAIMS, _encode("signed by nobody, 32 bytes long."))
)


def forms(token: str) -> tuple[Form, ...]:
    """Return every credential that a server which accepts ``token`` must refuse.

    Each differs from the accepted token in meaning, not in spelling alone: a header's surrounding
    blanks are not part of its value (RFC 9110, section 5.5), and the last character of a base64url
    signature may carry no bits, so neither is tried. That also holds of what is made from later
    tokens, be they shorter or of another kind.
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
            _tampered("its letters in the other case", f"${{{VARIABLE}~~}}", _other_case)
        )
    if _is_jwt(token):
        part = f'$(cut -d. -f%d <<<"${VARIABLE}")'
        for word, header in UNSIGNED.items():
            unknown.append(
                _unknown(
                    f"its own claims without a signature (alg {word})",
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
                "its signature under other claims",
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
    place = (token.rfind(".") + 1 + len(token)) // 2 if _is_jwt(token) else len(token) // 2

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
        "the token with a blank inside", f"${{{VARIABLE}::{half}}} ${{{VARIABLE}:{half}}}", split
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
    # Enough to change a signature, whatever a decoder makes of the length.
    return _tampered("the token with more at its end", f"${{{VARIABLE}}}xxxx", lambda v: f"{v}xxxx")


def _another(character: str) -> str:
    # Other than in letter case, which is a form of its own.
    return "B" if character in "Aa" else "A"


def _is_jwt(token: str) -> bool:
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        header = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        return isinstance(json.loads(header), dict)
    except (binascii.Error, ValueError, RecursionError):
        return False


def _within_base64(value: str) -> Iterator[str]:
    """Yield what shows of a text in base64 of more, such as of a name and a password."""
    data = value.encode()
    for before in range(3):
        characters = base64.b64encode(bytes(before) + data).decode()
        yield characters[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


class Secrets:
    """Everything that must not be in an answer or an output, and how to blot it out."""

    def __init__(self, mark: bytes = b"[credential]") -> None:
        self._known: dict[bytes, tuple[bytes, bool]] = {}
        self._plain: dict[bytes, None] = {}
        self._values: dict[bytes, None] = {}
        self._mark = mark

    def add(self, value: str) -> None:
        """Remember a secret, with the signature of a token and the common encodings."""
        if len(value) < SHORTEST_SEARCHED:
            return
        secrets = [value]
        if " " in value:
            # As forms spell it.
            secrets.append(value.replace(" ", "+"))
        if _is_jwt(value):
            signature = value.rpartition(".")[2]
            if len(signature) >= 2 * SHORTEST_SEARCHED:
                secrets.append(signature)
        in_json = json.dumps(value)[1:-1]
        in_base64 = base64.b64encode(value.encode()).rstrip(b"=").decode()
        in_hex = value.encode().hex()
        spellings = [
            *secrets,
            in_base64,
            _encode(value),
            *_within_base64(value),
            in_hex,
            in_hex.upper(),
            value.lower(),
            value.upper(),
            quote(value, safe=""),
            in_json,
            in_json.replace("/", r"\/"),
        ]
        self._known = {}
        for secret in (*secrets, in_base64):
            self._plain[secret.encode()] = None
        for text in spellings:
            self._values[text.encode()] = None

    @property
    def number(self) -> int:
        """How many spellings of secrets are known; more of them may be found in the same data."""
        return len(self._values)

    def blotted(self, data: bytes) -> tuple[bytes, bool]:
        """Replace each secret in ``data``; the second value says whether there was one."""
        # Another thread may add a secret meanwhile, which begins with nothing known.
        known = self._known
        result = known.get(data)
        if result is None:
            result = self._blotted(data)
            if len(data) <= REPEATED_TEXT and len(known) < MOST_KNOWN:
                known[data] = result
        return result

    def _blotted(self, data: bytes) -> tuple[bytes, bool]:
        before = data
        # The longest first: one secret may hold another.
        for value in sorted(self._values, key=len, reverse=True):
            data = data.replace(value, self._mark)
        for value in sorted(self._plain, key=len, reverse=True):
            data = self._replaced(data, spelling.spans(data, value))
        if len(data) <= SHORT_TEXT:
            for value in sorted(self._values, key=len, reverse=True):
                data = self._replaced(data, spelling.cut_spans(data, value, SHORTEST_SEARCHED))
        return data, data != before

    def _replaced(self, data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
        for begin, end in reversed(list(spans)):
            data = data[:begin] + self._mark + data[end:]
        return data
