"""Waiting for a server that is only just being started (``run --wait``)."""

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
"""Seconds between two tries, at the most, where the server asks for a pause."""
SHORTEST = 0.5
"""Seconds for an answer, at the least, however little of the time is left."""
NOT_YET = frozenset({502, 503, 504})
"""Statuses by which a gateway says that nothing is behind it yet."""
SILENT = frozenset({TroubleKind.UNREACHABLE, TroubleKind.CLOSED, TroubleKind.TIMEOUT})
"""Trouble in which there is no answer at all. Port forwarders accept and then hang up."""


class Reachable(Protocol):
    """What can be asked whether someone is there: a ``Target``."""

    @property
    def interval(self) -> float:
        """Seconds between two requests, at the least."""

    def probe_once(self, timeout: float) -> Exchange:
        """Ask once, within so many seconds."""


def checked(seconds: float) -> float:
    """Return the time to wait in seconds, if it is one or none at all.

    Raises:
        UsageError: it is negative, or a day or longer.
    """
    return not_negative(seconds, "the time to wait")


def until_answered(
    door: Reachable,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until a server answers over HTTP at all, and return a note about it.

    Refused connections, unknown names, connections that are closed without an answer, no answer in
    time, and 502, 503 and 504 are waited out; whatever else comes ends the waiting.

    Args:
        door: the server.
        seconds: how long to wait at the most.
        clock: tells the time in seconds.
        sleep: waits for so many seconds.

    Raises:
        CannotTest: the server did not answer within the time.
    """
    began = clock()
    pause = FIRST_PAUSE
    met: Counter[str] = Counter()
    while True:
        left = seconds - (clock() - began)
        exchange = door.probe_once(max(left, SHORTEST))
        if not _silent(exchange):
            return _note(clock() - began, met)
        met[kind_of(exchange)] += 1
        asked = retry_after(exchange) or 0.0
        wanted = max(pause, min(asked, LONGEST_ASKED), door.interval)
        left = seconds - (clock() - began)
        if left <= door.interval:
            raise CannotTest(
                f"the server did not answer within the {seconds:g} s of --wait: "
                f"{in_words(met)}, lastly {_last(exchange)}; start it before, or wait longer"
            )
        # The last try is at the very end of the time, however long the pauses have become.
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
        return f"The server answered at once (--wait, {requests})."
    return f"The server answered after {waited:.1f} s (--wait, {requests}): {in_words(met)}."
