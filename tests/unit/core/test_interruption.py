"""An interruption is recognised even if other code turned it into another exception."""

from __future__ import annotations

import pytest
from support.servers.plain import answering

import conformance
from conformance.core.interruption import caused
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


def test_a_run_that_is_interrupted_inside_a_library_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Gatherer, "gather", unprepared)
    with answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, _):
        report = conformance.run(url, profile="quick")
    assert report.interrupted


def test_a_defect_is_not_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Gatherer) -> None:
        raise LookupError

    monkeypatch.setattr(Gatherer, "gather", broken)
    with (
        answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, _),
        pytest.raises(LookupError),
    ):
        conformance.run(url, profile="quick")
