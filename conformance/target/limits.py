"""How much a run may ask of a target, how fast, and for how long."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from conformance.core.text import counted
from conformance.errors import CannotTest, UsageError
from conformance.target.arguments import positive

RUN_TIMEOUT = 900.0
"""Seconds for a whole run, besides what a rate limit costs."""
MOST_KEPT = 1 << 30
"""Bytes of different answers that are kept to be judged."""
FASTEST = 10_000.0
_RATE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:/\s*([smh]))?\s*")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a run.

    ``rate`` is in requests per second, ``seconds`` for the whole run; ``requests`` is how many may
    be sent in all, by default what the profile allows.
    """

    rate: float | None = None
    seconds: float | None = None
    requests: int | None = None

    def __post_init__(self) -> None:
        if self.rate is not None and not 0 < self.rate <= FASTEST:
            raise UsageError(f"the rate limit must be more than 0 a second, not {self.rate:g}")
        if self.seconds is not None:
            positive(self.seconds, "the time for the run")
        if self.requests is not None and self.requests < 1:
            raise UsageError(f"a run needs at least one request, not {self.requests}")

    @property
    def interval(self) -> float:
        """Seconds between two requests, at the least."""
        return 1 / self.rate if self.rate else 0.0

    def time_for(self, requests: int) -> float:
        """Return the seconds that a run may take which may send so many requests."""
        return self.seconds or RUN_TIMEOUT + self.interval * requests


def parse_rate(text: str) -> float:
    """Return requests per second from ``5``, ``5/s``, ``300/m`` or ``1000/h``.

    Raises:
        UsageError: it is none of these, or not more than 0.
    """
    match = _RATE.fullmatch(text)
    rate = float(match[1]) / _UNITS[match[2] or "s"] if match else 0.0
    if not 0 < rate <= FASTEST:
        raise UsageError(f"a rate limit is written like 5/s, 300/m or 1000/h, not {text!r}")
    return rate


class Allowance:
    """What is left of the limits of a run; safe to use from several threads.

    Nothing is limited until it is begun.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.sent = 0
        self.most: int | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._before = 0
        self._early = 0
        self._end: float | None = None
        self._allowed = 0.0
        self._timer: threading.Timer | None = None

    def take_early(self) -> None:
        """Count a request that is about to be sent before its run begins.

        Raises:
            CannotTest: the run may not send another one.
        """
        with self._lock:
            if self.limits.requests is not None and self._early >= self.limits.requests:
                raise CannotTest(
                    f"the server did not answer any of the {self.limits.requests:,} requests that "
                    "the run may send; --max-requests allows more"
                )
            self._early += 1
            self.sent += 1

    def begin(self, requests: int, stop: Callable[[CannotTest], None]) -> None:
        """Begin a run that may send so many requests, unless the limits say otherwise.

        ``stop`` is called, in another thread, when the time is over.
        """
        self.end()
        self.most = self.limits.requests or requests
        self._before = self.sent - self._early
        self._early = 0
        self._allowed = self.limits.time_for(self.most)
        self._end = self._clock() + self._allowed
        self._timer = threading.Timer(self._allowed, lambda: stop(self._over()))
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Limit nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._end = self.most = None

    def take(self) -> None:
        """Count a request that is about to be sent.

        Raises:
            CannotTest: the run may not send another one.
        """
        with self._lock:
            if self.most is not None and self.sent - self._before >= self.most:
                raise CannotTest(
                    f"the run has sent the {counted(self.most, 'request')} that it may send; "
                    "--max-requests allows more"
                )
            self.sent += 1

    def left(self, seconds: float) -> float:
        """Return ``seconds``, or what is left of the run where that is less.

        Raises:
            CannotTest: nothing is left.
        """
        if self._end is None:
            return seconds
        left = self._end - self._clock()
        if left <= 0:
            raise self._over()
        return min(seconds, left)

    def _over(self) -> CannotTest:
        seconds = "1 second" if self._allowed == 1 else f"{self._allowed:g} seconds"
        return CannotTest(f"the run took longer than {seconds}, which --run-timeout can raise")
