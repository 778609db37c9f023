"""Sending several requests concurrently."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request


class RequestPool:
    """A pool of threads that send requests; they are started when first needed.

    Args:
        size: number of threads.
        ask: sends one request and returns its exchange.
        stop: makes every thread that waits to send fail with this error.
    """

    def __init__(
        self,
        size: int,
        ask: Callable[[Request], Exchange],
        stop: Callable[[CannotTest], None],
    ) -> None:
        self._size = size
        self._ask = ask
        self._stop = stop
        self._executor: ThreadPoolExecutor | None = None

    def ask_all(
        self, requests: Iterable[Request], done: Callable[[Exchange], None] | None
    ) -> tuple[Exchange, ...]:
        """Return the exchanges in the order of the requests; ``done`` is called with each.

        Raises:
            CannotTest: raised by ``ask``; it also stops the other threads.
        """
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._size, thread_name_prefix="target")
        numbered = enumerate(requests)
        lock = threading.Lock()
        answers: dict[int, Exchange] = {}

        def work() -> None:
            while True:
                try:
                    with lock:
                        number, request = next(numbered, (0, None))
                    if request is None:
                        return
                    exchange = answers[number] = self._ask(request)
                except CannotTest as error:
                    # The other threads would wait for the same server in vain.
                    self._stop(error)
                    raise
                if done is not None:
                    done(exchange)

        working = [self._executor.submit(work) for _ in range(self._size)]
        wait(working)
        for finished in working:
            finished.result()
        return tuple(answers[number] for number in sorted(answers))

    def close(self) -> None:
        """Drop queued requests; threads that are sending end by themselves."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
