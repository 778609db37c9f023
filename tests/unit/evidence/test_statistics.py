"""Summaries of response times are complete, and comparable between runs."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.statistics import BOUNDS, Bin, summarize

SECONDS = st.floats(0, 900, allow_nan=False)


def test_a_hundred_responses() -> None:
    times = summarize(number / 100 for number in range(100, 0, -1))
    assert times is not None
    assert times.count == 100
    assert (times.shortest, times.median, times.ninetieth) == (0.01, 0.5, 0.9)
    assert (times.ninety_ninth, times.longest) == (0.99, 1.0)
    # A time on a bound belongs to the bin that starts there.
    assert times.bins[0] == Bin(0.01, 0.0126, 1)
    assert times.bins[-1] == Bin(1.0, 1.26, 1)


def test_one_response() -> None:
    times = summarize([0.0042])
    assert times is not None
    assert times.as_dict() == {
        "count": 1,
        **dict.fromkeys(("shortest", "median", "p90", "p99", "longest"), 0.0042),
        "bins": [{"from": 0.00398, "to": 0.00501, "count": 1}],
    }


def test_no_response() -> None:
    assert summarize([]) is None


@given(st.lists(SECONDS, min_size=1))
def test_every_response_is_in_its_bin(seconds: list[float]) -> None:
    times = summarize(seconds)
    assert times is not None
    assert sum(one.count for one in times.bins) == times.count == len(seconds)
    for one in times.bins:
        held = [s for s in seconds if one.start <= max(s, BOUNDS[0]) < one.end]
        assert len(held) == one.count
    for before, after in itertools.pairwise(times.bins):
        assert before.end == after.start
    assert times.bins[0].count
    assert times.bins[-1].count


@given(st.lists(SECONDS, min_size=1))
def test_the_numbers_are_in_order(seconds: list[float]) -> None:
    times = summarize(seconds)
    assert times is not None
    numbers = [times.shortest, times.median, times.ninetieth, times.ninety_ninth, times.longest]
    assert numbers == sorted(numbers)
    within = sum(round(max(one, BOUNDS[0]), 6) <= times.ninetieth for one in seconds)
    assert within >= 0.9 * len(seconds)


def test_bounds_are_ten_to_a_factor_of_ten() -> None:
    assert len({*BOUNDS}) == len(BOUNDS) == 81
    for place in range(70):
        assert BOUNDS[place + 10] == pytest.approx(10 * BOUNDS[place])
