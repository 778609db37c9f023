"""Describing transient failures, and reading how long a server asks to wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from conformance.evidence.exchange import Exchange
from conformance.evidence.transient_statuses import TRANSIENT_STATUSES

WORDS = {
    "unreachable": ("failed connection", "failed connections"),
    "tls": ("failed TLS handshake", "failed TLS handshakes"),
    "not-http": ("response that was not HTTP", "responses that were not HTTP"),
    "timeout": ("timeout", "timeouts"),
    "closed": ("lost connection", "lost connections"),
    "cut-short": ("truncated response", "truncated responses"),
}
"""Singular and plural for failures without a status, by ``TroubleKind``."""


class Tally:
    """Counts of transient failures by kind: those that ``passed`` and those that ``stayed``."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.stayed: Counter[str] = Counter()
        self._open: Counter[str] = Counter()

    def add_passing(self, met: Mapping[str, int], *, over: bool) -> None:
        """Count the failures of one request; unless ``over``, they pass when a later one does."""
        self._open.update(met)
        if over:
            self.passed.update(self._open)
            self._open.clear()

    def notes(self, waited: float, spacing: float) -> list[str]:
        """Return notes for the report; ``waited`` (in total) and ``spacing`` are in seconds."""
        notes = []
        if self.passed:
            notes.append(
                f"Transient failures were retried: {in_words(self.passed)}; "
                f"{waited:.1f} s of waiting in total."
            )
        if self.stayed:
            notes.append(
                "Requests with refused credentials or to other endpoints kept failing "
                f"({in_words(self.stayed)}); these failures are not judged."
            )
        if spacing:
            notes.append(
                "The server limits the request rate: requests were sent up to "
                f"{spacing:.2f} s apart."
            )
        return notes


def kind_of(exchange: Exchange) -> str:
    """Return the kind of a failure: its status, or the value of its ``TroubleKind``."""
    if exchange.trouble is None or exchange.status in TRANSIENT_STATUSES:
        return str(exchange.status)
    return str(exchange.trouble.kind)


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts of failures by kind as text, the most frequent first."""
    parts = []
    for kind, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        other = (f"response with status {kind}", f"responses with status {kind}")
        parts.append(f"{number} {WORDS.get(kind, other)[number != 1]}")
    return ", ".join(parts)


def retry_after(exchange: Exchange, clock: Callable[[], float] = time.time) -> float | None:
    """Return the seconds that a 429, 503 or 529 asks to wait, or ``None`` if it does not.

    A date is compared with the server's own ``Date`` header, so that a wrong clock on either side
    does not matter. No seconds, and a date in the past, are no wait.
    """
    if exchange.status not in (429, 503, 529):
        return None
    value = (exchange.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value) or None
    until, now = _time(value), _time(exchange.header("date") or "")
    left = 0.0 if until is None else until - (clock() if now is None else now)
    return left if left > 0 else None


def _time(value: str) -> float | None:
    # An HTTP date has a time of day; the parser would accept dates without one.
    if ":" not in value:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
