"""Repeating requests that met transient trouble, until the answer is final or the budget spent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import tenacity

from conformance.core.text import clipped, visible
from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request, TroubleKind
from conformance.target.pacing import Exhausted, Pace, doubled
from conformance.target.trouble import Tally, kind_of, retry_after

ABSENT = frozenset({TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP, TroubleKind.TLS})
UNBLAMED = frozenset({TroubleKind.UNREACHABLE, TroubleKind.TLS})
"""What happens before a query is read, and cannot be due to it."""
PLAIN = 5
"""Attempts at a request before it is asked whether the server answers others."""
ROUNDS = 8
"""Trials in a row, each after another query was answered, that a query has to fail to be blamed.

With the attempts before them, of a server that fails one request in five at random, one run of 400
requests out of ten million comes to blame; where it fails every other one, one out of a thousand.
"""
PROOFS = 3
"""Requests that have to fail for good before less is enough for others that fail alike."""
SHORT_CUT = 2
"""Attempts that are enough then, and where a request that was blamed is asked again."""
SLOW = (2, 2, 1)
"""The same numbers for queries that get no answer in time, which cost so much more."""
ASIDE = 6
"""Attempts at a request without whose answer the run can do."""
ASIDE_WAIT = 0.5
"""Seconds between them, at the most, unless the server asks for more."""
ROUND_WAIT = 0.5


@dataclass(frozen=True, slots=True)
class Control:
    """A request that was answered with 200 before, to tell whether the server is in trouble now.

    ``send`` asks it; ``renew`` gets a new credential after it was refused, or raises
    ``CannotTest``.
    """

    send: Callable[[], Exchange]
    renew: Callable[[Exchange], None]


class Purpose(Enum):
    """What becomes of a request that keeps meeting trouble."""

    OPENING = "the trouble is returned after a few attempts"
    ENDPOINT = "blamed on the query if others are answered at the same time, else CannotTest"
    ALIVE = "CannotTest, once the budget is spent"
    ASIDE = "the trouble is returned after some attempts, or when a part of the budget is spent"


class Patience:
    """Asks again as long as that may help; what was met and waited is in ``tally`` and ``pace``."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.tally = Tally()
        self._lock = threading.Lock()
        self._blamed: set[Request] = set()
        self._lasting: Counter[tuple[Purpose, str]] = Counter()

    def ask(
        self,
        send: Callable[[], Exchange],
        purpose: Purpose = Purpose.ALIVE,
        *,
        control: Control | None = None,
    ) -> Exchange:
        """Send until the answer is final; ``purpose`` says what else may be returned.

        Without ``control`` no query is blamed.

        Raises:
            CannotTest: the budget was spent before there was a final answer.
        """
        if purpose is Purpose.ENDPOINT and control is None:
            purpose = Purpose.ALIVE
        asking = _Asking(self, send, purpose, control)
        repeating = tenacity.Retrying(
            retry=tenacity.retry_if_result(asking.goes_on),
            stop=tenacity.stop_never,
            wait=asking.wait,
            sleep=asking.sleep,
        )
        try:
            exchange: Exchange = repeating(asking.attempt)
        except Exhausted as end:
            if not asking.may_return(end):
                raise CannotTest(asking.explain(end)) from None
            exchange = asking.last
        finally:
            # Otherwise it holds itself, and with it a body of any size, until garbage is collected.
            repeating.iter_state.reset()
        settled = exchange.transient and purpose is Purpose.ENDPOINT
        with self._lock:
            if purpose is Purpose.ASIDE and exchange.transient:
                self.tally.add_lasting(asking.met)
            elif not settled:
                self.tally.add_passing(asking.met, over=not exchange.transient)
            if exchange.transient:
                self._lasting[purpose, kind_of(exchange)] += 1
            if settled:
                self._blamed.add(exchange.request)
        return replace(exchange, attempts=asking.attempts, settled=settled)

    def notes(self) -> list[str]:
        """Return what to tell a reader of the report."""
        with self._lock:
            return self.tally.notes(self.pace.waited, self.pace.spacing.longest)

    def enough(self, exchange: Exchange, purpose: Purpose) -> tuple[int, int]:
        """Return how many plain attempts and trials have to fail like this one to be final."""
        kind = kind_of(exchange)
        plain, rounds, proofs = SLOW if exchange.late else (PLAIN, ROUNDS, PROOFS)
        with self._lock:
            lasting = self._lasting[purpose, kind] >= proofs
            # Where repeating ever helped, it may help again.
            if exchange.request in self._blamed or (lasting and not self.tally.passed[kind]):
                return (1, 1) if exchange.late else (SHORT_CUT, 0)
        return (ASIDE, 0) if purpose is Purpose.ASIDE else (plain, rounds)


