"""Carry out the orders of a fleet: a few at a time, each exactly once in the result."""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from conformance.core.text import counted
from conformance.core.worker_process import Broken
from conformance.errors import CannotTest
from conformance.fleet import judging, worker
from conformance.fleet.order import Order, Result

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2
"""Orders per thread of the workers that the scheduler has at once: no worker waits for the next,
and the memory of coordinator and scheduler does not grow with the fleet."""
LOOK = 2.0
"""Seconds after which the number of workers is asked for again; some come and go."""
ATTEMPTS = 2
WITHOUT_WORKER = 300.0
"""Seconds without any worker after which the fleet ends; a machine restarts in less."""
POLL = 0.05
FETCHED = 30.0
"""Seconds in which a result comes from its worker, unless that worker was lost meanwhile."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """An order that was handed out, and the workers that may take it; all may if there is none."""

    order: Order
    attempt: int
    started: datetime
    places: frozenset[str]


class Waiting:
    """Orders that are not yet handed out, at most ``limit`` at once for one host.

    They come in their own order as far as the limit permits.
    """

    def __init__(self, orders: Iterable[Order], limit: int | None) -> None:
        self._orders: dict[str, deque[Order]] = defaultdict(deque)
        self._turns: deque[str] = deque()
        turns: Counter[str] = Counter()
        for order in orders:
            self._orders[order.host].append(order)
            if limit is None or turns[order.host] < limit:
                turns[order.host] += 1
                self._turns.append(order.host)

    def take(self) -> Order | None:
        """Return the next order; ``None`` if there is none or its host has enough."""
        return self._orders[self._turns.popleft()].popleft() if self._turns else None

    def rest(self) -> tuple[Order, ...]:
        """Take all orders that are left, whatever their host."""
        left = tuple(order for orders in self._orders.values() for order in orders)
        self._orders.clear()
        self._turns.clear()
        return left

    def done(self, order: Order) -> None:
        """Note that an order which was taken needs its host no more."""
        if len(self._orders[order.host]) > self._turns.count(order.host):
            self._turns.append(order.host)


class _HandedOut:
    """The orders that the scheduler has, and the workers that may take them."""

    def __init__(
        self, client: Client, waiting: Waiting, when_manned: Callable[[int], None]
    ) -> None:
        from distributed import as_completed

        self.fleet = secrets.token_hex(6)
        self.begun: dict[Future[tuple[str, Result | Broken]], _Begun] = {}
        self.workers: Mapping[str, int] = {}
        self._client = client
        self._waiting = waiting
        self._when_manned = when_manned
        self._finished = as_completed([], loop=client.loop)
        self._numbers = count()
        self._looked = 0.0
        self._manned = time.monotonic()

    @property
    def is_abandoned(self) -> bool:
        """Whether there has been no worker for too long."""
        return time.monotonic() - self._manned > WITHOUT_WORKER

    def submit(self, order: Order, attempt: int, places: frozenset[str] = frozenset()) -> None:
        future = self._client.submit(
            worker.carry_out,
            order,
            self.fleet,
            key=(f"judge-{self.fleet}", order.name, next(self._numbers)),
            workers=[*places] or None,
            pure=False,
        )
        self.begun[future] = _Begun(order, attempt, datetime.now(UTC), places)
        self._finished.add(future)

    def fill(self) -> None:
        """Submit as many orders as the workers need to be busy."""
        self._look()
        while len(self.begun) < AHEAD * max(1, sum(self.workers.values())):
            order = self._waiting.take()
            if order is None:
                return
            self.submit(order, 1)

    def next(self) -> tuple[_Begun, str, Result | Broken] | None:
        """Return an order that has ended, its worker and result; ``None`` if none has for now."""
        if not self._finished.has_ready():
            self._look()
            time.sleep(POLL)
            return None
        future = next(self._finished)
        one = self.begun.pop(future, None)
        if one is None:
            return None
        try:
            place, result = _outcome(future)
        except TimeoutError:
            # Its worker was lost with it; the scheduler has it made again.
            self.begun[future] = one
            self._finished.add(future)
            return None
        future.release()
        return one, place, result

    def end(self) -> None:
        """Take back what has not ended, and end the processes of the fleet."""
        with suppress(Exception):
            self._client.cancel(list(self.begun), force=True)
            self._client.run(worker.end, self.fleet)

    def _look(self) -> None:
        """Ask for the workers again, now and then."""
        if time.monotonic() - self._looked > LOOK and self._client.status == "running":
            before = self.workers
            # A scheduler that is lost is noticed by the orders.
            with suppress(OSError):
                self.workers = self._client.nthreads()
            self._looked = time.monotonic()
            if bool(self.workers) != bool(before):
                self._when_manned(len(self.workers))
            # The scheduler would wait for these workers even where any other may take the order.
            for future, one in [*self.begun.items()]:
                if one.places and not one.places & self.workers.keys():
                    del self.begun[future]
                    future.release()
                    self.submit(one.order, one.attempt)
        if self.workers:
            self._manned = time.monotonic()


def results(
    client: Client,
    orders: Collection[Order],
    *,
    limit_per_host: int | None = None,
    when_manned: Callable[[int], None] = lambda _: None,
) -> Iterator[Result]:
    """Yield the result of each order, once, as it arrives.

    ``when_manned`` is called with the number of workers whenever the last one is lost or the first
    one comes.

    If the process that judges ends or hangs, its order gets one more attempt, on another worker if
    there is one; after that the result says what happened. A lost worker is nobody's fault at
    first: the scheduler gives its orders to others, as often as its setting ``allowed-failures``.
    After ``WITHOUT_WORKER`` seconds without any worker, no further order is carried out.

    Raises:
        CannotTest: the scheduler is lost.
    """
    waiting = Waiting(orders, limit_per_host)
    handed_out = _HandedOut(client, waiting, when_manned)
    try:
        handed_out.fill()
        while handed_out.begun:
            ended = handed_out.next()
            if ended is None:
                if handed_out.is_abandoned:
                    yield from _abandoned(handed_out.begun.values(), waiting.rest())
                    return
                continue
            one, place, result = ended
            order, attempt = one.order, one.attempt
            if isinstance(result, Broken):
                if client.status != "running":
                    raise CannotTest(
                        "the connection to the scheduler is lost; continue with --resume"
                    )
                if place and attempt < ATTEMPTS:
                    others = handed_out.workers.keys() - {place}
                    handed_out.submit(order, attempt + 1, frozenset(others))
                    continue
                reason = f"the target could not be tested: {result.reason}"
                if attempt > 1:
                    reason += f", in each of {attempt} attempts"
                result = judging.untested(order, reason, one.started, attempts=attempt)
            elif attempt > 1:
                result = replace(result, entry=replace(result.entry, attempts=attempt))
            waiting.done(order)
            handed_out.fill()
            yield result
    finally:
        handed_out.end()


def _abandoned(begun: Iterable[_Begun], left: Iterable[Order]) -> Iterator[Result]:
    """Yield results that say that there was no worker any more."""
    reason = (
        f"the target could not be tested: there was no worker for {WITHOUT_WORKER:.0f} s; start "
        "workers and continue with --resume"
    )
    for one in begun:
        yield judging.untested(one.order, reason, one.started, attempts=one.attempt)
    for order in left:
        yield judging.untested(order, reason, datetime.now(UTC))


def _outcome(future: Future[tuple[str, Result | Broken]]) -> tuple[str, Result | Broken]:
    """Return worker and result of a task that has ended; the worker is empty if all were lost.

    Raises:
        TimeoutError: the result was lost with its worker.
    """
    from distributed import KilledWorker

    try:
        return future.result(timeout=FETCHED)
    except TimeoutError:
        raise
    except KilledWorker as error:
        number = error.allowed_failures + 1
        return "", Broken(f"{counted(number, 'worker')} ended or were lost while judging it")
    except Exception as error:  # noqa: BLE001 - any failure of the engine is one of its task
        return "", Broken(f"its task failed ({type(error).__name__})")
