"""Decode the responses of a run, each distinct element once.

A filtered listing repeats elements of the unfiltered one. The text of each element is therefore
looked up first and decoded only if it is new, so that all responses together need hardly more
memory than the largest one.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import islice

import msgspec

from conformance.core import media_type, strict_json
from conformance.core.strict_json import (
    DEEPEST,
    LONGEST_NAME,
    MOST_KEPT_BYTES,
    MOST_KEPT_VALUES,
    MOST_REPEATED,
    TOO_MANY_KEPT,
    Decoded,
    Element,
    StrictDecoder,
    digest_of,
)
from conformance.core.text import pointer
from conformance.evidence.exchange import Exchange
from conformance.target.limits import too_large

LARGE = 128 << 10
"""Size in bytes above which the body of a listing is dropped once it is decoded."""
LONGEST_KEY = 1024
"""Most bytes of an element that is found again by its text rather than by a digest of it."""
_SLICER = msgspec.json.Decoder(list[msgspec.Raw])


class ResponseStore:
    """Decodes the responses of one run; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoded: dict[bytes, Decoded] = {}
        self._elements: dict[bytes, Element] = {}
        self._bodies: dict[bytes, bytes] = {}
        self._decoder = StrictDecoder()
        self._values = 0
        self._size = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the report on what was decoded in part only."""
        with self._lock:
            readings = tuple(self._decoded.values())
        notes = []
        if any(reading.shortened for reading in readings):
            notes.append(
                f"Names of fields are longer than {LONGEST_NAME:,} characters; of each, only the "
                "beginning was searched."
            )
        if any(len(reading.repeated) >= MOST_REPEATED for reading in readings):
            notes.append(
                f"A response repeats {MOST_REPEATED:,} fields or more; only the first ones count."
            )
        if any(reading.error == TOO_MANY_KEPT for reading in readings):
            notes.append(f"Responses were not judged: {TOO_MANY_KEPT}.")
        return tuple(notes)

    def stored(self, exchange: Exchange) -> Exchange:
        """Decode a 200 response; drop the body of a large listing, keep equal ones only once.

        Raises:
            CannotTest: the bodies that have to be kept are too large.
        """
        body = exchange.body
        large = len(body) > LARGE
        if exchange.ok:
            with self._lock:
                reading = self.read(body, exchange.digest)
            # With another charset, a check needs the body to compare encodings.
            plain = media_type.parse(exchange.header("content-type") or "").is_utf_8
            judged = isinstance(reading.value, list) or reading.exceeds_limits
            dropped = large and plain and judged
            exchange = replace(
                exchange, body=b"" if dropped else body, reading=reading, size=len(body)
            )
        if large and exchange.body:
            return replace(exchange, body=self._once(body))
        return exchange

    def _once(self, body: bytes) -> bytes:
        with self._lock:
            if body not in self._bodies:
                if self._size + len(body) > MOST_KEPT_BYTES:
                    raise too_large(MOST_KEPT_BYTES)
                self._size += len(body)
                self._bodies[body] = body
            return self._bodies[body]

    def read(self, body: bytes, digest: bytes = b"") -> Decoded:
        """Decode a body as ``decode`` does; equal bodies, and equal elements, give one object."""
        digest = digest or digest_of(body)
        if digest not in self._decoded:
            try:
                self._decoded[digest] = self._read(body, digest)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                # Decoding the whole body reports what is wrong, and where.
                self._decoded[digest] = self._whole(body, digest)
        return self._decoded[digest]

    def _whole(self, body: bytes, digest: bytes) -> Decoded:
        if self._is_too_much(body) and not strict_json.has_too_many_values(body):
            return Decoded(error=TOO_MANY_KEPT, digest=digest)
        decoded = strict_json.decode(body, digest)
        if decoded.error is None:
            self._keep(body)
        return decoded

    def _is_too_much(self, text: bytes) -> bool:
        return (
            self._values + strict_json.most_values(text) > MOST_KEPT_VALUES
            or self._size + len(text) > MOST_KEPT_BYTES
        )

    def _keep(self, text: bytes) -> None:
        self._values += strict_json.most_values(text)
        self._size += len(text)

    def _read(self, body: bytes, digest: bytes) -> Decoded:
        if strict_json.has_too_many_values(body):
            raise ValueError(strict_json.TOO_MANY_VALUES)
        value: list[Element] = []
        for text in map(bytes, _SLICER.decode(body)):
            key = text if len(text) <= LONGEST_KEY else digest_of(text)
            if key not in self._elements:
                if self._is_too_much(text):
                    raise ValueError(TOO_MANY_KEPT)
                self._elements[key] = self._element(text)
                self._keep(text)
            value.append(self._elements[key])
        repeated = (
            pointer(place) + inner
            for place, element in enumerate(value)
            for inner in element.repeated
        )
        return Decoded(
            value,
            None,
            tuple(islice(repeated, MOST_REPEATED)),
            digest=digest,
            shortened=self._decoder.shortened,
        )

    def _element(self, text: bytes) -> Element:
        plain = text.decode()
        value = self._decoder.loads(plain)
        # Inside the array it is nested one level deeper.
        if not isinstance(value, dict) or strict_json.is_deeper(plain, value, DEEPEST - 1):
            raise ValueError("not an array of plain objects")
        return Element(value, self._decoder.repeated(value))
