"""Decoding large responses element by element, sharing equal elements across a run.

A filtered listing of a hundred thousand providers repeats elements of the unfiltered one. The text
of each element is therefore looked up first and decoded only if it is new. All responses together
need hardly more memory than the largest one, and elements that are the same object need no
comparison.
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

from conformance.core.strict_json import DEEPEST, MOST_VALUES, Decoded, StrictDecoder, decode
from conformance.core.text import pointer
from conformance.evidence.exchange import Exchange

LARGE = 128 << 10
"""Size in bytes above which a response is read this way, as are all responses after it."""
LONGEST_ELEMENT = 1 << 20
"""Maximum bytes of an element; a response with a longer one is decoded as a whole."""
MOST_OPENINGS = 8
LONGEST_OPENING = 200
"""Maximum number of known element openings, and bytes searched for one. An opening is the text of
an element up to the name of its first field, which varies if fields are omitted."""
_FIRST = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*")
_OPENING = re.compile(rb'\{[ \t\r\n]{0,20}"[^"\\]{1,100}"[ \t\r\n]{0,20}:')
_BLANK = re.compile(r"[ \t\r\n]*(?:(,)[ \t\r\n]*)?")
_END = re.compile(rb"[ \t\r\n]*\][ \t\r\n]*\Z")
_BETWEEN = rb"\}[ \t\r\n]*,[ \t\r\n]*(?=%s)"


_THRESHOLD = -3
"""``M_MMAP_THRESHOLD`` of the C library."""
_BYTES = 1 << 20


@cache
def release_large_buffers() -> None:
    """Make the C library return buffers of a megabyte or more to the system when they are freed.

    Otherwise glibc keeps freed memory per thread, and responses of different sizes fragment it. On
    systems other than Linux this does nothing.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_THRESHOLD, _BYTES)


class _NotPlain(Exception):
    """The response must be decoded as a whole: not a plain array of objects, or malformed."""


class LargeAnswerReader:
    """Decodes the large responses of one run; not safe to use from several threads."""

    def __init__(self) -> None:
        self._answers: dict[bytes, Decoded] = {}
        self._elements: dict[int, dict[str, Any]] = {}
        self._repeated: dict[int, tuple[str, ...]] = {}
        self._strictly = StrictDecoder(sharing=True)
        self._openings: dict[bytes, None] = {}

    @property
    def used(self) -> bool:
        """Whether a response was read whose elements later ones can share."""
        return bool(self._answers)

    def read(self, body: bytes, digest: bytes = b"") -> Decoded:
        """Decode a body as ``decode`` does; equal bodies give the same object.

        ``digest`` is the result of ``digest_of`` for the body, if already known.
        """
        digest = digest or digest_of(body)
        if digest not in self._answers:
            try:
                self._answers[digest] = self._read(body)
            except (_NotPlain, ValueError, RecursionError):
                # Decoding the whole body reports what is wrong, and where.
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
            # Collisions are unlikely, and hashes are seeded, so a server cannot cause one.
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
        """Yield the elements that begin in a piece; the last may extend into following pieces."""
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
            yield self._shared(text[place:after], element)
            between = _BLANK.match(text, after)
            if between is None:
                raise _NotPlain
            place = between.end()
            if (place == len(text)) is bool(between[1]):
                raise _NotPlain
            if place == len(text):
                return
            self._open(_OPENING.match(text[place : place + LONGEST_OPENING].encode("utf-8")))

    def _shared(self, text: str, element: dict[str, Any]) -> dict[str, Any]:
        """Return the element decoded earlier from the same text, or else this one."""
        key = hash(text.encode("utf-8"))
        found = self._elements.get(key)
        if found is not None:
            return found
        # Inside the array it is nested one level deeper.
        if text.count("[") + text.count("{") >= DEEPEST:
            raise _NotPlain
        repeated = self._strictly.repeated(element)
        if repeated:
            self._repeated[id(element)] = repeated
        self._elements[key] = element
        return element

    def _pieces(self, body: bytes) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each piece of an array of objects.

        The array is cut wherever a known opening follows a comma. Nested objects may have the same
        opening and elements may have others, so a piece may be less or more than an element.
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
    """Return the SHA-256 digest of a body."""
    return hashlib.sha256(body).digest()


class AnswerStore:
    """Decodes large listings and drops their bodies; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader = LargeAnswerReader()
        self._bodies: dict[bytes, bytes] = {}

    def stored(self, exchange: Exchange) -> Exchange:
        """Decode a large listing and drop its body; keep equal large bodies of others only once."""
        if exchange.ok and (len(exchange.body) > LARGE or self._reader.used):
            kind = (exchange.header("content-type") or "").lower()
            # With another charset, a check needs the body to compare encodings.
            if "charset" not in kind or "utf-8" in kind:
                with self._lock:
                    light = exchange.read(self._reader.read)
                if light.listing:
                    return light
        if len(exchange.body) <= LARGE:
            return exchange
        return replace(exchange, body=self._bodies.setdefault(exchange.body, exchange.body))
