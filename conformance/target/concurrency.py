"""Asking several requests at once, each of which is taken when one can be sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request


class RequestPool:
    """Threads that ask, as many as requests may be under way; they are started when needed.

    Args:
        size: how many.
        ask: answers one request.
        stop: tells everyone who waits to ask that it is in vain.
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
        """Return the answers in the order of the requests; ``done`` is called with each.

        Raises:
            CannotTest: ``ask`` did; everyone is stopped by it.
        """
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._size, thread_name_prefix="target")
        waiting = enumerate(requests)
        taking = threading.Lock()
        answers: dict[int, Exchange] = {}

        def work() -> None:
            while True:
                try:
                    with taking:
                        number, request = next(waiting, (0, None))
                    if request is None:
                        return
                    exchange = answers[number] = self._ask(request)
                except CannotTest as error:
                    # What the others wait for will not come either.
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
        """Drop what is queued; whoever is asking ends by himself."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
