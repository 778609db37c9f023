"""An interruption stays one, whatever other code makes of it."""

from __future__ import annotations

import pytest
from support.servers.plain import answering

import conformance
from conformance.core.interruption import lies_behind
from conformance.runner.gathering import Gatherer


def unprepared(*_: object) -> None:
    """Do what Hypothesis does when it is interrupted before it is ready."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise AssertionError from None


def test_what_code_makes_of_an_interruption_is_told_from_a_defect() -> None:
    with pytest.raises(AssertionError) as caught:
        unprepared()
    assert lies_behind(caught.value)
    assert lies_behind(KeyboardInterrupt())
    assert not lies_behind(AssertionError())
    outer = ValueError()
    outer.__context__ = LookupError()
    assert not lies_behind(outer)


def test_a_run_that_is_interrupted_inside_a_library_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Gatherer, "gather", unprepared)
    with answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, _):
        report = conformance.run(url, profile="quick")
    assert report.interrupted


def test_a_defect_is_no_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Gatherer) -> None:
        raise LookupError

    monkeypatch.setattr(Gatherer, "gather", broken)
    with (
        answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, _),
        pytest.raises(LookupError),
    ):
        conformance.run(url, profile="quick")
