"""Summaries of response times are complete, and comparable between runs."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, evidence, provider

from conformance.evidence.statistics import Bin, summarize, views


def test_a_hundred_responses() -> None:
    times = summarize(number / 100 for number in range(100, 0, -1))
    assert times is not None
    assert times.count == 100
    assert (times.shortest, times.median, times.ninetieth) == (0.01, 0.5, 0.9)
    assert (times.ninety_ninth, times.longest) == (0.99, 1.0)
    # A time on a bound belongs to the bin that starts there.
    assert times.bins[0] == Bin(0.01, 0.0126, 1)
    assert times.bins[-1] == Bin(1.0, 1.26, 1)


def test_one_response_and_none() -> None:
    assert summarize([]) is None
    times = summarize([0.0042])
    assert times is not None
    assert times.as_dict() == {
        "count": 1,
        **dict.fromkeys(("shortest", "median", "p90", "p99", "longest"), 0.0042),
        "bins": [{"from": 0.00398, "to": 0.00501, "count": 1}],
    }


@given(st.lists(st.floats(0, 900, allow_nan=False), min_size=1))
def test_every_response_is_in_its_bin_and_the_numbers_are_in_order(seconds: list[float]) -> None:
    times = summarize(seconds)
    assert times is not None
    assert sum(one.count for one in times.bins) == times.count == len(seconds)
    # Shorter times count as a tenth of a millisecond.
    counted = [max(one, 1e-4) for one in seconds]
    for one in times.bins:
        assert sum(one.start <= s < one.end for s in counted) == one.count
        # Ten bins lead from a time to ten times it.
        assert one.end / one.start == pytest.approx(10**0.1, rel=0.01)
    for before, after in itertools.pairwise(times.bins):
        assert before.end == after.start
    assert times.bins[0].count
    assert times.bins[-1].count
    numbers = [times.shortest, times.median, times.ninetieth, times.ninety_ninth, times.longest]
    assert numbers == sorted(numbers)
    within = sum(round(one, 6) <= times.ninetieth for one in counted)
    assert within >= 0.9 * len(seconds)


@pytest.mark.parametrize(
    ("cluster", "decided"),
    [
        ([], set()),
        ([provider("a", category="GIT")], {"activeOnly=false", "others"}),
        (
            [provider("a", category="GIT"), provider("b", category="GIT", enabled=False)],
            {"", "activeOnly=true", "activeOnly=false", "others"},
        ),
        (
            CLUSTER,
            {
                *("", "activeOnly=true", "activeOnly=false", "others"),
                *("category=AI_MODEL", "category=AI_MODEL&activeOnly=true"),
            },
        ),
    ],
)
def test_a_query_is_decided_if_a_mistake_in_each_of_its_filters_would_show(
    cluster: list[dict[str, object]], decided: set[str]
) -> None:
    found = {view.query for view in views(evidence(cluster=cluster)) if view.decided}
    known = {"", "activeOnly=true", "activeOnly=false"}
    known |= {
        f"category={name}{end}" for name in ("AI_MODEL", "GIT") for end in ("", "&activeOnly=true")
    }
    assert found & known == decided & known
    # With activeOnly=false, any provider of another category decides a category.
    others = {f"category={name}&activeOnly=false" for name in ("CLOUD", "EMAIL")}
    assert others <= found if "others" in decided else not others & found
