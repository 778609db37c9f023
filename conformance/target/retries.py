"""Retrying requests after transient failures, until the response is final or the budget spent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from conformance.core.text import clipped, counted, visible
from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request, TroubleKind
from conformance.target.pacing import Exhausted, Pace, doubled
from conformance.target.trouble import Tally, kind_of, retry_after

HOPELESS_AT_FIRST = frozenset(
    {TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP, TroubleKind.TLS, TroubleKind.TIMEOUT}
)
WAITED_ENOUGH = frozenset({TroubleKind.TIMEOUT, TroubleKind.CUT_SHORT})
LONG = frozenset({TroubleKind.TIMEOUT, TroubleKind.UNREACHABLE})
"""Failures that are paid for, since they may take as long as a wait."""
UNBLAMED = frozenset({TroubleKind.UNREACHABLE, TroubleKind.TLS})
"""Failures that happen before the query is sent, so that it cannot cause them."""
RESTARTING = frozenset({None, TroubleKind.CLOSED, TroubleKind.TIMEOUT})
"""Failures while a part of the server restarts; ``None`` is one with a status.

A proxy may send each URL to a server of its own. A restart of that server fails every attempt at
this URL, however many there are, while all other queries succeed.
"""
RESERVE = 20.0
"""Seconds of the budget that no query may use before the end of the run.

Blaming ``PROOFS`` queries takes 5.5 seconds each, one after the other in parts that are sent in
sequence; the rest is for later failures of other requests.
"""
PLAIN_ATTEMPTS = 5
"""Least attempts at a request before checking whether the server responds to others."""
TRIALS = 8
"""Failures in a row, each sent alone, right after another query succeeded, that blame a query.

So a query is blamed after 13 failures at least, and not before the budget is spent up to
``RESERVE``. If a server fails one request in five at random, one run of 400 requests in ten million
blames a query wrongly; if it fails every second one, one in a thousand.
"""
PROOFS = 3
"""Requests of one kind of failure to be blamed before ``SHORT_CUT`` attempts blame others."""
SHORT_CUT = 2
"""Attempts that are enough then, or if the same request was blamed before."""
FOR_TIMEOUTS = (2, 2, 1)
"""``PLAIN_ATTEMPTS``, ``TRIALS`` and ``PROOFS`` for timeouts, which take much longer."""
OPTIONAL_ATTEMPTS = 6
"""Attempts at a request that the run can do without."""
OPTIONAL_WAIT = 0.5
"""Maximum seconds between them, unless the server asks for more."""
TRIAL_WAIT = 0.5
"""Seconds between trials."""


@dataclass(frozen=True, slots=True)
class Control:
    """A request that returned 200 before; it shows whether the server as a whole fails now.

    ``send`` sends it; ``renew`` renews the credential after a refusal, or raises ``CannotTest``.
    """

    send: Callable[[], Exchange]
    renew: Callable[[Exchange], object]


class Purpose(Enum):
    """What happens when a request keeps failing."""

    OPENING = "the failure is returned after a few attempts, unless the server goes down meanwhile"
    ENDPOINT = "the failure is returned if other queries succeed meanwhile, else CannotTest"
    LAST = "as ENDPOINT, once the whole budget is spent"
    REQUIRED = "CannotTest, once the budget is spent"
    OPTIONAL = "the failure is returned after some attempts, or once a part of the budget is spent"


BLAMING = frozenset({Purpose.ENDPOINT, Purpose.LAST})


class Enough(NamedTuple):
    """What makes a failure final: failed attempts, and failed trials.

    ``patient`` means that it is not final while the budget allows further attempts.
    """

    plain: int
    trials: int = 0
    patient: bool = False


class Retries:
    """Retries requests; failures are counted in ``tally`` and waiting time in ``pace``.

    ``responded`` is set by the first response with a status, whatever it was: a server is there.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.tally = Tally()
        self._lock = threading.Lock()
        self._blamed: set[Request] = set()
        self._lasting: Counter[tuple[Purpose, str]] = Counter()
        self.responded = False

    def ask(
        self,
        send: Callable[[], Exchange],
        purpose: Purpose = Purpose.REQUIRED,
        *,
        control: Control | None = None,
    ) -> Exchange:
        """Send until the response is final; ``purpose`` sets what happens if it never is.

        Without ``control`` no query is blamed for its failures.

        Raises:
            CannotTest: the budget was spent before there was a final response.
        """
        if purpose in BLAMING and control is None:
            purpose = Purpose.REQUIRED
        attempts = _Attempts(self, send, purpose, control)
        try:
            attempts.attempt()
            while attempts.should_repeat():
                attempts.wait()
                attempts.attempt()
        except Exhausted as end:
            if not attempts.may_return(end):
                raise CannotTest(attempts.explain(end)) from None
        exchange = attempts.last
        settled = exchange.transient and purpose in BLAMING
        with self._lock:
            if purpose is Purpose.OPTIONAL and exchange.transient:
                self.tally.stayed.update(attempts.failures)
            elif not settled:
                self.tally.add_passing(attempts.failures, over=not exchange.transient)
            if exchange.transient:
                self._lasting[purpose, kind_of(exchange)] += 1
            if settled:
                self._blamed.add(exchange.request)
        return replace(exchange, attempts=attempts.number, settled=settled)

    def blamed(self, request: Request) -> bool:
        """Whether this request was blamed for its failures before."""
        with self._lock:
            return request in self._blamed

    def lasts(self, exchange: Exchange, purpose: Purpose) -> bool:
        """Whether another request was blamed for this kind of failure before."""
        with self._lock:
            return self._lasting[purpose, kind_of(exchange)] > 0

    def wait_for_recovery(self, failed: Exchange, attempts: int) -> None:
        """Wait while the whole server fails, in a way that usually is not transient.

        Raises:
            Exhausted: the budget is spent.
        """
        self.pace.pause(doubled(attempts))
        with self._lock:
            self.tally.add_passing({kind_of(failed): 1}, over=False)

    def pass_over(self, failed: Exchange) -> None:
        """Register a failure that did not recur when the request was repeated."""
        with self._lock:
            self.tally.add_passing({kind_of(failed): 1}, over=True)

    def notes(self) -> list[str]:
        """Return notes about failures and waiting for the report."""
        with self._lock:
            return self.tally.notes(self.pace.waited, self.pace.spacing.longest)

    def enough(self, exchange: Exchange, purpose: Purpose) -> Enough:
        """Return what makes this failure final."""
        if purpose is Purpose.LAST:
            return Enough(1, 1, patient=True)
        kind, usual = kind_of(exchange), (PLAIN_ATTEMPTS, TRIALS, PROOFS)
        plain, trials, proofs = FOR_TIMEOUTS if exchange.timed_out else usual
        with self._lock:
            lasting = self._lasting[purpose, kind] >= proofs
            # If retrying ever helped with this kind of failure, it may help again.
            if exchange.request in self._blamed or (lasting and not self.tally.passed[kind]):
                return Enough(1, 1) if exchange.timed_out else Enough(SHORT_CUT)
        if purpose is Purpose.OPTIONAL:
            return Enough(OPTIONAL_ATTEMPTS)
        return Enough(plain, trials, patient=True)


