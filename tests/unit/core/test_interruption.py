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
