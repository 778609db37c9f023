"""Waiting that a whole run shares: one budget, one moment before which nobody sends, one pace."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.errors import CannotTest

FIRST_WAIT = 0.1
"""Seconds; each further wait in a row is twice as long."""
LONGEST_WAIT = 5.0
SLOWEST = 1.0
"""Seconds between requests to a server that limits their rate, at the most."""
EASING = 0.98
"""What every answer makes of the time between requests."""
NEGLIGIBLE = 0.001
ROUNDING = 1e-6
SLOWER = 1.25
"""A server that limits the rate lets through as much as before when it is asked more slowly; where
it is so much less, the refusals come from something else."""
RUN = 5
"""Answers in a row that any server gives between two refusals; fewer say nothing of its rate."""
STRIKES = 3


class Exhausted(Exception):
    """The budget does not allow the next wait; ``asked`` are the seconds, if the server said."""

    def __init__(self, asked: float | None = None) -> None:
        super().__init__("the budget for waiting is used up")
        self.asked = asked


def doubled(times: int) -> float:
    """Return the wait in seconds after trouble was met so many ``times`` in a row."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(max(times, 1) - 1, 30))


class Budget:
    """Seconds of waiting, of which those that several requests wait at once are paid once."""

    def __init__(self, seconds: float) -> None:
        self.total = seconds
        self.spent = 0.0
        self._paid_until = -math.inf

    @property
    def left(self) -> float:
        """Seconds that may still be waited; 0 when what is left is negligible."""
        left = self.total - self.spent
        return left if left >= NEGLIGIBLE else 0.0

    def affords(self, start: float, end: float) -> bool:
        """Whether there is enough left to wait from ``start`` to ``end``."""
        return self._price(start, end) <= self.total - self.spent + ROUNDING

    def pay(self, start: float, end: float) -> None:
        """Pay for the part of this wait that is not paid yet, even if there is too little left."""
        self.spent += self._price(start, end)
        self._paid_until = max(self._paid_until, end)

    def _price(self, start: float, end: float) -> float:
        return max(0.0, end - max(start, self._paid_until))


class Spacing:
    """The time between requests that a server which limits their rate keeps up with.

    It is what the server let through on average between two refusals, and shrinks with every
    answer. Where refusals do not get rarer by it, or answers fewer, it is given up.
    """

    def __init__(self) -> None:
        self.interval = 0.0
        self.longest = 0.0
        self._since: float | None = None
        self._answers = 0
        self._usual = RUN
        self._measured = 0.0
        self._strikes = 0

    def answered(self) -> None:
        """Take note of an answer."""
        self._answers += 1
        self.interval *= EASING
        if self.interval < NEGLIGIBLE:
            self.interval = 0.0

    def refused(self, now: float) -> None:
        """Take note that the server wants fewer requests; ``now`` is in seconds of any clock."""
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
            self._usual = max(RUN, self._answers)
        self._measured = measured
        self.interval = min(SLOWEST, measured) if self._strikes < STRIKES else 0.0
        self.longest = max(self.longest, self.interval)
        self._since = now
        self._answers = 0


