"""Transient trouble is waited out, for as long as the server asks and the budget allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned import exchange

from conformance.exchange import Exchange, Trouble, TroubleKind
from conformance.patience import ATTEMPTS, FIRST_WAIT, LONGEST_WAIT, Patience

RIGHT = exchange([])
NOW = 1_770_000_000


def busy(status: int = 503, retry_after: str | None = None) -> Exchange:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return exchange(b"", status=status, headers=headers)


def troubled(kind: TroubleKind) -> Exchange:
    return replace(RIGHT, status=0, body=b"", trouble=Trouble(kind, "why"))


class Asked:
    """A server that answers as told, and a clock that records what was waited."""

    def __init__(self, *answers: Exchange, budget: float = 30.0) -> None:
        self._answers: Iterator[Exchange] = iter(answers)
        self.waited: list[float] = []
        self.patience = Patience(budget, sleep=self.waited.append)

    def ask(self, *, first: bool = False) -> Exchange:
        return self.patience.ask(lambda: next(self._answers), first=first)


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        *(busy(status) for status in (201, 302, 400, 401, 403, 404, 500, 501)),
        *(
            troubled(kind)
            for kind in (
                TroubleKind.TLS,
                TroubleKind.TIMEOUT,
                TroubleKind.CUT_SHORT,
                TroubleKind.UNDECODABLE,
                TroubleKind.TOO_LARGE,
            )
        ),
    ],
)
def test_a_final_answer_is_not_asked_again(answer: Exchange) -> None:
    asked = Asked(answer)
    assert asked.ask() == replace(answer, attempts=1)
    assert asked.waited == []
    assert asked.patience.repeats == 0


@pytest.mark.parametrize(
    "trouble",
    [
        *(busy(status) for status in (429, 502, 503, 504)),
        *(
            troubled(kind)
            for kind in (TroubleKind.CLOSED, TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP)
        ),
    ],
)
def test_transient_trouble_is_waited_out(trouble: Exchange) -> None:
    asked = Asked(trouble, trouble, RIGHT)
    assert asked.ask() == replace(RIGHT, attempts=3)
    # A lost connection is replaced at once; only then does the server get time.
    first = 0 if trouble.trouble is not None else FIRST_WAIT
    assert asked.waited == [first, 2 * FIRST_WAIT]
    assert asked.patience.repeats == 2


def test_attempts_are_bounded() -> None:
    asked = Asked(*[busy()] * (ATTEMPTS + 1))
    assert asked.ask() == replace(busy(), attempts=ATTEMPTS)
    assert asked.waited == pytest.approx([FIRST_WAIT * 2**n for n in range(ATTEMPTS - 1)])
    assert max(asked.waited) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [
        ("7", 7),
        (" 3 ", 3),
        ("0", 0),
        (formatdate(NOW + 12, usegmt=True), 12),
        # A date that has passed asks for no wait.
        (formatdate(NOW - 60, usegmt=True), 0),
        # What cannot be read is as good as none.
        ("soon", FIRST_WAIT),
        ("-5", FIRST_WAIT),
        ("1.5", FIRST_WAIT),
        ("", FIRST_WAIT),
        ("9" * 5000, FIRST_WAIT),
    ],
)
def test_the_server_says_how_long_to_wait(
    retry_after: str, waited: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: float(NOW))
    asked = Asked(busy(429, retry_after), RIGHT)
    asked.ask()
    assert asked.waited == [waited]


@pytest.mark.parametrize("retry_after", ["31", "9" * 400])
def test_a_wait_beyond_the_budget_is_not_begun(retry_after: str) -> None:
    asked = Asked(busy(503, retry_after), RIGHT, budget=30)
    assert asked.ask() == replace(busy(503, retry_after), attempts=1)
    assert asked.waited == []


@pytest.mark.parametrize("kind", [TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP])
def test_a_target_that_was_never_there_is_not_waited_for(kind: TroubleKind) -> None:
    asked = Asked(troubled(kind), RIGHT)
    assert asked.ask(first=True) == troubled(kind)
    assert asked.waited == []
    # One that is busy, or closes a connection, is there.
    for trouble in (busy(), troubled(TroubleKind.CLOSED)):
        assert Asked(trouble, RIGHT).ask(first=True).status == 200


def test_the_budget_is_shared_by_all_requests() -> None:
    asked = Asked(busy(503, "20"), RIGHT, busy(503, "10"), RIGHT, busy(503, "1"), RIGHT, budget=30)
    assert [asked.ask().status for _ in range(2)] == [200, 200]
    assert asked.waited == [20, 10]
    assert asked.ask().status == 503
    assert asked.patience.repeats == 2


def test_without_a_budget_nothing_is_waited_for() -> None:
    asked = Asked(busy(), RIGHT, budget=0)
    assert asked.ask().status == 503
    assert asked.waited == []


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_no_header_breaks_the_waiting(value: str) -> None:
    asked = Asked(busy(429, value), RIGHT)
    assert asked.ask().status in (200, 429)
    assert all(seconds >= 0 for seconds in asked.waited)
