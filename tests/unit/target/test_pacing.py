"""Test the back-off shared by all threads: budget, not-before time and request rate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.clock import Clock

from conformance.errors import CannotTest
from conformance.target.pacing import (
    FIRST_WAIT,
    LONGEST_WAIT,
    SLOWEST,
    Budget,
    Exhausted,
    Pace,
    Spacing,
    doubled,
)

DEADLINE = 60
"""Seconds; only so that a test cannot hang."""


def test_waits_double_up_to_the_longest() -> None:
    waits = [doubled(times) for times in range(1, 60)]
    assert waits[:4] == [FIRST_WAIT * factor for factor in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == doubled(10**9) == LONGEST_WAIT


def test_what_several_wait_at_once_is_paid_once() -> None:
    budget = Budget(10)
    for start, end, spent in ((0, 2, 2), (1, 3, 3), (1.5, 2.5, 3), (5, 6, 4), (0, 4, 4)):
        budget.pay(start, end)
        assert budget.spent == spent
    assert budget.affords(6, 12)
    assert not budget.affords(6, 12.1)
    assert budget.affords(5, 12)
    # Until 6, the others have paid.
    assert budget.longest(5) == 7
    budget.pay(6, 100)
    assert budget.left == budget.longest(50) == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 10)).map(lambda pair: (pair[0], sum(pair))),
        max_size=30,
    )
)
def test_no_more_is_paid_than_the_time_that_passed(waits: list[tuple[float, float]]) -> None:
    budget = Budget(1000)
    for start, end in sorted(waits):
        budget.pay(start, end)
    longest = max((end for _, end in waits), default=0)
    assert 0 <= budget.spent <= longest + 1e-6


class Told:
    """A pace whose clock advances only with waits and requests."""

    def __init__(self, budget: float = 60.0) -> None:
        self.clock = Clock()
        self.pace = Pace(budget, clock=self.clock, sleep=self.clock.sleep)

    def ask(self, *answers: tuple[float | None, bool] | None) -> list[float]:
        """Send a request per given response (``None`` or a wait); return when each was sent."""
        times = []
        for answer in answers:
            with self.pace.turn() as sent:
                times.append(round(sent, 6))
            if answer is None:
                self.pace.answered()
            else:
                self.pace.postpone(answer[0], sent, limited=answer[1])
        return times


NOTHING, AT_ONCE = (None, False), (0.0, False)


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        # Nobody sends before the time that the server asked for.
        ([None, (7.0, True), None, None], [0, 0, 7, 7]),
        # If it does not ask for any, waits double until there is a response.
        ([NOTHING, NOTHING, NOTHING, None, NOTHING, None], [0, 0.1, 0.3, 0.7, 0.7, 0.8]),
        # If it never means what it asks for, waits become longer.
        ([AT_ONCE, AT_ONCE, AT_ONCE, None], [0, 0, 0.2, 0.6]),
    ],
)
def test_when_requests_are_sent(
    answers: list[tuple[float | None, bool] | None], sent: list[float]
) -> None:
    assert Told().ask(*answers) == pytest.approx(sent)


def test_requests_that_were_under_way_do_not_make_the_wait_longer() -> None:
    told = Told()
    with told.pace.turn() as first, told.pace.turn() as second:
        told.clock.now += 0.01
    for sent in (first, second):
        told.pace.postpone(None, sent, limited=True)
    assert told.ask(None) == pytest.approx([0.01 + FIRST_WAIT])
    assert told.pace.waited == pytest.approx(FIRST_WAIT)


@pytest.mark.parametrize(
    ("budget", "answers", "asked", "waited"),
    [
        # A wait beyond the budget is not begun.
        (30, [(20.0, True), None, (10.1, True)], 10.1, 20),
        # The budget is used to its end where the server does not say how long to wait.
        (1, [(None, True)] * 20, None, 1),
    ],
)
def test_how_much_of_the_budget_is_used(
    budget: float, answers: list[tuple[float | None, bool]], asked: float | None, waited: float
) -> None:
    told = Told(budget=budget)
    with pytest.raises(Exhausted) as caught:
        told.ask(*answers)
    assert caught.value.asked == asked
    assert told.pace.waited == pytest.approx(waited)
    assert told.clock.now == pytest.approx(waited)


def test_without_a_budget_only_what_costs_no_time_is_done() -> None:
    told = Told(budget=0)
    assert told.ask((0.0, True), None) == [0, 0]
    with pytest.raises(Exhausted):
        told.ask((None, True))
    with pytest.raises(Exhausted):
        told.pace.pause(0.1)
    assert told.pace.waited == 0


def test_single_requests_wait_while_others_go_on() -> None:
    told = Told(budget=12)
    told.pace.pause(3)
    assert [told.clock.now, told.pace.waited] == pytest.approx([3, 3])
    # A sixth of the budget is for optional requests.
    told.pace.pause(3, optional=True)
    assert told.pace.waited == pytest.approx(5)
    for seconds, least, optional in ((1, 0, True), (100, 8, False)):
        with pytest.raises(Exhausted):
            told.pace.pause(seconds, least=least, optional=optional)
    told.pace.pause(100)
    assert told.pace.waited == pytest.approx(12)


def test_time_in_which_no_answer_came_is_paid_for() -> None:
    told = Told(budget=25)
    told.clock.now = 100
    for _ in range(2):
        told.pace.lost(10, 90)
    assert told.pace.waited == 10
    told.clock.now = 120
    with pytest.raises(Exhausted):
        told.pace.lost(20, 100)


Limit = Callable[[float], bool]


def bucket(rate: float, burst: int) -> Limit:
    tokens, filled = float(burst), 0.0

    def passes(now: float) -> bool:
        nonlocal tokens, filled
        tokens, filled = min(burst, tokens + (now - filled) * rate), now
        if tokens < 1:
            return False
        tokens -= 1
        return True

    return passes


def window(number: int, length: float) -> Limit:
    place, passed = 0, 0

    def passes(now: float) -> bool:
        nonlocal place, passed
        if place != int(now / length):
            place, passed = int(now / length), 0
        passed += 1
        return passed <= number

    return passes


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize(
    ("limit", "rate"),
    [
        (partial(bucket, 20, 20), 20),
        (partial(bucket, 20, 1), 20),
        (partial(bucket, 5, 5), 5),
        (partial(bucket, 100, 10), 100),
        (partial(window, 20, 1), 20),
    ],
)
def test_a_run_finds_the_pace_of_a_server_that_limits_it(
    limit: Callable[[], Limit], rate: float, retry_after: float | None
) -> None:
    told, passes = Told(), limit()
    refusals = 0
    for _ in range(400):
        while True:
            with told.pace.turn() as sent:
                told.clock.now += 0.002
            if passes(sent):
                break
            refusals += 1
            told.pace.postpone(retry_after, sent, limited=True)
        told.pace.answered()
    assert told.pace.waited < 30
    assert refusals < 100
    assert told.clock.now < 2 * 400 / rate + 70


def test_requests_are_not_spaced_for_long_where_that_does_not_help() -> None:
    spacing = Spacing()
    now = 0.0
    for number in range(400):
        now += 0.005 + spacing.interval
        if number % 5:
            spacing.answered()
        else:
            now += 0.2
            spacing.refused(now)
    assert 0 < spacing.longest <= SLOWEST
    assert spacing.interval == 0


@contextmanager
def another(pace: Pace) -> Iterator[threading.Event]:
    """Send in another thread; the event is set when its turn has begun."""
    entered = threading.Event()

    def send() -> None:
        with pace.turn():
            entered.set()

    thread = threading.Thread(target=send)
    thread.start()
    yield entered
    thread.join(DEADLINE)


def test_one_is_sent_at_a_time_until_a_server_that_put_all_off_answers() -> None:
    told = Told()
    told.ask((1.0, True))
    with told.pace.turn(), another(told.pace) as second:
        assert not second.wait(0.05)
        told.pace.answered()
        assert second.wait(DEADLINE)


def test_fewer_are_sent_at_once_after_answers_that_came_too_late() -> None:
    clock = Clock(now=10)
    pace = Pace(600, 2, clock=clock, sleep=clock.sleep)
    pace.lost(10, 0)
    with ExitStack() as stack:
        with pace.turn():
            entered = stack.enter_context(another(pace))
            assert not entered.wait(0.05)
        assert entered.wait(DEADLINE)


def test_fewer_are_sent_at_once_after_failures_among_others_that_recovered() -> None:
    pace = Pace(60, 2)
    pace.recovered()
    with pace.turn(), another(pace) as second:
        assert second.wait(DEADLINE)
    pace.recovered()
    with ExitStack() as stack:
        with pace.turn():
            entered = stack.enter_context(another(pace))
            assert not entered.wait(0.05)
        assert entered.wait(DEADLINE)


def test_alone_waits_for_those_under_way_and_keeps_others_out() -> None:
    pace = Pace(60)
    entered, order = threading.Event(), []

    def alone() -> None:
        with pace.alone(), pace.turn():
            order.append("alone")
            entered.set()

    with pace.turn():
        thread = threading.Thread(target=alone)
        thread.start()
        assert not entered.wait(0.05)
        order.append("under way")
    assert entered.wait(DEADLINE)
    thread.join(DEADLINE)
    with pace.turn():
        order.append("afterwards")
    assert order == ["under way", "alone", "afterwards"]


def test_stopping_wakes_everyone_who_waits() -> None:
    pace = Pace(3600)
    with pace.turn() as sent:
        pace.postpone(3000.0, sent, limited=True)
    errors: list[CannotTest] = []

    def wait(how: Callable[[], None]) -> None:
        try:
            how()
        except CannotTest as error:
            errors.append(error)

    def turn() -> None:
        with pace.turn():
            pass

    def alone() -> None:
        with pace.alone():
            turn()

    hows = (turn, alone, partial(pace.pause, 3000))
    threads = [threading.Thread(target=wait, args=(how,)) for how in hows]
    for thread in threads:
        thread.start()
    reason = CannotTest("enough")
    pace.stop(reason)
    pace.stop(CannotTest("too late"))
    for thread in threads:
        thread.join(DEADLINE)
        assert not thread.is_alive()
    assert errors == [reason] * 3


def test_requests_that_others_do_not_wait_for_set_the_pace_as_well() -> None:
    told = Told()
    for _ in range(2):
        told.ask(*[None] * 10)
        told.clock.now += 1
        told.pace.slow_down(told.clock.now)
    assert told.pace.spacing.interval == pytest.approx(0.1)
    assert told.pace.waited == 0


def test_answers_to_what_was_under_way_before_a_refusal_say_nothing_of_the_rate() -> None:
    told = Told()
    told.clock.now = 0.1
    told.ask((1.0, True))
    for _ in range(3):
        told.pace.answered(0.0)
    assert told.ask((1.0, True)) == pytest.approx([1.1])
    assert told.pace.spacing.longest == 0
