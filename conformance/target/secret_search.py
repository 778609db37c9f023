"""Finding secrets in data, even if some of their characters are escaped or encoded.

JSON, XML, URLs and programming languages escape special characters. Libraries differ in which
characters they escape, and escapes may be nested. None of them escapes letters and digits.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

ROUNDS = 3
"""Levels of nested escapes that are undone."""
WIDEST = 14
"""Maximum bytes of one escaped character, with a margin."""
_RUN = re.compile(rb"[0-9A-Za-z]+")
_ESCAPES = (
    re.compile(rb"%[0-9A-Fa-f]{2}"),
    re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+|\\x[0-9A-Fa-f]{2}|\\[\"'\\/&<>+=]"),
    re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"),
)
"""Escapes of URLs, of JSON and programming languages, and of XML. They are undone separately, since
the text of one may be the beginning of another."""
_ELLIPSIS = "…".encode()
_Reading = tuple[bytes, Sequence[int]]
SHORTEST_ANCHOR = 4
"""Letters and digits in a row that a text needs to be searched for in escaped form."""


def spans(data: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of each occurrence of a text in data, escaped or not."""
    anchor = max(_RUN.findall(text), key=len, default=b"")
    if len(anchor) < SHORTEST_ANCHOR:
        return
    reach = WIDEST * len(text)
    done = 0
    place = data.find(anchor)
    while place >= 0:
        begin = max(done, place - reach)
        found = _around(place - begin, data[begin : place + reach], text)
        if found is not None:
            done = begin + found[1]
            yield begin + found[0], done
        place = data.find(anchor, max(place + 1, done))


def cut_spans(data: bytes, text: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each truncated occurrence of a text, escaped or not.

    Such an occurrence has at least the first ``least`` bytes of the text, followed by an ellipsis.
    The spans do not include the ellipsis.
    """
    end = data.find(_ELLIPSIS)
    while end >= 0:
        begin = max(0, end - WIDEST * len(text))
        for plain, places in _readings(data[begin:end]):
            longest = min(len(plain), len(text))
            sizes = range(longest, least - 1, -1)
            size = next((size for size in sizes if plain.endswith(text[:size])), 0)
            if size:
                yield begin + places[len(plain) - size], end
                break
        end = data.find(_ELLIPSIS, end + 1)


def _around(anchor: int, window: bytes, text: bytes) -> tuple[int, int] | None:
    """Return start and end of the occurrence in a window that covers ``anchor``, if any."""
    for plain, places in _readings(window):
        found = plain.find(text)
        while found >= 0:
            begin, end = places[found], places[found + len(text)]
            if begin <= anchor < end:
                return begin, end
            found = plain.find(text, found + 1)
    return None


def _readings(window: bytes) -> Iterator[_Reading]:
    """Yield a window raw and with escapes undone, each with the origin of every byte."""
    row: list[_Reading] = [(window, range(len(window) + 1))]
    for _ in range(ROUNDS):
        yield from row
        row = [read for one in row for escape in _ESCAPES if (read := _read(one, escape))]
    yield from row


def _read(reading: _Reading, escape: re.Pattern[bytes]) -> _Reading | None:
    plain, places = reading
    read = bytearray()
    came_from: list[int] = []
    last = 0
    for match in escape.finditer(plain):
        meant = _meant(match[0])
        came_from += places[last : match.start()]
        read += plain[last : match.start()]
        came_from += [places[match.start()]] * len(meant)
        read += meant
        last = match.end()
    if not last:
        return None
    came_from += places[last:]
    read += plain[last:]
    return bytes(read), came_from


def _meant(escape: bytes) -> bytes:
    word = escape.decode()
    if word.startswith(("%", "\\x")):
        return bytes.fromhex(word[-2:])
    if word.startswith("\\u"):
        units = bytes.fromhex(word.replace("\\u", ""))
        return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    if word.startswith("\\"):
        return word[1:].encode()
    return html.unescape(word).encode("utf-8", "surrogatepass")


SHORTEST_SEARCHED = 8
"""Characters; a shorter credential would occur in responses by coincidence."""
REPEATED_TEXT = 1 << 20
MOST_KNOWN = 64
"""Maximum size and number of the bodies whose results are cached: most responses are equal."""
SHORT_TEXT = 10_000
"""Maximum bytes of a text that is searched for truncated secrets."""


def base64url(content: str | bytes) -> str:
    """Return a text or bytes in the base64 of JSON Web Tokens: URL-safe, without padding."""
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_jwt(token: str) -> bool:
    """Whether a token is in the compact form of RFC 7519, with a JSON object as its header."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        header = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        return isinstance(json.loads(header), dict)
    except (binascii.Error, ValueError, RecursionError):
        return False


def _within_base64(value: str) -> Iterator[str]:
    """Yield the base64 of a text inside a longer one, such as a name and a password."""
    data = value.encode()
    for before in range(3):
        characters = base64.b64encode(bytes(before) + data).decode()
        yield characters[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


class Secrets:
    """A set of secrets, and redacting them from data."""

    def __init__(self, mark: bytes = b"[credential]") -> None:
        self._known: dict[bytes, tuple[bytes, bool]] = {}
        self._plain: dict[bytes, None] = {}
        self._values: dict[bytes, None] = {}
        self._mark = mark

    def add(self, value: str) -> None:
        """Add a secret, with the signature if it is a token, in the common encodings."""
        if len(value) < SHORTEST_SEARCHED:
            return
        secrets = [value]
        if " " in value:
            # The encoding of HTML forms.
            secrets.append(value.replace(" ", "+"))
        if is_jwt(value):
            signature = value.rpartition(".")[2]
            if len(signature) >= 2 * SHORTEST_SEARCHED:
                secrets.append(signature)
        in_json = json.dumps(value)[1:-1]
        in_base64 = base64.b64encode(value.encode()).rstrip(b"=").decode()
        in_hex = value.encode().hex()
        spellings = [
            *secrets,
            in_base64,
            base64url(value),
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
        self._plain.update((secret.encode(), None) for secret in (*secrets, in_base64))
        self._values.update((text.encode(), None) for text in spellings)

    @property
    def number(self) -> int:
        """Number of known spellings; if it grows, data must be searched again."""
        return len(self._values)

    def redacted(self, data: bytes) -> tuple[bytes, bool]:
        """Replace each secret in ``data``; the second value is whether there was one."""
        # Another thread may add a secret meanwhile, which replaces the cache.
        known, before = self._known, data
        if data in known:
            return known[data]
        # The longest first: one secret may contain another.
        for value in sorted(self._values, key=len, reverse=True):
            data = data.replace(value, self._mark)
        for value in sorted(self._plain, key=len, reverse=True):
            data = self._replaced(data, spans(data, value))
        if len(data) <= SHORT_TEXT:
            for value in sorted(self._values, key=len, reverse=True):
                data = self._replaced(data, cut_spans(data, value, SHORTEST_SEARCHED))
        result = data, data != before
        if len(before) <= REPEATED_TEXT and len(known) < MOST_KNOWN:
            known[before] = result
        return result

    def _replaced(self, data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
        for begin, end in reversed(list(spans)):
            data = data[:begin] + self._mark + data[end:]
        return data
