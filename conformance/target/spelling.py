"""Finding a text in data in which some of its characters are escaped, in whatever way.

JSON, XML, URLs and programming languages spell a character that means something to them otherwise,
each library another set of them, and one escape may stand inside another. Letters and digits are
left as they are by all of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

ROUNDS = 3
"""Escapes within escapes that are undone."""
WIDEST = 14
"""Bytes that one character takes when it is escaped, with some to spare."""
_RUN = re.compile(rb"[0-9A-Za-z]+")
_ESCAPES = (
    re.compile(rb"%[0-9A-Fa-f]{2}"),
    re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+|\\x[0-9A-Fa-f]{2}|\\[\"'\\/&<>+=]"),
    re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"),
)
"""Of URLs, of JSON and programming languages, and of XML; each by itself, since one may read as
the beginning of another."""
_ELLIPSIS = "…".encode()
_Reading = tuple[bytes, Sequence[int]]
SHORTEST_ANCHOR = 4
"""Letters and digits in a row; where a text has no more, it is not looked for escaped."""


def spans(data: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a text stands in data, escaped or not: its beginning and its end."""
    anchor = max(_RUN.findall(text), key=len, default=b"")
    if len(anchor) < SHORTEST_ANCHOR:
        return
    reach = WIDEST * len(text)
    done = 0
    place = data.find(anchor)
    while place >= 0:
        if place >= done:
            begin = max(done, place - reach)
            found = _around(place - begin, data[begin : place + reach], text)
            if found is not None:
                done = begin + found[1]
                yield begin + found[0], done
        following = max(place + 1, done)
        place = data.find(anchor, following) if following < len(data) else -1


def cut_spans(data: bytes, text: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Yield where an ellipsis follows the first ``least`` or more bytes of a text, escaped or not.

    The spans are without the ellipsis.
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
    """Return where the text stands in a window of which ``anchor`` is a part, if it does."""
    for plain, places in _readings(window):
        found = plain.find(text)
        while found >= 0:
            begin, end = places[found], places[found + len(text)]
            if begin <= anchor < end:
                return begin, end
            found = plain.find(text, found + 1)
    return None


def _readings(window: bytes) -> Iterator[_Reading]:
    """Yield a window as it is and with its escapes undone, with where each byte came from."""
    row: list[_Reading] = [(window, range(len(window) + 1))]
    for _ in range(ROUNDS):
        yield from row
        row = [
            read
            for reading in row
            for escape in _ESCAPES
            if (read := _read(reading, escape)) is not None
        ]
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
