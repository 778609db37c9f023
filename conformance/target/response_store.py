"""Decode the responses of a run, each distinct element once.

A filtered listing repeats elements of the unfiltered one. The text of each element is therefore
looked up first and decoded only if it is new, so that all responses together need hardly more
memory than the largest one.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import msgspec

from conformance.core import media_type, strict_json
from conformance.core.strict_json import DEEPEST, Decoded, Element, StrictDecoder, digest_of
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
                self._decoded[digest] = strict_json.decode(body, digest)
        return self._decoded[digest]

    def _read(self, body: bytes, digest: bytes) -> Decoded:
        if strict_json.has_too_many_values(body):
            raise ValueError(strict_json.TOO_MANY_VALUES)
        value: list[Element] = []
        for text in map(bytes, _SLICER.decode(body)):
            if text not in self._elements:
                self._elements[text] = self._element(text)
            value.append(self._elements[text])
        repeated = (
            pointer(place) + inner
            for place, element in enumerate(value)
            for inner in element.repeated
        )
        return Decoded(value, None, tuple(repeated), digest=digest)

    def _element(self, text: bytes) -> Element:
        value = self._decoder.loads(text.decode())
        # Inside the array it is nested one level deeper.
        if not isinstance(value, dict) or text.count(b"[") + text.count(b"{") >= DEEPEST:
            raise ValueError("not an array of plain objects")
        return Element(value, self._decoder.repeated(value))
