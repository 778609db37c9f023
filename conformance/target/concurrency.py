"""Sending several requests concurrently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event, Semaphore

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
        room = Semaphore(2 * self._size - 1)
        failed = Event()

        def work(request: Request) -> Exchange:
            try:
                exchange = self._ask(request)
                if done is not None:
                    done(exchange)
            except BaseException as error:
                failed.set()
                if isinstance(error, CannotTest):
                    # The other threads would wait for the same server in vain.
                    self._stop(error)
                raise
            finally:
                room.release()
            return exchange

        exchanges: list[Future[Exchange]] = []
        room.acquire()
        for request in requests:
            exchanges.append(self._executor.submit(work, request))
            room.acquire()
            if failed.is_set():
                break
        wait(exchanges)
        return tuple(exchange.result() for exchange in exchanges)

    def close(self) -> None:
        """Drop queued requests; threads that are sending end by themselves."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
