"""Waiting out transient trouble, within a budget that the whole run shares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import tenacity
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from conformance.exchange import Exchange, TroubleKind

ABSENT = frozenset({TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP})
ATTEMPTS = 5
FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0


class Patience:
    """Repeats requests that met transient trouble; ``budget`` is in seconds of waiting in all."""

    def __init__(self, budget: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._left = budget
        self._sleep = sleep
        self._lock = threading.Lock()
        self.repeats = 0

    def ask(self, send: Callable[[], Exchange], *, first: bool = False) -> Exchange:
        """Send until the answer is final, the attempts are used up or the budget is spent.

        A target that cannot be reached by the ``first`` request is not waited for.
        """
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_result(_worth_waiting if first else _transient),
            stop=lambda state: state.attempt_number >= ATTEMPTS or self._spent(state),
            wait=self._wait,
            sleep=self._pay,
            retry_error_callback=_last_result,
        )
        exchange: Exchange = attempts(send)
        return exchange.with_attempts(int(attempts.statistics["attempt_number"]))

    def _wait(self, state: tenacity.RetryCallState) -> float:
        exchange = _last_result(state)
        asked = _retry_after(exchange)
        if asked is not None:
            return asked
        if exchange.trouble is not None and state.attempt_number == 1:
            # Servers close idle connections; a new one is there at once.
            return 0.0
        return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (state.attempt_number - 1)))

    def _spent(self, state: tenacity.RetryCallState) -> bool:
        with self._lock:
            return self._wait(state) > self._left

    def _pay(self, seconds: float) -> None:
        with self._lock:
            self._left -= seconds
            self.repeats += 1
        self._sleep(seconds)


def _transient(exchange: Exchange) -> bool:
    return exchange.transient


def _worth_waiting(exchange: Exchange) -> bool:
    absent = exchange.trouble is not None and exchange.trouble.kind in ABSENT
    return exchange.transient and not absent


def _last_result(state: tenacity.RetryCallState) -> Exchange:
    assert state.outcome is not None  # noqa: S101 - tenacity sets it before any callback
    result: Exchange = state.outcome.result()
    return result


def _retry_after(exchange: Exchange) -> float | None:
    value = exchange.header("retry-after")
    if value is None:
        return None
    try:
        return float(Retry().parse_retry_after(value))
    except (HTTPError, ValueError, OverflowError):
        return None
