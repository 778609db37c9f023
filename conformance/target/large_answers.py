"""Reading large answers: element by element, and equal elements once for all answers of a run.

A filtered view of a hundred thousand providers repeats what the unfiltered one said of them. Here
the text of each element is looked up first, and decoded, as any other JSON is, where it was not met
before. So all answers together need hardly more memory than the largest of them, and elements that
are the same object need not be compared.
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from conformance.core.strict_json import DEEPEST, MOST_VALUES, Decoded, Strictly, decode
from conformance.core.text import pointer
from conformance.evidence.exchange import Exchange

LARGE = 128 << 10
"""Bytes of an answer beyond which it is read like this, and whatever is read after it."""
LONGEST_ELEMENT = 1 << 20
"""Bytes; what is longer is no provider, and such an answer is read as a whole."""
MOST_OPENINGS = 8
LONGEST_OPENING = 200
"""Bytes of the beginning of an element with the name of its first member, and how many are known:
it depends on which members are left out."""
_FIRST = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*")
_OPENING = re.compile(rb'\{[ \t\r\n]{0,20}"[^"\\]{1,100}"[ \t\r\n]{0,20}:')
_BLANK = re.compile(r"[ \t\r\n]*(?:(,)[ \t\r\n]*)?")
_END = re.compile(rb"[ \t\r\n]*\][ \t\r\n]*\Z")
_BETWEEN = rb"\}[ \t\r\n]*,[ \t\r\n]*(?=%s)"


_THRESHOLD = -3
"""What the C library calls M_MMAP_THRESHOLD."""
_BYTES = 1 << 20


@cache
def give_back() -> None:
    """Let every buffer of a megabyte or more have memory of its own, which goes when it does.

    The C library of Linux would keep what was freed once for the next one, for each thread, and
    answers of different sizes would leave holes in it. Elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_THRESHOLD, _BYTES)


class _NotPlain(Exception):
    """The answer is to be read as a whole: it is no array of objects, or something is wrong."""


class Reader:
    """Reads the large answers of one run; not to be used from several threads at once."""

    def __init__(self) -> None:
        self._answers: dict[bytes, Decoded] = {}
        self._elements: dict[int, dict[str, Any]] = {}
        self._repeated: dict[int, tuple[str, ...]] = {}
        self._strictly = Strictly(sharing=True)
        self._openings: dict[bytes, None] = {}

    @property
    def used(self) -> bool:
        """Whether anything was read, with which what comes can share its elements."""
        return bool(self._answers)

    def read(self, body: bytes, digest: bytes = b"") -> Decoded:
        """Decode a body as ``decode`` would; equal bodies come to the same object.

        ``digest`` is that of ``digest_of``, if it is known.
        """
        digest = digest or digest_of(body)
        if digest not in self._answers:
            try:
                self._answers[digest] = self._read(body)
            except (_NotPlain, ValueError, RecursionError):
                # What is wrong with it, and where, only the whole can tell.
                self._answers[digest] = decode(body)
        return self._answers[digest]

    def _read(self, body: bytes) -> Decoded:
        if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_VALUES:
            raise _NotPlain
        value: list[dict[str, Any]] = []
        repeated: list[str] = []
        known = self._elements
        pieces = self._pieces(body)
        for start, end in pieces:
            # Of a hundred million texts two may share a hash by chance; nobody can choose it.
            element = known.get(hash(body[start:end]))
            for found in [element] if element is not None else self._new(body, start, end, pieces):
                if self._repeated:
                    place = pointer(len(value))
                    repeated += (place + inner for inner in self._repeated.get(id(found), ()))
                value.append(found)
        return Decoded(value, None, tuple(repeated))

    def _new(
        self, body: bytes, start: int, end: int, following: Iterator[tuple[int, int]]
    ) -> Iterator[dict[str, Any]]:
        """Yield the elements that begin in a piece, which may need the following ones to end."""
        place = 0
        text = body[start:end].decode("utf-8")
        while True:
            try:
                element, after = self._strictly.scan(text, place)
                if type(element) is not dict or self._strictly.constants:
                    raise _NotPlain
            except ValueError:
                _, end = next(following, (0, 0))
                if not 0 < end - start < LONGEST_ELEMENT:
                    raise _NotPlain from None
                text = body[start:end].decode("utf-8")
                continue
            yield self._once(text[place:after], element)
            between = _BLANK.match(text, after)
            if between is None:
                raise _NotPlain
            place = between.end()
            if (place == len(text)) is bool(between[1]):
                raise _NotPlain
            if place == len(text):
                return
            self._open(_OPENING.match(text[place : place + LONGEST_OPENING].encode("utf-8")))

    def _once(self, text: str, element: dict[str, Any]) -> dict[str, Any]:
        """Return an element, or the one that was made of the same text before."""
        key = hash(text.encode("utf-8"))
        found = self._elements.get(key)
        if found is not None:
            return found
        # Within an array it lies one level deeper.
        if text.count("[") + text.count("{") >= DEEPEST:
            raise _NotPlain
        repeated = self._strictly.repeated(element)
        if repeated:
            self._repeated[id(element)] = repeated
        self._elements[key] = element
        return element

    def _pieces(self, body: bytes) -> Iterator[tuple[int, int]]:
        """Yield where an array of objects is cut: wherever an element may begin as others did.

        Objects within an element may begin so, too, and other elements otherwise, so what is
        between two cuts may be less or more than an element.
        """
        first = _FIRST.match(body)
        end = _END.search(body, max(0, len(body) - 100))
        if first is None or end is None:
            raise _NotPlain
        start = first.end()
        self._open(_OPENING.match(body, start))
        openings = b"|".join(map(re.escape, self._openings))
        for between in re.finditer(_BETWEEN % openings, body):
            yield start, between.start() + 1
            start = between.end()
        yield start, end.start()

    def _open(self, opening: re.Match[bytes] | None) -> None:
        if opening is None:
            raise _NotPlain
        if len(self._openings) < MOST_OPENINGS:
            self._openings[opening[0]] = None


def digest_of(body: bytes) -> bytes:
    """Return what tells a body from any other."""
    return hashlib.sha256(body).digest()


class AnswerStore:
    """Reads large listings and drops their bodies; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader = Reader()
        self._bodies: dict[bytes, bytes] = {}

    def stored(self, exchange: Exchange) -> Exchange:
        """Read a large listing and drop its body; of other large bodies keep equal ones once."""
        if exchange.ok and (len(exchange.body) > LARGE or self._reader.used):
            kind = (exchange.header("content-type") or "").lower()
            # Otherwise the body is to be compared with what it would be in another encoding.
            if "charset" not in kind or "utf-8" in kind:
                with self._lock:
                    light = exchange.read(self._reader.read)
                if light.listing:
                    return light
        if len(exchange.body) <= LARGE:
            return exchange
        return replace(exchange, body=self._bodies.setdefault(exchange.body, exchange.body))
