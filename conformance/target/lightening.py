"""What is kept of large answers, so that many of them fit into memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from conformance.evidence.exchange import Exchange
from conformance.target.large_answers import LARGE, Reader


class Lightener:
    """Reads large listings and drops their bodies; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader = Reader()
        self._bodies: dict[bytes, bytes] = {}

    def lightened(self, exchange: Exchange) -> Exchange:
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
