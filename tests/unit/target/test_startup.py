"""Test waiting for a server to come up, with a simulated clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

import pytest
from support.canned.exchanges import exchange

from conformance import Target
from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.target.startup import LONGEST_ASKED, LONGEST_PAUSE, SHORTEST, until_answered


def _trouble(kind: TroubleKind) -> Exchange:
    return replace(exchange([]), status=0, body=b"", trouble=Trouble(kind, f"it is {kind}"))


def _status(status: int, **headers: str) -> Exchange:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return replace(exchange([]), status=status, headers=given)


class Reachable:
    """Returns the given responses in order and repeats the last; each takes 0.1 seconds."""

    def __init__(self, answers: Iterable[Exchange], interval: float = 0.0) -> None:
        self.answers = list(answers)
        self.interval = interval
        self.now = 0.0
        self.timeouts: list[float] = []
        self.pauses: list[float] = []

    def probe_once(self, timeout: float) -> Exchange:
        self.timeouts.append(timeout)
        self.now += 0.1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.pauses.append(seconds)
        self.now += seconds

    def wait(self, seconds: float) -> str:
        target = cast("Target", self)
        return until_answered(target, seconds, clock=lambda: self.now, sleep=self.sleep)


REFUSED = _trouble(TroubleKind.UNREACHABLE)


@pytest.mark.parametrize(
    "answer",
    [
        *map(_status, (200, 301, 401, 404, 429, 500, 501)),
        # What waiting cannot mend is left to the run.
        *map(_trouble, (TroubleKind.TLS, TroubleKind.NOT_HTTP, TroubleKind.CUT_SHORT)),
    ],
)
def test_what_ends_the_waiting(answer: Exchange) -> None:
    server = Reachable([answer])
    assert server.wait(10) == "The server responded at once (--wait, 1 request)."
    assert not server.pauses


@pytest.mark.parametrize(
    "absent",
    [
        REFUSED,
        _trouble(TroubleKind.CLOSED),
        _trouble(TroubleKind.TIMEOUT),
        *map(_status, (502, 503, 504, 521, 530)),
    ],
)
def test_what_is_waited_out(absent: Exchange) -> None:
    server = Reachable([absent, absent, absent, _status(401)])
    note = server.wait(30)
    assert len(server.pauses) == 3
    assert note.startswith("The server responded after ")
    assert "(--wait, 4 requests): 3 " in note


def test_the_pauses_grow_and_are_polite() -> None:
    server = Reachable([REFUSED])
    with pytest.raises(CannotTest) as caught:
        server.wait(20)
    assert server.pauses[:4] == [0.25, 0.5, 1.0, 2.0]
    assert max(server.pauses) == LONGEST_PAUSE
    assert "did not respond within 20 s (--wait): " in str(caught.value)
    assert "failed connections; the last result was: it is unreachable; start it" in str(
        caught.value
    )
    # It waits no longer than allowed, except for the last response.
    assert 20 <= server.now <= 20 + 0.2
    assert min(server.timeouts) == SHORTEST


def test_it_waits_as_long_as_a_server_asks_within_reason_and_the_rate_allows() -> None:
    busy = _status(503, retry_after="4")
    server = Reachable([busy, _status(503, retry_after="3600"), _status(200)])
    server.wait(60)
    assert server.pauses == [4.0, LONGEST_ASKED]
    server = Reachable([REFUSED, REFUSED, _status(200)], interval=5.0)
    server.wait(60)
    assert server.pauses == [5.0, 5.0]
    with pytest.raises(CannotTest):
        Reachable([REFUSED], interval=5.0).wait(4)
