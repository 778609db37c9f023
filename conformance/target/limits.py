"""The limits of a run: number of requests, request rate and duration."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from conformance.core.text import clipped, counted
from conformance.errors import CannotTest, UsageError
from conformance.target.arguments import duration

RUN_TIMEOUT = 900.0
"""Maximum duration of a run in seconds, without the waiting that a rate limit causes."""
MOST_KEPT = 1 << 30
"""Maximum total size in bytes of the distinct response bodies kept for judging."""
FASTEST = 10_000.0
SLOWEST = 1 / 3600
"""Requests per second: one an hour, with which the least run already takes weeks."""
MOST_REQUESTS = 1_000_000
"""A hundred times as many as any profile sends."""
_RATE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:/\s*([smh]))?\s*")
_UNITS = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a run.

    ``rate`` is in requests per second, ``seconds`` is the duration of the whole run, ``requests``
    is the total number of requests; by default the profile sets it.
    """

    rate: float | None = None
    seconds: float | None = None
    requests: int | None = None

    def __post_init__(self) -> None:
        if self.rate is not None and not SLOWEST <= self.rate <= FASTEST:
            raise UsageError(
                f"the rate limit must be from one request per hour to {FASTEST:,.0f} per second, "
                f"not {self.rate:g} per second"
            )
        if self.seconds is not None:
            duration(self.seconds, "the time for the run")
        if self.requests is not None and not 1 <= self.requests <= MOST_REQUESTS:
            raise UsageError(
                f"the maximum number of requests must be from 1 to {MOST_REQUESTS:,}, not "
                f"{clipped(str(self.requests))}"
            )

    @property
    def interval(self) -> float:
        """Minimum seconds between two requests."""
        return 1 / self.rate if self.rate else 0.0

    def time_for(self, requests: int) -> float:
        """Return the maximum duration in seconds of a run with this many requests."""
        return self.seconds or RUN_TIMEOUT + self.interval * requests


def too_large(most: int) -> CannotTest:
    """Return the error of a run whose responses are larger than ``most`` bytes in total."""
    return CannotTest(
        f"the responses are too large to judge: more than {most >> 20:,} MiB in total; use a "
        "cluster with fewer providers, or --profile quick"
    )


def parse_rate(text: str) -> float:
    """Parse a rate such as ``5``, ``5/s``, ``300/m`` or ``1000/h``; return requests per second.

    Raises:
        UsageError: the text has another form, or the rate is too low or too high.
    """
    match = _RATE.fullmatch(text)
    rate = float(match[1]) / _UNITS[match[2]] if match else 0.0
    if not SLOWEST <= rate <= FASTEST:
        raise UsageError(
            f"write a rate limit like 5/s, 300/m or 1000/h, at least 1/h and at most "
            f"{FASTEST:.0f}/s, not {clipped(repr(text))}"
        )
    return rate


class Allowance:
    """Counts requests and time against the limits of a run; safe to use from several threads.

    There are no limits before ``begin`` is called.
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
            CannotTest: the maximum number of requests is reached.
        """
        with self._lock:
            if self.limits.requests is not None and self._early >= self.limits.requests:
                raise CannotTest(
                    f"the server did not respond to any of the {self.limits.requests:,} requests "
                    "that the run may send; raise the limit with --max-requests"
                )
            self._early += 1
            self.sent += 1

    def begin(self, requests: int, stop: Callable[[CannotTest], None]) -> None:
        """Begin a run that may send this many requests, unless the limits set another maximum.

        ``stop`` is called from another thread when the time is up.
        """
        self.end()
        self.most = self.limits.requests or requests
        self._before = self.sent - self._early
        self._early = 0
        self._allowed = self.limits.time_for(self.most)
        self._end = self._clock() + self._allowed
        self._timer = threading.Timer(self._allowed, lambda: stop(self.over()))
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Remove the limits."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._end = self.most = None

    def take(self) -> None:
        """Count a request that is about to be sent.

        Raises:
            CannotTest: the maximum number of requests is reached.
        """
        with self._lock:
            if self.most is not None and self.sent - self._before >= self.most:
                raise CannotTest(
                    f"the run reached its limit of {counted(self.most, 'request')}; "
                    "raise it with --max-requests"
                )
            self.sent += 1

    @property
    def time_left(self) -> float:
        """Seconds left for the run, less than 0 when the time is up; infinite before it begins."""
        return math.inf if self._end is None else self._end - self._clock()

    def left(self, seconds: float) -> float:
        """Return the smaller of ``seconds`` and the time left for the run.

        Raises:
            CannotTest: the time is up.
        """
        left = self.time_left
        if left <= 0:
            raise self.over()
        return min(seconds, left)

    def over(self) -> CannotTest:
        """Return the error of a run whose time is up."""
        seconds = "1 second" if self._allowed == 1 else f"{self._allowed:g} seconds"
        return CannotTest(f"the run took longer than {seconds}; raise the limit with --run-timeout")
