"""A simulated clock, and responses of busy servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.target.pacing import Pace
from conformance.target.retries import Control, Purpose, Retries
from support.canned.exchanges import exchange

RIGHT = exchange([])


def busy(status: int = 503, retry_after: str | None = None) -> Exchange:
    """Return the response of a busy server."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return exchange(b"", status=status, headers=headers)


def troubled(kind: TroubleKind, *, elapsed: float = 0.0) -> Exchange:
    """Return an exchange without a response."""
    return replace(RIGHT, status=0, body=b"", trouble=Trouble(kind, "why"), elapsed=elapsed)


@dataclass
class Clock:
    """Seconds since the test began."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        # The small addition compensates rounding, so that the awaited time has come.
        self.now += seconds + 1e-9


class Asked:
    """A server that returns the given responses in order; each takes its ``elapsed`` time."""

    def __init__(self, *answers: Exchange, budget: float = 60.0) -> None:
        self.clock = Clock()
        self.answers: Iterator[Exchange] = iter(answers)
        self.sent: list[float] = []
        self.retries = Retries(Pace(budget, clock=self.clock, sleep=self.clock.sleep))

    def send(self) -> Exchange:
        """Send one request."""
        self.sent.append(round(self.clock.now, 3))
        answer = next(self.answers)
        self.clock.now += answer.elapsed
        return answer

    def ask(
        self, purpose: Purpose = Purpose.REQUIRED, *, control: Control | None = None
    ) -> Exchange:
        """Send one request until its response is final."""
        return self.retries.ask(self.send, purpose, control=control)

    @property
    def notes(self) -> list[str]:
        """The notes for the report."""
        return self.retries.notes()