class _Asking:
    """One request on its way to a final answer."""

    last: Exchange

    def __init__(
        self,
        patience: Patience,
        send: Callable[[], Exchange],
        purpose: Purpose,
        control: Control | None,
    ) -> None:
        self._patience = patience
        self._pace = patience.pace
        self._send = send
        self._purpose = purpose
        self._control = control
        self._latest: Exchange | None = None
        self.attempts = 0
        self.met: Counter[str] = Counter()
        self._failures = 0
        self._trials = 0
        self._outages = 0
        self._limited = False

    def attempt(self) -> Exchange:
        """Send once more, after another query where it has to be told who is in trouble."""
        if self._control is not None and self._purpose is Purpose.ENDPOINT and self._failures:
            plain, rounds = self._patience.enough(self.last, self._purpose)
            if rounds and self._failures >= plain:
                return self._try(self._control)
        return self._once()

    def goes_on(self, exchange: Exchange) -> bool:
        """Whether this answer is not final."""
        if not exchange.transient:
            return False
        kind = exchange.trouble and exchange.trouble.kind
        if self._purpose is Purpose.ALIVE:
            # Where every answer is cut short, that is how this server answers.
            return kind is not TroubleKind.CUT_SHORT or self._failures < PLAIN
        if self._purpose is Purpose.OPENING:
            final = kind in ABSENT or kind is TroubleKind.TIMEOUT or self._failures >= PLAIN
            return self._limited or not final
        if self._purpose is Purpose.ASIDE:
            plain, _ = self._patience.enough(exchange, self._purpose)
            return self.attempts < plain and not exchange.late
        if not self._blamable():
            return True
        plain, rounds = self._patience.enough(exchange, self._purpose)
        return self._failures < plain or self._trials < rounds

    def may_return(self, end: Exhausted) -> bool:
        """Whether the trouble itself may be returned when nothing can be waited any more."""
        if self._purpose is Purpose.OPENING:
            return not self._limited and end.asked is None
        return self._purpose is Purpose.ASIDE

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds that this request waits by itself, while others go on."""
        exchange = self.last
        asked = retry_after(exchange)
        kind = exchange.trouble and exchange.trouble.kind
        if self._purpose is Purpose.ASIDE:
            return max(asked or 0.0, min(doubled(state.attempt_number), ASIDE_WAIT))
        if self._limited or asked is not None or kind is TroubleKind.TIMEOUT:
            # The pace has put everyone off, or the time is gone already.
            return 0.0
        if kind is TroubleKind.CUT_SHORT:
            return 0.0
        if self._trials:
            return ROUND_WAIT
        if self._outages:
            return doubled(self._outages + 1)
        if kind is not None and self._failures == 1:
            # Servers close idle connections; a new one is there at once.
            return 0.0
        return doubled(self._failures)

    def sleep(self, seconds: float) -> None:
        """Wait, and pay for it."""
        if not seconds:
            return
        if self._purpose is Purpose.ASIDE:
            self._pace.pause(seconds, least=retry_after(self.last) or 0.0, aside=True)
        else:
            self._pace.pause(seconds)

    def explain(self, end: Exhausted) -> str:
        """Return why there is no final answer, as the text of ``CannotTest``."""
        # It may be the query asked in between, and not this one, that is put off for too long.
        met = self.last if end.asked is None or self._latest is None else self._latest
        request = f"{met.request.method} {met.url}"
        if met.trouble is None:
            text = f"{request} was answered with {met.outcome}"
        else:
            text = f"{request} got no answer ({met.trouble.reason})"
        text = f"the server did not recover: {text}"
        if met is self.last:
            text += f", asked {f'{self.attempts} times' if self.attempts > 1 else 'once'}"
        if end.asked is not None:
            asked = visible(clipped(met.header("retry-after") or ""))
            text += f", and asks to wait for longer (Retry-After: {asked})"
        total = self._pace.total
        if not total:
            return f"{text}; --retry-budget 0 allows no waiting, more than 0 does"
        waited = f"{self._pace.waited:.1f} s were waited in all"
        return f"{text}; {waited}, and --retry-budget allows {total:g} s, which can be raised"

    def _once(self) -> Exchange:
        with self._pace.turn() as sent:
            exchange = self._send()
        self.attempts += 1
        self.last = exchange
        self._limited = exchange.status == 429
        if exchange.transient and not self._limited:
            self._failures += 1
        self._take_in(exchange, sent)
        return exchange

    def _try(self, control: Control) -> Exchange:
        # Some servers manage only so many requests at once: a query is blamed for what it does
        # alone, right after another that was answered.
        with self._pace.alone():
            with self._pace.turn() as sent:
                other = control.send()
            self._take_in(other, sent)
            if other.status == 200 and not other.late:
                self._outages = 0
                exchange = self._once()
                if self._blamable():
                    self._trials += 1
                elif not self._limited:
                    self._trials = 0
                return exchange
        self._trials = 0
        self._outages += 1
        if other.refused:
            control.renew(other)
        return self.last

    def _blamable(self) -> bool:
        trouble = self.last.trouble
        return not self._limited and (trouble is None or trouble.kind not in UNBLAMED)

    def _take_in(self, exchange: Exchange, sent: float) -> None:
        self._latest = exchange
        if not exchange.transient:
            self._pace.answered(sent)
            return
        self.met[kind_of(exchange)] += 1
        asked = retry_after(exchange)
        limited = exchange.status == 429
        if self._purpose is Purpose.ASIDE:
            if limited:
                self._pace.slow_down(sent)
        elif limited or asked is not None:
            self._pace.postpone(asked, sent, limited=limited)
        elif (
            exchange.trouble is not None
            and exchange.trouble.kind in (TroubleKind.TIMEOUT, TroubleKind.UNREACHABLE)
            and self._purpose is not Purpose.OPENING
        ):
            self._pace.lost(exchange.elapsed, sent)
