"""Test the limits of a run: number of requests, request rate and duration."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import CannotTest, UsageError
from conformance.target.limits import MOST_REQUESTS, RUN_TIMEOUT, Allowance, Limits, parse_rate


def never(_: CannotTest) -> None:
    raise AssertionError("the time was not over")


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5", 5), ("5/s", 5), (" 2.5 / s ", 2.5), ("300/m", 5), ("7200/h", 2), ("0.5", 0.5)],
)
def test_rates_are_read(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "5/d", "fast", "1e3", "5/s/s", "nan", "inf", "10001", "0/m", "0.9/h", "٣"],
)
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="write a rate limit like 5/s, 300/m or 1000/h, at least"):
        parse_rate(text)


@given(st.text())
def test_any_text_is_a_rate_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert 1 / 3600 <= parse_rate(text) <= 10_000


@pytest.mark.parametrize(
    "arguments",
    [
        *({"rate": 0}, {"rate": -1}, {"rate": 1e-9}, {"seconds": 0}, {"seconds": 86400}),
        *({"requests": 0}, {"requests": 10**400}),
    ],
)
def test_limits_that_make_no_sense_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Limits(**arguments)  # type: ignore[arg-type]


def test_a_timer_can_wait_for_the_longest_run() -> None:
    longest = Limits(rate=parse_rate("1/h"), requests=MOST_REQUESTS)
    assert longest.time_for(MOST_REQUESTS) < threading.TIMEOUT_MAX


def test_a_rate_limit_adds_the_time_that_it_costs() -> None:
    assert Limits().time_for(4000) == RUN_TIMEOUT
    assert Limits(rate=2).time_for(4000) == RUN_TIMEOUT + 2000
    assert Limits(rate=2, seconds=5).time_for(4000) == 5


@pytest.mark.parametrize(
    ("limits", "requests", "said"),
    [(Limits(), 3, "3 requests"), (Limits(requests=1), 1, "1 request")],
)
def test_requests_are_counted_and_the_one_too_many_refused(
    limits: Limits, requests: int, said: str
) -> None:
    allowance = Allowance(limits)
    allowance.take()
    # What was asked for goes before the profile.
    allowance.begin(3, never)
    for _ in range(requests):
        allowance.take()
    with pytest.raises(CannotTest, match=f"reached its limit of {said}; raise it with --max-req"):
        allowance.take()
    assert allowance.sent == requests + 1
    allowance.end()
    allowance.take()
    assert allowance.sent == requests + 2


def test_no_request_may_take_longer_than_the_run() -> None:
    now = [0.0]
    allowance = Allowance(Limits(seconds=50), clock=lambda: now[0])
    assert allowance.left(60) == 60
    allowance.begin(1, never)
    assert allowance.left(10) == 10
    now[0] = 45
    assert allowance.left(10) == 5
    now[0] = 50
    with pytest.raises(
        CannotTest, match="took longer than 50 seconds; raise the limit with --run-timeout"
    ):
        allowance.left(10)
    allowance.end()
    assert allowance.left(10) == 10


def test_who_waits_is_told_when_the_time_is_over() -> None:
    told: list[CannotTest] = []
    over = threading.Event()

    def stop(reason: CannotTest) -> None:
        told.append(reason)
        over.set()

    allowance = Allowance(Limits(seconds=0.01))
    allowance.begin(1, stop)
    assert over.wait(30)
    assert "took longer than 0.01 seconds" in str(told[0])
    allowance.end()


def test_threads_share_the_allowance() -> None:
    allowance = Allowance(Limits())
    allowance.begin(1000, never)

    def refusals(_: int) -> int:
        refused = 0
        for _ in range(300):
            try:
                allowance.take()
            except CannotTest:
                refused += 1
        return refused

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(refusals, range(4))) == 200
    assert allowance.sent == 1000
    allowance.end()
