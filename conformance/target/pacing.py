"""Back-off shared by all threads of a run: one budget, one not-before time, one request rate."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.errors import CannotTest

FIRST_WAIT = 0.1
"""Seconds; each further wait in a row takes twice as long."""
LONGEST_WAIT = 5.0
SLOWEST = 1.0
"""Maximum seconds between requests to a server that limits the rate."""
EASING = 0.98
"""Factor by which each response shortens the time between requests."""
NEGLIGIBLE = 0.001
ROUNDING = 1e-6
SLOWER = 1.25
"""A rate-limiting server accepts as many requests per second as before when they are spaced out. If
it takes this many times longer per request, it refuses for another reason."""
SHORTEST_RUN = 5
"""Responses in a row between two refusals; fewer do not show a server's rate."""
STRIKES = 3
"""Refusals that spacing did not prevent, after which it is given up."""
RECOVERIES = 2
"""Requests that failed among others and succeeded later, after which fewer are sent at a time. A
single one may be a coincidence; a query that always fails never recovers."""


class Exhausted(Exception):
    """The budget does not allow the next wait; ``asked`` is its length if the server set it."""

    def __init__(self, asked: float | None = None) -> None:
        super().__init__("the retry budget is used up")
        self.asked = asked


def doubled(times: int) -> float:
    """Return the wait in seconds after this many failures in a row."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(max(times, 1) - 1, 30))


class Budget:
    """A budget of waiting time in seconds; concurrent waits are paid only once."""

    def __init__(self, seconds: float) -> None:
        self.total = seconds
        self.spent = 0.0
        self._paid_until = -math.inf

    @property
    def left(self) -> float:
        """Seconds left, or 0 if they are negligible."""
        left = self.total - self.spent
        return left if left >= NEGLIGIBLE else 0.0

    def longest(self, start: float) -> float:
        """Return the seconds of the longest wait from ``start`` on that can be paid for."""
        return self.left and self.left + max(0.0, self._paid_until - start)

    def affords(self, start: float, end: float) -> bool:
        """Whether enough is left to wait from ``start`` to ``end``."""
        return self._price(start, end) <= self.total - self.spent + ROUNDING

    def pay(self, start: float, end: float) -> None:
        """Pay for the unpaid part of this wait, even if too little is left."""
        self.spent += self._price(start, end)
        self._paid_until = max(self._paid_until, end)

    def _price(self, start: float, end: float) -> float:
        return max(0.0, end - max(start, self._paid_until))


class Spacing:
    """The time between requests that a rate-limiting server allows.

    It is the average time per response between two refusals, and shrinks with every response. It is
    given up if refusals do not become rarer or responses arrive more slowly.
    """

    def __init__(self) -> None:
        self.interval = 0.0
        self.longest = 0.0
        self._since: float | None = None
        self._answers = 0
        self._usual = SHORTEST_RUN
        self._measured = 0.0
        self._strikes = 0

    def answered(self) -> None:
        """Register a response."""
        self._answers += 1
        self.interval *= EASING
        if self.interval < NEGLIGIBLE:
            self.interval = 0.0

    def refused(self, now: float) -> None:
        """Register a refusal for too many requests; ``now`` is in seconds of any clock."""
        if self._since is None:
            self._since = now
            self._answers = 0
            return
        if not self._answers or self._strikes >= STRIKES:
            return
        measured = (now - self._since) / self._answers
        if self.interval:
            in_vain = self._answers < 2 * self._usual or measured > SLOWER * self._measured
            self._strikes = max(0, self._strikes + (1 if in_vain else -1))
        else:
            self._usual = max(SHORTEST_RUN, self._answers)
        self._measured = measured
        self.interval = min(SLOWEST, measured) if self._strikes < STRIKES else 0.0
        self.longest = max(self.longest, self.interval)
        self._since = now
        self._answers = 0


class Pace:
    """Decides when each request may be sent; safe to use from several threads.

    After ``stop`` was called, every method that waits raises its ``CannotTest``.

    ``budget`` is the total waiting time in seconds; spacing requests does not count. ``parallel``
    is the maximum number of concurrent requests, ``interval`` the minimum seconds between any two.
    """

    def __init__(
        self,
        budget: float,
        parallel: int = 4,
        *,
        interval: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.spacing = Spacing()
        self.budget = Budget(budget)
        self._optional = Budget(budget / 6)
        self._clock = clock
        self._over = threading.Event()
        self._sleep = sleep or self._over.wait
        self._stopped_by: CannotTest | None = None
        self._condition = threading.Condition()
        self._sending = 0
        self._limit = parallel
        self._interval = interval
        self._alone: int | None = None
        self._not_before = -math.inf
        self._slot = -math.inf
        self._postponed_at = -math.inf
        self._in_a_row = 0
        self._timed_out = -math.inf
        self._recovered = 0

    @property
    def busy(self) -> bool:
        """Whether any requests are being sent."""
        return self._sending > 0

    @property
    def waited(self) -> float:
        """Seconds during which at least one request waited."""
        return self.budget.spent

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Wait until one request may be sent; the value is the time at which its turn began."""
        self._enter()
        try:
            yield self._clock()
        finally:
            with self._condition:
                self._sending -= 1
                self._condition.notify_all()

    def continue_turn(self) -> None:
        """Wait until another request of the same turn may be sent, such as after a redirect."""
        with self._condition:
            self.check()
            now = self._clock()
            begin = max(now, self._slot) if self._interval else now
            self._slot = max(self._slot, begin + self._interval)
        if begin > now:
            self._sleep(begin - now)
            self.check()

    def check(self) -> None:
        """Raise the error that stopped the run, if any."""
        if self._stopped_by is not None:
            raise self._stopped_by

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other threads from sending."""
        with self._condition:
            self._condition.wait_for(lambda: self._over.is_set() or self._alone is None)
            self.check()
            self._alone = threading.get_ident()
        try:
            with self._condition:
                self._condition.wait_for(lambda: self._over.is_set() or not self._sending)
                self.check()
            yield
        finally:
            with self._condition:
                self._alone = None
                self._condition.notify_all()

    def stop(self, reason: CannotTest) -> None:
        """Wake all waiting threads; from now on every turn raises ``reason``."""
        with self._condition:
            self._stopped_by = self._stopped_by or reason
            self._over.set()
            self._condition.notify_all()

    def answered(self, sent: float = math.inf) -> None:
        """Register a response to a request whose turn began at ``sent``."""
        with self._condition:
            if sent < self._postponed_at:
                # It was sent before the server asked to wait.
                return
            self.spacing.answered()
            self._in_a_row = 0
            self._condition.notify_all()

    def recovered(self) -> None:
        """Register that a request succeeded that had failed while others were being sent.

        If this happens again, the server takes fewer at a time, and the concurrency is halved.
        """
        with self._condition:
            self._recovered += 1
            if self._recovered >= RECOVERIES:
                self._recovered = 0
                self._halve()

    def postpone(self, asked: float | None, sent: float, *, limited: bool) -> None:
        """Postpone all requests by the seconds that the server ``asked`` for, or a default.

        ``sent`` is the time at which the turn of the failed request began; ``limited`` is whether
        the server asked for fewer requests.

        Raises:
            Exhausted: the wait is longer than the budget allows.
        """
        with self._condition:
            now = self._clock()
            seconds = asked or 0.0
            # Requests sent before the last postponement do not show that it was too short.
            if sent >= self._postponed_at:
                self._postponed_at = now
                self._in_a_row += 1
                if limited:
                    self.spacing.refused(now)
                if asked is None or self._in_a_row > 1:
                    seconds = max(seconds, doubled(self._in_a_row))
            end = now + seconds
            if end <= self._not_before:
                return
            start = max(now, self._not_before)
            if self.budget.left and (asked is None or seconds > asked):
                end = min(end, start + self.budget.left)
            if not self.budget.affords(start, end):
                raise Exhausted(asked)
            self.budget.pay(start, end)
            self._not_before = end

    def slow_down(self, sent: float) -> None:
        """Register a refusal for too many requests, without postponing any."""
        with self._condition:
            if sent >= self._postponed_at:
                self._postponed_at = self._clock()
                self.spacing.refused(self._postponed_at)

    def pause(self, seconds: float, *, least: float = 0.0, optional: bool = False) -> None:
        """Wait before one request while others continue.

        Waits for an ``optional`` request may use only a part of the budget.

        Raises:
            Exhausted: nothing is left of the budget, or less than ``least`` seconds.
        """
        with self._condition:
            budgets = [self.budget, self._optional] if optional else [self.budget]
            now = self._clock()
            seconds = min(seconds, *(budget.longest(now) for budget in budgets))
            if not seconds or seconds < least:
                raise Exhausted
            for budget in budgets:
                budget.pay(now, now + seconds)
        self._sleep(seconds)
        self.check()

    def rest(self, seconds: float) -> None:
        """Wait before the next request; this costs nothing of the budget."""
        self._sleep(seconds)
        self.check()

    def lost(self, elapsed: float, sent: float) -> None:
        """Pay for the seconds spent on a request without response, and halve the concurrency.

        Concurrency is halved once for all requests that were sent at the same time.

        Raises:
            Exhausted: the budget is used up.
        """
        with self._condition:
            now = self._clock()
            self.budget.pay(now - elapsed, now)
            if sent >= self._timed_out:
                self._timed_out = now
                self._halve()
            if not self.budget.left:
                raise Exhausted

    def _halve(self) -> None:
        self._limit = max(1, self._limit // 2)

    def _enter(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(self._admitted)
                self.check()
                now = self._clock()
                seconds = max(self._slot, self._not_before) - now
                if seconds <= 0:
                    self._slot = now + max(self._interval, self.spacing.interval)
                    self._sending += 1
                    return
            self._sleep(seconds)

    def _admitted(self) -> bool:
        if self._over.is_set():
            return True
        if self._alone not in (None, threading.get_ident()):
            return False
        # After a postponement requests are sent one at a time until one succeeds.
        return self._sending < (1 if self._in_a_row else self._limit)
