"""An interruption is recognised even if other code turned it into another exception."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator

import pytest
from support.servers.plain import answering

import conformance
from conformance.core.interruption import OutOfTime, acknowledge, caused, deferred, install, limited
from conformance.errors import UsageError
from conformance.runner.gathering import Gatherer


def unprepared(*_: object) -> None:
    """Fail like Hypothesis when it is interrupted during its start."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise AssertionError from None


def test_an_error_caused_by_an_interruption_is_recognised() -> None:
    with pytest.raises(AssertionError) as caught:
        unprepared()
    assert caused(caught.value)
    assert caused(KeyboardInterrupt())
    assert not caused(AssertionError())
    outer = ValueError()
    outer.__context__ = LookupError()
    assert not caused(outer)


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handle signals as the command does."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    install()
    yield
    acknowledge()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_block_is_stopped_wherever_it_is(signals: None) -> None:
    with pytest.raises(OutOfTime), limited(0.01):
        endless()
    # Neither a block in time nor one that failed is stopped later.
    with limited(0.05):
        pass
    with pytest.raises(LookupError), limited(0.05):
        raise LookupError
    time.sleep(0.1)
    with pytest.raises(KeyboardInterrupt), limited(60):
        signal.raise_signal(signal.SIGINT)


def test_a_limit_within_a_deferred_block_is_kept(signals: None) -> None:
    with deferred(), pytest.raises(OutOfTime), limited(0.01):
        endless()
    with pytest.raises(KeyboardInterrupt), deferred(), limited(60):
        # There is time to finish, but not for long.
        signal.raise_signal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), deferred(), pytest.raises(OutOfTime), limited(60):
        endless(signal.SIGTERM)


def test_what_fails_in_a_deferred_block_is_the_cause_of_its_interruption(signals: None) -> None:
    error = UsageError("not written")

    def fail(*, interrupted: bool) -> None:
        with deferred():
            if interrupted:
                signal.raise_signal(signal.SIGTERM)
            raise error

    with pytest.raises(KeyboardInterrupt) as caught:
        fail(interrupted=True)
    assert caught.value.__cause__ is error
    with pytest.raises(UsageError, match="not written"):
        fail(interrupted=False)


def test_another_process_keeps_its_alarm() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limited(0.001):
        time.sleep(0.05)
    assert signal.getsignal(signal.SIGALRM) is before


def endless(number: signal.Signals | None = None) -> None:
    if number is not None:
        signal.raise_signal(number)
    # The first exception is lost in a destructor.
    Slow()
    while True:
        pass


class Slow:
    """Takes long to be forgotten."""

    def __del__(self) -> None:
        time.sleep(0.1)


@pytest.mark.parametrize("defect", [False, True])
def test_only_an_interruption_inside_a_library_interrupts_the_run(
    monkeypatch: pytest.MonkeyPatch, defect: bool
) -> None:
    def broken(_: Gatherer) -> None:
        raise LookupError

    monkeypatch.setattr(Gatherer, "gather", broken if defect else unprepared)
    with answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, _):
        if defect:
            with pytest.raises(LookupError):
                conformance.run(url, profile="quick")
        else:
            assert conformance.run(url, profile="quick").interrupted


def test_a_deferred_block_within_another_delays_to_the_end_of_the_outer_one(signals: None) -> None:
    done = []

    def nested() -> None:
        with deferred():
            with deferred():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            with deferred():
                done.append("next")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        nested()
    assert done == ["inner", "next", "outer"]
    # The next block is not interrupted by what is over.
    with deferred():
        done.append("later")
    assert done[-1] == "later"
