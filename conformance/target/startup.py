"""Waiting for a server to come up (``run --wait``)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from conformance.core.text import counted
from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.target.arguments import not_negative
from conformance.target.trouble import in_words, kind_of, retry_after

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 2.0
LONGEST_ASKED = 10.0
"""Maximum seconds between two attempts if the server asks for a pause."""
SHORTEST = 0.5
"""Minimum timeout in seconds of an attempt, even if less time is left."""
NOT_YET = frozenset({502, 503, 504})
"""Statuses that a gateway returns while the server behind it is not up."""
SILENT = frozenset({TroubleKind.UNREACHABLE, TroubleKind.CLOSED, TroubleKind.TIMEOUT})
"""Failures without any response. Port forwarders accept connections and then close them."""


class Reachable(Protocol):
    """A server that can be probed, such as a ``Target``."""

    @property
    def interval(self) -> float:
        """Minimum seconds between two requests."""

    def probe_once(self, timeout: float) -> Exchange:
        """Send one request with this timeout in seconds."""


def checked(seconds: float) -> float:
    """Return the time to wait in seconds, which may be 0.

    Raises:
        UsageError: it is negative, or a day or longer.
    """
    return not_negative(seconds, "the time to wait")


def until_answered(
    server: Reachable,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until a server responds over HTTP, and return a note about it for the report.

    The wait continues after refused connections, unknown host names, connections closed without a
    response, timeouts, and statuses 502, 503 and 504. Anything else ends it.

    Args:
        server: the server to wait for.
        seconds: maximum time to wait.
        clock: returns the time in seconds.
        sleep: waits for a number of seconds.

    Raises:
        CannotTest: the server did not respond in time.
    """
    began = clock()
    pause = FIRST_PAUSE
    met: Counter[str] = Counter()
    while True:
        left = seconds - (clock() - began)
        exchange = server.probe_once(max(left, SHORTEST))
        if not _silent(exchange):
            return _note(clock() - began, met)
        met[kind_of(exchange)] += 1
        asked = retry_after(exchange) or 0.0
        wanted = max(pause, min(asked, LONGEST_ASKED), server.interval)
        left = seconds - (clock() - began)
        if left <= server.interval:
            raise CannotTest(
                f"the server did not respond within {seconds:g} s (--wait): {in_words(met)}; "
                f"the last result was: {_last(exchange)}; start it earlier or wait longer"
            )
        # The last attempt is made exactly at the end of the time.
        sleep(min(wanted, left))
        pause = min(pause * 2, LONGEST_PAUSE)


def _silent(exchange: Exchange) -> bool:
    if exchange.status:
        return exchange.status in NOT_YET
    return exchange.trouble is not None and exchange.trouble.kind in SILENT


def _last(exchange: Exchange) -> str:
    if exchange.trouble is not None and not exchange.status:
        return exchange.trouble.reason
    return f"status {exchange.status}"


def _note(waited: float, met: Counter[str]) -> str:
    requests = counted(sum(met.values()) + 1, "request")
    if not met:
        return f"The server responded at once (--wait, {requests})."
    return f"The server responded after {waited:.1f} s (--wait, {requests}): {in_words(met)}."