class Pace:
    """Lets requests go when it is their turn; safe to use from several threads.

    Args:
        budget: seconds of waiting in all; spacing requests is not counted.
        parallel: requests under way at once, at the most.
        interval: seconds between any two requests, at the least.
        clock: seconds of a clock that never goes back.
        sleep: waits for some seconds; by default until ``stop``, at the longest.
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
        self._budget = Budget(budget)
        self._aside = Budget(budget / 6)
        self._clock = clock
        self._over = threading.Event()
        self._sleep = sleep or self._over.wait
        self._stopped_by: CannotTest | None = None
        self._gate = threading.Condition()
        self._sending = 0
        self._limit = parallel
        self._interval = interval
        self._alone: int | None = None
        self._not_before = -math.inf
        self._slot = -math.inf
        self._told = -math.inf
        self._in_a_row = 0
        self._timed_out = -math.inf

    @property
    def total(self) -> float:
        """The whole budget in seconds."""
        return self._budget.total

    @property
    def waited(self) -> float:
        """Seconds in which at least one request had to wait."""
        return self._budget.spent

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Hold a turn to send one request; the value is the moment at which it began.

        Raises:
            CannotTest: ``stop`` was called.
        """
        self._enter()
        try:
            yield self._clock()
        finally:
            with self._gate:
                self._sending -= 1
                self._gate.notify_all()

    def go_on(self) -> None:
        """Wait until a further request of the same turn may be sent, such as after a redirect.

        Raises:
            CannotTest: ``stop`` was called.
        """
        with self._gate:
            self.check()
            now = self._clock()
            begin = max(now, self._slot) if self._interval else now
            self._slot = max(self._slot, begin + self._interval)
        if begin > now:
            self._sleep(begin - now)
            self.check()

    def check(self) -> None:
        """Raise what the run was stopped by, if it was.

        Raises:
            CannotTest: ``stop`` was called.
        """
        if self._stopped_by is not None:
            raise self._stopped_by

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everyone else from sending.

        Raises:
            CannotTest: ``stop`` was called.
        """
        with self._gate:
            self._gate.wait_for(lambda: self._over.is_set() or self._alone is None)
            self.check()
            self._alone = threading.get_ident()
        try:
            with self._gate:
                self._gate.wait_for(lambda: self._over.is_set() or not self._sending)
                self.check()
            yield
        finally:
            with self._gate:
                self._alone = None
                self._gate.notify_all()

    def stop(self, reason: CannotTest) -> None:
        """Wake everyone who waits; from now on every turn ends in ``reason``."""
        with self._gate:
            self._stopped_by = self._stopped_by or reason
            self._over.set()
            self._gate.notify_all()

    def answered(self, sent: float = math.inf) -> None:
        """Take note that the server answered a request whose turn began at ``sent``."""
        with self._gate:
            if sent < self._told:
                # It was let through before the server put off another.
                return
            self.spacing.answered()
            self._in_a_row = 0
            self._gate.notify_all()

    def postpone(self, asked: float | None, sent: float, *, limited: bool) -> None:
        """Let nobody send for the seconds that the server ``asked`` for, or for a while.

        ``sent`` is when the turn began of the request that was put off, ``limited`` whether the
        server wants fewer requests.

        Raises:
            Exhausted: that is longer than the budget allows.
        """
        with self._gate:
            now = self._clock()
            seconds = asked or 0.0
            # What was under way when the first was put off is no sign that the wait was too short.
            if sent >= self._told:
                self._told = now
                self._in_a_row += 1
                if limited:
                    self.spacing.refused(now)
                if asked is None or self._in_a_row > 1:
                    seconds = max(seconds, doubled(self._in_a_row))
            end = now + seconds
            if end <= self._not_before:
                return
            start = max(now, self._not_before)
            if asked is None or seconds > asked:
                end = min(end, start + self._budget.left) if self._budget.left else end
            if not self._budget.affords(start, end):
                raise Exhausted(asked)
            self._budget.pay(start, end)
            self._not_before = end

    def slow_down(self, sent: float) -> None:
        """Take note that the server wants fewer requests, without putting off any."""
        with self._gate:
            if sent >= self._told:
                self._told = self._clock()
                self.spacing.refused(self._told)

    def pause(self, seconds: float, *, least: float = 0.0, aside: bool = False) -> None:
        """Wait with one request while others go on; ``aside`` may cost a part of the budget only.

        Raises:
            Exhausted: there is nothing left, or less than ``least`` seconds, to wait with.
            CannotTest: ``stop`` was called.
        """
        with self._gate:
            budgets = [self._budget, self._aside] if aside else [self._budget]
            seconds = min(seconds, *(budget.left for budget in budgets))
            if not seconds or seconds < least:
                raise Exhausted
            now = self._clock()
            for budget in budgets:
                budget.pay(now, now + seconds)
        self._sleep(seconds)
        self.check()

    def lost(self, elapsed: float, sent: float) -> None:
        """Pay for the seconds in which no answer came; if several came late, send fewer at once.

        Raises:
            Exhausted: this has used up the budget.
        """
        with self._gate:
            now = self._clock()
            self._budget.pay(now - elapsed, now)
            if sent >= self._timed_out:
                self._timed_out = now
                self._limit = max(1, self._limit // 2)
            if not self._budget.left:
                raise Exhausted

    def _enter(self) -> None:
        while True:
            with self._gate:
                self._gate.wait_for(self._admitted)
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
        # A server that has put everyone off is asked by one, until that one is answered.
        return self._sending < (1 if self._in_a_row else self._limit)