class _Attempts:
    """The attempts at one request, until its final response."""

    last: Exchange
    number = 0
    _latest: Exchange | None = None
    _failed = _trials = _outages = 0
    _limited = _crowded = False

    def __init__(
        self,
        retries: Retries,
        send: Callable[[], Exchange],
        purpose: Purpose,
        control: Control | None,
    ) -> None:
        self._retries = retries
        self._pace = retries.pace
        self._send = send
        self._purpose = purpose
        self._control = control
        self.failures: Counter[str] = Counter()

    def attempt(self) -> None:
        """Send once more, or in a trial if the server or the query may be the cause."""
        if self._control is not None and self._purpose in BLAMING and self._failed:
            enough = self._retries.enough(self.last, self._purpose)
            if enough.trials and self._failed >= enough.plain and not self._patience():
                self._trial(self._control)
                return
        self._send_once()

    def should_repeat(self) -> bool:
        """Whether the last response is not final."""
        exchange = self.last
        if not exchange.transient:
            return False
        kind = exchange.trouble and exchange.trouble.kind
        if self._purpose is Purpose.REQUIRED:
            # A server that truncates every response does not recover.
            return kind is not TroubleKind.CUT_SHORT or self._failed < PLAIN_ATTEMPTS
        if self._purpose is Purpose.OPENING:
            if kind is TroubleKind.UNREACHABLE and self._retries.responded:
                # It was there a moment ago, so it is restarting.
                return True
            final = kind in HOPELESS_AT_FIRST or self._failed >= PLAIN_ATTEMPTS
            return self._limited or not final
        enough = self._retries.enough(exchange, self._purpose)
        if self._purpose is Purpose.OPTIONAL:
            return self.number < enough.plain and not exchange.timed_out
        if not self._blamable() or self._patience():
            return True
        return self._failed < enough.plain or self._trials < enough.trials

    def may_return(self, end: Exhausted) -> bool:
        """Whether the failure may be returned when the budget does not allow another wait."""
        if self._purpose is Purpose.OPENING:
            return not self._limited and end.asked is None
        if self._purpose in BLAMING and self._control is not None:
            if self._outages or not self._blamable():
                return False
            if self._retries.blamed(self.last.request):
                return True
            # Timeouts spend the budget themselves, so that it may end before the trials.
            proven = self._failed > 1 or self._retries.lasts(self.last, self._purpose)
            if not (self.last.timed_out and proven) or end.asked is not None:
                return False
            with self._pace.alone():
                other, _ = self._asked(self._control)
            return _is_well(other)
        return self._purpose is Purpose.OPTIONAL

    def wait(self) -> None:
        """Wait before the next attempt while others continue, and pay from the budget."""
        exchange = self.last
        asked = retry_after(exchange)
        kind = exchange.trouble and exchange.trouble.kind
        if self._purpose is Purpose.OPTIONAL:
            least = asked or 0.0
            seconds = max(least, min(doubled(self.number), OPTIONAL_WAIT))
            self._pace.pause(seconds, least=least, optional=True)
        elif not self._limited and self._failed >= PLAIN_ATTEMPTS and (left := self._patience()):
            self._pace.pause(min(doubled(self._failed), left))
        elif self._limited or asked is not None or kind in WAITED_ENOUGH:
            # If the server limits requests or asks to wait, the pace postpones all of them.
            return
        elif self._trials:
            self._pace.pause(TRIAL_WAIT)
        elif self._outages:
            self._pace.pause(doubled(self._outages + 1))
        # Servers close idle connections; a new one needs no wait.
        elif kind is None or self._failed > 1:
            self._pace.pause(doubled(self._failed))

    def explain(self, end: Exhausted) -> str:
        """Return the text of ``CannotTest``: why there is no final response."""
        # The request that must wait too long may be the control request instead of this one.
        failed = self.last if end.asked is None or self._latest is None else self._latest
        text = f"the server did not recover: {failed.request.method} {failed.url} "
        trouble = failed.trouble
        text += f"failed ({trouble.reason})" if trouble else f"returned {failed.outcome}"
        if failed is self.last:
            text += f" after {counted(self.number, 'attempt')}"
        if end.asked is not None:
            asked = visible(clipped(failed.header("retry-after") or ""))
            text += f" and asks for a longer wait (Retry-After: {asked})"
        total = self._pace.budget.total
        if not total:
            return f"{text}; --retry-budget 0 allows no waiting, so raise it"
        waited = f"waited {self._pace.waited:.1f} s in total"
        text = f"{text}; {waited} of the {total:g} s allowed; raise the limit with --retry-budget"
        if failed.status == 429:
            text += ", or lower the rate with --rate-limit if a rate limiter has banned this client"
        return text

    def _send_once(self) -> None:
        with self._pace.turn() as sent:
            exchange = self._send()
        self.number += 1
        self.last = exchange
        self._limited = exchange.status == 429
        if exchange.transient and not self._limited:
            self._failed += 1
        self._register(exchange, sent)

    def _trial(self, control: Control) -> None:
        # Some servers fail under concurrent requests. A query is therefore blamed only for failing
        # alone, right after another query succeeded.
        with self._pace.alone():
            other, sent = self._asked(control)
            self._register(other, sent)
            if _is_well(other):
                self._outages = 0
                self._send_once()
                if self._blamable():
                    self._trials += 1
                elif not self._limited:
                    self._trials = 0
                return
        self._trials = 0
        self._outages += 1
        if other.refused:
            control.renew(other)

    def _asked(self, control: Control) -> tuple[Exchange, float]:
        with self._pace.turn() as sent:
            return control.send(), sent

    def _patience(self) -> float:
        """Return the seconds to wait for a restart before the query may be blamed."""
        kind = self.last.trouble and self.last.trouble.kind
        if kind not in RESTARTING or not self._retries.enough(self.last, self._purpose).patient:
            return 0.0
        # Each trial may take as long as this attempt, and timeouts are paid for.
        trials = FOR_TIMEOUTS[1] * self.last.elapsed if self.last.timed_out else 0.0
        reserve = 0.0 if self._purpose is Purpose.LAST else RESERVE + trials
        return max(0.0, self._pace.budget.left - reserve)

    def _blamable(self) -> bool:
        trouble = self.last.trouble
        return not self._limited and (trouble is None or trouble.kind not in UNBLAMED)

    def _register(self, exchange: Exchange, sent: float) -> None:
        self._latest = exchange
        self._retries.responded |= exchange.status > 0
        if not exchange.transient:
            self._pace.answered(sent)
            if self._crowded and exchange is self.last:
                self._crowded = False
                self._pace.recovered()
            return
        self.failures[kind_of(exchange)] += 1
        asked = retry_after(exchange)
        limited = exchange.status == 429
        kind = exchange.trouble and exchange.trouble.kind
        if self._purpose is Purpose.OPTIONAL:
            if limited:
                self._pace.slow_down(sent)
        elif limited or asked is not None:
            self._crowded |= self._pace.busy and not limited
            self._pace.postpone(asked, sent, limited=limited)
        elif kind in LONG and self._purpose is not Purpose.OPENING:
            self._pace.lost(exchange.elapsed, sent)


def _is_well(control: Exchange) -> bool:
    return control.status == 200 and not control.timed_out
