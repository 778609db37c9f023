"""A clock that only waiting moves, and answers to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.target.pacing import Pace
from conformance.target.retries import Control, Patience, Purpose
from support.canned.exchanges import exchange

RIGHT = exchange([])


def busy(status: int = 503, retry_after: str | None = None) -> Exchange:
    """Return an answer of a server that is busy."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return exchange(b"", status=status, headers=headers)


def troubled(kind: TroubleKind, *, elapsed: float = 0.0) -> Exchange:
    """Return an exchange that got no answer."""
    return replace(RIGHT, status=0, body=b"", trouble=Trouble(kind, "why"), elapsed=elapsed)


@dataclass
class Clock:
    """Seconds since the test began."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        # Whoever waits until a moment must find that it has come, however it is rounded.
        self.now += seconds + 1e-9


class Asked:
    """A server that answers as told, in order; each answer takes as long as it says."""

    def __init__(self, *answers: Exchange, budget: float = 60.0) -> None:
        self.clock = Clock()
        self.answers: Iterator[Exchange] = iter(answers)
        self.sent: list[float] = []
        self.patience = Patience(Pace(budget, clock=self.clock, sleep=self.clock.sleep))

    def send(self) -> Exchange:
        """Send one request."""
        self.sent.append(round(self.clock.now, 3))
        answer = next(self.answers)
        self.clock.now += answer.elapsed
        return answer

    def ask(self, purpose: Purpose = Purpose.ALIVE, *, control: Control | None = None) -> Exchange:
        """Ask one request until its answer is final."""
        return self.patience.ask(self.send, purpose, control=control)

    @property
    def notes(self) -> list[str]:
        """What a reader of the report is told."""
        return self.patience.notes()
