"""Test that the chart of response times stays within its frame and is readable."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.statistics import summarize
from conformance.report.render.time_chart import chart, duration


@given(st.lists(st.floats(0, 900, allow_nan=False), min_size=1))
def test_everything_is_within_the_drawing(seconds: list[float]) -> None:
    times = summarize(seconds)
    assert times is not None
    drawn = chart(times)
    assert len(drawn.bars) == len(times.bins)
    for bar in drawn.bars:
        assert drawn.left <= bar.x
        assert bar.x + bar.width <= drawn.right + 0.2
        assert drawn.top - 0.1 <= bar.y
        assert bar.y + bar.height == pytest.approx(drawn.floor, abs=0.2)
        assert bar.width > 0
    # A wider range has one tick per factor of ten; labels do not overlap.
    assert 1 <= len(drawn.ticks) <= 8
    for one, other in itertools.pairwise(drawn.ticks):
        assert other.place - one.place >= 44
    for mark in (*drawn.ticks, *drawn.lines):
        assert drawn.left <= mark.place <= drawn.right
    for level in drawn.levels:
        assert drawn.top - 0.1 <= level.place < drawn.floor


def test_the_text_alternative() -> None:
    times = summarize([0.001, 0.002, 0.0025, 1.5])
    assert times is not None
    drawn = chart(times)
    assert drawn.words == (
        "4 responses: fastest 1 ms, median 2 ms, 90 % within 1.5 s, 99 % within 1.5 s, "
        "slowest 1.5 s"
    )
    assert drawn.bars[0].words == "1 ms to 1.26 ms: 1 response"
    # The highest bar reaches the top of the scale.
    assert min(bar.y for bar in drawn.bars) == drawn.levels[-1].place == drawn.top


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0001, "0.1 ms"),
        (0.00126, "1.26 ms"),
        (0.0099999, "10 ms"),
        (0.123456, "123 ms"),
        (0.9999, "1 s"),
        (1.0, "1 s"),
        (12.345, "12.3 s"),
        (999.9, "1,000 s"),
        (12345.6, "12,346 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
