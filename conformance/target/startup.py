"""Waiting for a server to come up (``run --wait``)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from conformance.core.text import counted
from conformance.errors import CannotTest
from conformance.evidence.exchange import TroubleKind
from conformance.evidence.transient_statuses import OF_GATEWAYS
from conformance.target.arguments import duration
from conformance.target.trouble import in_words, kind_of, retry_after

if TYPE_CHECKING:
    from conformance.target.target import Target

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 2.0
LONGEST_ASKED = 10.0
"""Maximum seconds between two attempts if the server asks for a pause."""
SHORTEST = 0.5
"""Minimum timeout in seconds of an attempt, even if less time is left."""
SILENT = frozenset({TroubleKind.UNREACHABLE, TroubleKind.CLOSED, TroubleKind.TIMEOUT})
"""Failures without any response. Port forwarders accept connections and then close them."""


def checked(seconds: float) -> float:
    """Return the time to wait in seconds, or raise ``UsageError``."""
    return duration(seconds, "the time to wait", may_be_0=True)


def until_answered(
    server: Target,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until a server responds over HTTP, and return a note about it for the report.

    The wait continues after refused connections, unknown host names, connections closed without a
    response, timeouts, and the statuses ``OF_GATEWAYS``. Anything else ends it.

    Raises:
        CannotTest: the server did not respond in time.
    """
    began = clock()
    pause = FIRST_PAUSE
    met: Counter[str] = Counter()
    while True:
        left = seconds - (clock() - began)
        exchange = server.probe_once(max(left, SHORTEST))
        kind = exchange.trouble and exchange.trouble.kind
        if exchange.status not in OF_GATEWAYS and (exchange.status or kind not in SILENT):
            requests = counted(met.total() + 1, "request")
            if not met:
                return f"The server responded at once (--wait, {requests})."
            waited = f"The server responded after {clock() - began:.1f} s (--wait, {requests})"
            return f"{waited}: {in_words(met)}."
        met[kind_of(exchange)] += 1
        asked = retry_after(exchange) or 0.0
        left = seconds - (clock() - began)
        if left <= server.interval:
            last = exchange.result if not exchange.status else f"status {exchange.status}"
            raise CannotTest(
                f"the server did not respond within {seconds:g} s (--wait): {in_words(met)}; "
                f"the last result was: {last}; start it earlier or wait longer"
            )
        # The last attempt is made exactly at the end of the time.
        sleep(min(max(pause, min(asked, LONGEST_ASKED), server.interval), left))
        pause = min(pause * 2, LONGEST_PAUSE)
