"""Undo escapes and encodings in data, with the origin of every byte.

JSON, XML, URLs and programming languages escape special characters. Libraries differ in which
characters they escape, and escapes may be nested.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

ROUNDS = 3
"""Levels of nested escapes that are undone."""
WIDEST = 14
"""Maximum bytes of one escaped character, with a margin."""
CHUNK = 1 << 16
"""Bytes that are read at once: the origins of their bytes take about 40 times as much memory."""

Reading = tuple[bytes, Sequence[int]]
"""Data with escapes undone, and for each byte and the end where it comes from."""


@dataclass(frozen=True, slots=True)
class Escape:
    """A way to escape: the form of one escaped character.

    If there is a ``run``, only characters within such a sequence are escaped.
    """

    unit: re.Pattern[bytes]
    run: re.Pattern[bytes] | None = None

    def undone(self, data: bytes) -> bytes:
        """Return data with the escaped characters as they are meant."""
        if self.run is None:
            return self.unit.sub(_meaning, data)
        return self.run.sub(lambda run: self.unit.sub(_meaning, run[0]), data)

    def found(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Yield the escaped characters in data."""
        if self.run is None:
            yield from self.unit.finditer(data)
            return
        for run in self.run.finditer(data):
            yield from self.unit.finditer(data, *run.span())


_HEX = rb"(?:0[xX])?[0-9A-Fa-f]{2}"
_BETWEEN = rb"[ :;,._-]{1,2}"
WRITTEN: tuple[Escape, ...] = (
    Escape(re.compile(rb"%[0-9A-Fa-f]{2}")),
    Escape(re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+|\\x[0-9A-Fa-f]{2}|\\[nr!-/:-@\[-`{-~]")),
    Escape(re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")),
    Escape(re.compile(rb"~[01]")),
)
"""Escapes of URLs, of JSON, Markdown and programming languages, of XML and of JSON pointers: what
software does to a value that it writes. They are undone separately, since the text of one may be
the beginning of another."""
WRAPPED: tuple[Escape, ...] = (*WRITTEN, Escape(re.compile(rb"\r?\n")))
"""The same, and ends of lines, which cut long values in pieces (as in MIME)."""
DISGUISED: tuple[Escape, ...] = (
    *WRITTEN,
    Escape(re.compile(rb"=(?:[0-9A-Fa-f]{2}|\r?\n)")),
    Escape(
        re.compile(rb"%b(?:%b(?=%b(?![0-9A-Za-z])))?" % (_HEX, _BETWEEN, _HEX)),
        re.compile(rb"(?<![0-9A-Za-z])(?:%b%b){7,}%b(?![0-9A-Za-z])" % (_HEX, _BETWEEN, _HEX)),
    ),
)
"""The same, and what is done to a value on purpose: quoted-printable (RFC 2045, section 6.7), and
hexadecimal bytes with something between them."""
_LETTERS = {b"\\n": b"\n", b"\\r": b"\r", b"~0": b"~", b"~1": b"/"}


def readings(
    data: bytes, escapes: Sequence[Escape], wanted: Collection[bytes]
) -> Iterator[Reading]:
    """Yield data as it is and with escapes undone: the readings that contain a wanted text."""
    seen: dict[bytes, tuple[Escape, ...]] = {data: ()}
    row = [data]
    for last in range(ROUNDS + 1):
        following = []
        for plain in row:
            if any(text in plain for text in wanted):
                yield _with_origins(data, seen[plain])
            for escape in escapes if last < ROUNDS else ():
                undone = escape.undone(plain)
                if undone not in seen:
                    seen[undone] = (*seen[plain], escape)
                    following.append(undone)
        row = following


def _with_origins(data: bytes, undoing: Iterable[Escape]) -> Reading:
    reading: Reading = data, range(len(data) + 1)
    for escape in undoing:
        reading = _undone(reading, escape)
    return reading


def chunks(begin: int, end: int, reach: int) -> Iterator[tuple[int, int]]:
    """Cut a range so that whatever is at most ``reach`` long is within one of the pieces."""
    step = max(CHUNK, reach)
    while begin < end:
        yield begin, min(end, begin + step + reach)
        begin += step


def _undone(reading: Reading, escape: Escape) -> Reading:
    plain, places = reading
    undone = bytearray()
    came_from: list[int] = []
    last = 0
    for match in escape.found(plain):
        meant = _meant(match[0])
        came_from += places[last : match.start()]
        undone += plain[last : match.start()]
        came_from += [places[match.start()]] * len(meant)
        undone += meant
        last = match.end()
    came_from += places[last:]
    undone += plain[last:]
    return bytes(undone), came_from


def _meaning(match: re.Match[bytes]) -> bytes:
    return _meant(match[0])


@lru_cache(maxsize=4096)
def _meant(escape: bytes) -> bytes:
    if escape in _LETTERS:
        return _LETTERS[escape]
    first = escape[:1]
    if first == b"&":
        return html.unescape(escape.decode()).encode("utf-8", "surrogatepass")
    if escape.startswith(b"\\u"):
        units = bytes.fromhex(escape.decode().replace("\\u", ""))
        return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    if first == b"\\" and escape[1:2] != b"x":
        return escape[1:]
    if escape.endswith(b"\n"):
        return b""
    digits = escape.lstrip(b"%=\\x") if first in b"%=\\" else _FIRST_BYTE.sub(rb"\1", escape)
    return bytes.fromhex(digits.decode())


_FIRST_BYTE = re.compile(rb"(?:0[xX])?([0-9A-Fa-f]{2}).*", re.DOTALL)
