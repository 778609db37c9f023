"""What happens while a server is judged: latency, trouble, restarts and changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from foreign.cluster import changing
from foreign.network import Trouble, link
from foreign.serving import Server
from foreign.stack import Stack

BETWEEN_RESTARTS = 1.0
"""Seconds from the first request to the first restart, and from one replica to the next."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What happens; ``latency`` and ``lag`` (of each replica behind the one before) in seconds."""

    name: str
    latency: float = 0.0
    blips: tuple[Trouble, ...] = ()
    restarts: bool = False
    changes: bool = False
    lag: float = 0.0

    @property
    def eventful(self) -> bool:
        """Whether anything happens, apart from latency."""
        return bool(self.blips or self.restarts or self.changes)

    def suits(self, stack: Stack) -> bool:
        """Whether this can happen to a stack."""
        holding = stack.origins or (stack,)
        if self.changes and not all(one.database for one in holding):
            return False
        if self.lag and len(holding) < 2:
            return False
        return not self.restarts or len(holding) > 1 or not stack.build


STEADY = Condition(name="0 ms")
CONDITIONS = (
    STEADY,
    Condition(name="50 ms", latency=0.05),
    Condition(name="200 ms", latency=0.2),
    Condition(name="blips", blips=tuple(Trouble)),
    Condition(name="restart", restarts=True),
    Condition(name="changes", changes=True),
    Condition(name="changes, lagging replica", changes=True, lag=0.3),
)


@contextmanager
def under(condition: Condition, server: Server) -> Iterator[int]:
    """Let a condition prevail; yield the port at which the server is to be judged."""
    if condition == STEADY:
        yield server.port
        return
    with ExitStack() as together:
        if condition.changes:
            databases = [replica.database for replica in server.replicas]
            together.enter_context(changing(databases, condition.lag))
        network = together.enter_context(
            link(server.port, latency=condition.latency, blips=condition.blips)
        )
        if condition.restarts:
            together.enter_context(_restarting(server, network.used))
        yield network.port


@contextmanager
def _restarting(server: Server, used: threading.Event) -> Iterator[None]:
    """Restart each replica once, one after the other, as soon as somebody has connected."""
    ended = threading.Event()

    def restart() -> None:
        used.wait()
        for replica in server.replicas:
            if ended.wait(BETWEEN_RESTARTS):
                return
            replica.stop()
            replica.start()

    thread = threading.Thread(target=restart, name="restarting")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        used.set()
        thread.join()
