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

LARGE = 128 << 10
"""Size in bytes above which the body of a listing is dropped once it is decoded."""
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
        """Decode a 200 response; drop the body of a large listing, keep equal ones only once."""
        body = exchange.body
        large = len(body) > LARGE
        if exchange.ok:
            with self._lock:
                reading = self.read(body, exchange.digest)
            # With another charset, a check needs the body to compare encodings.
            plain = media_type.parse(exchange.header("content-type") or "").is_utf_8
            dropped = large and plain and isinstance(reading.value, list)
            exchange = replace(
                exchange, body=b"" if dropped else body, reading=reading, size=len(body)
            )
        if large and exchange.body:
            return replace(exchange, body=self._bodies.setdefault(body, body))
        return exchange

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
        values = self._values + strict_json.most_values(body)
        if values > MOST_KEPT_VALUES and not strict_json.has_too_many_values(body):
            return Decoded(error=TOO_MANY_KEPT, digest=digest)
        decoded = strict_json.decode(body, digest)
        if decoded.error is None:
            self._values = values
        return decoded

    def _read(self, body: bytes, digest: bytes) -> Decoded:
        if strict_json.has_too_many_values(body):
            raise ValueError(strict_json.TOO_MANY_VALUES)
        value: list[Element] = []
        for text in map(bytes, _SLICER.decode(body)):
            if text not in self._elements:
                values = self._values + strict_json.most_values(text)
                if values > MOST_KEPT_VALUES:
                    raise ValueError(TOO_MANY_KEPT)
                self._elements[text] = self._element(text)
                self._values = values
            value.append(self._elements[text])
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
