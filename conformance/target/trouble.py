"""Transient trouble in words, and what a server asks for in it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from conformance.evidence.exchange import TRANSIENT_STATUSES, Exchange

WORDS = {
    "unreachable": ("failed connection", "failed connections"),
    "tls": ("failed TLS handshake", "failed TLS handshakes"),
    "not-http": ("answer that was not HTTP", "answers that were not HTTP"),
    "timeout": ("timeout", "timeouts"),
    "closed": ("lost connection", "lost connections"),
    "cut-short": ("answer cut short", "answers cut short"),
}
"""Singular and plural of trouble without a status, by its kind."""

_SECONDS = re.compile(r"[0-9]+")


class Tally:
    """What was met: trouble that ``passed``, and trouble that ``stayed``, by kind."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.stayed: Counter[str] = Counter()
        self._open: Counter[str] = Counter()

    def add_passing(self, met: Mapping[str, int], *, over: bool) -> None:
        """Count what one request met; if it is not ``over``, it is once the next one says so."""
        self._open.update(met)
        if over:
            self.passed.update(self._open)
            self._open.clear()

    def add_lasting(self, met: Mapping[str, int]) -> None:
        """Count what a request met that was given up."""
        self.stayed.update(met)

    def notes(self, waited: float, spacing: float) -> list[str]:
        """Return what to tell a reader; ``waited`` in all and ``spacing`` are in seconds."""
        notes = []
        if self.passed:
            notes.append(
                f"Transient trouble was waited out: {in_words(self.passed)}; "
                f"{waited:.1f} s of waiting in all."
            )
        if self.stayed:
            notes.append(
                "Requests with refused credentials or to other endpoints met "
                f"{in_words(self.stayed)}, which did not pass; they are not judged by it."
            )
        if spacing:
            notes.append(
                "The server limits the rate of requests: they were sent up to "
                f"{spacing:.2f} s apart."
            )
        return notes


def kind_of(exchange: Exchange) -> str:
    """Return the kind of an exchange's trouble: a status, or the value of a ``TroubleKind``."""
    if exchange.trouble is None or exchange.status in TRANSIENT_STATUSES:
        return str(exchange.status)
    return str(exchange.trouble.kind)


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts of trouble by kind as text, the most frequent first."""
    parts = []
    for kind, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        singular, plural = WORDS.get(kind, (f"time {kind}", f"times {kind}"))
        parts.append(f"{number} {singular if number == 1 else plural}")
    return ", ".join(parts)


def retry_after(exchange: Exchange, clock: Callable[[], float] = time.time) -> float | None:
    """Return the seconds for which a 429 or 503 asks to wait, or ``None`` if it does not say.

    A date is taken relative to the server's own ``Date``, so that a clock that is wrong on either
    side does no harm; one that has passed asks for no wait.
    """
    if exchange.status not in (429, 503):
        return None
    value = (exchange.header("retry-after") or "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _time(value)
    if until is None:
        return None
    now = _time(exchange.header("date") or "")
    return max(0.0, until - (clock() if now is None else now))


def _time(value: str) -> float | None:
    # Without a time of day it is no date of HTTP, though it may be read as one.
    if ":" not in value:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
