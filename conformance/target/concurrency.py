"""Sending several requests concurrently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Event

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request


class RequestPool:
    """A pool of threads that send requests; they are started when first needed.

    ``ask`` sends one request; ``stop`` makes every thread that waits to send fail with this error.
    """

    def __init__(
        self, size: int, ask: Callable[[Request], Exchange], stop: Callable[[CannotTest], None]
    ) -> None:
        self._size = size
        self._ask = ask
        self._stop = stop
        self._executor: ThreadPoolExecutor | None = None

    def ask_all(
        self, requests: Iterable[Request], done: Callable[[Exchange], None] | None
    ) -> tuple[Exchange, ...]:
        """Send requests; see ``Target.ask_all``.

        The requests are taken in the calling thread, fewer than ``size`` ahead of those being sent.
        If it takes long to plan one, those that are planned are sent meanwhile.
        """
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._size, thread_name_prefix="target")
        # One task for each thread, not for each request: a future and a semaphore take much longer
        # than these queues.
        planned: SimpleQueue[tuple[int, Request] | None] = SimpleQueue()
        room: SimpleQueue[None] = SimpleQueue()
        for _ in range(2 * self._size - 2):
            room.put(None)
        exchanges: dict[int, Exchange] = {}
        failed = Event()

        def work() -> None:
            while (task := planned.get()) is not None:
                number, request = task
                try:
                    exchanges[number] = exchange = self._ask(request)
                    if done is not None:
                        done(exchange)
                except BaseException as error:
                    failed.set()
                    if isinstance(error, CannotTest):
                        # The other threads would wait for the same server in vain.
                        self._stop(error)
                    raise
                finally:
                    room.put(None)

        try:
            workers = [self._executor.submit(work) for _ in range(self._size)]
            for numbered in enumerate(requests):
                planned.put(numbered)
                room.get()
                if failed.is_set():
                    break
        finally:
            for _ in range(self._size):
                planned.put(None)
        wait(workers)
        for worker in workers:
            worker.result()
        return tuple(exchanges[number] for number in sorted(exchanges))

    def close(self) -> None:
        """Drop queued requests; threads that are sending end by themselves."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
