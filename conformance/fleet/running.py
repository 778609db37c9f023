"""Carry out the orders of a fleet: a few at a time, each exactly once in the result."""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
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
    from distributed import as_completed

    fleet = secrets.token_hex(6)
    waiting = Waiting(orders, limit_per_host)
    begun: dict[Future[tuple[str, Result | Broken]], _Begun] = {}
    finished = as_completed([], loop=client.loop)
    numbers = count()
    looked, workers = 0.0, dict[str, int]()
    manned = time.monotonic()

    def submit(order: Order, attempt: int, places: frozenset[str] = frozenset()) -> None:
        future = client.submit(
            worker.carry_out,
            order,
            fleet,
            key=(f"judge-{fleet}", order.name, next(numbers)),
            workers=[*places] or None,
            pure=False,
        )
        begun[future] = _Begun(order, attempt, datetime.now(UTC), places)
        finished.add(future)

    def look() -> None:
        nonlocal looked, workers, manned
        if time.monotonic() - looked > LOOK and client.status == "running":
            before = workers
            # A scheduler that is lost is noticed by the orders.
            with suppress(OSError):
                workers = dict(client.nthreads())
            looked = time.monotonic()
            if bool(workers) != bool(before):
                when_manned(len(workers))
            # The scheduler would wait for these workers even where any other may take the order.
            for future, one in [*begun.items()]:
                if one.places and not one.places & workers.keys():
                    del begun[future]
                    future.release()
                    submit(one.order, one.attempt)
        if workers:
            manned = time.monotonic()

    def fill() -> None:
        look()
        while len(begun) < AHEAD * max(1, sum(workers.values())):
            order = waiting.take()
            if order is None:
                return
            submit(order, 1)

    try:
        fill()
        while begun:
            while not finished.has_ready():
                look()
                if time.monotonic() - manned > WITHOUT_WORKER:
                    yield from _abandoned(begun.values(), waiting.rest())
                    return
                time.sleep(POLL)
            future = next(finished)
            one = begun.pop(future, None)
            if one is None:
                continue
            order, attempt = one.order, one.attempt
            try:
                place, result = _outcome(future)
            except TimeoutError:
                # Its worker was lost with it; the scheduler has it made again.
                begun[future] = one
                finished.add(future)
                continue
            future.release()
            if isinstance(result, Broken):
                if client.status != "running":
                    raise CannotTest(
                        "the connection to the scheduler is lost; continue with --resume"
                    )
                if place and attempt < ATTEMPTS:
                    submit(order, attempt + 1, frozenset(workers.keys() - {place}))
                    continue
                reason = f"the target could not be tested: {result.reason}"
                if attempt > 1:
                    reason += f", in each of {attempt} attempts"
                result = judging.untested(order, reason, one.started, attempts=attempt)
            elif attempt > 1:
                result = replace(result, entry=replace(result.entry, attempts=attempt))
            waiting.done(order)
            fill()
            yield result
    finally:
        with suppress(Exception):
            client.cancel(list(begun), force=True)
            client.run(worker.end, fleet)


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
