"""The words for the queries in which a failure is new."""

from __future__ import annotations

import pytest

from conformance.report.spread import named, new_queries

EMAIL, GIT = "category=EMAIL&activeOnly=true", "category=GIT&activeOnly=true"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((EMAIL,), (EMAIL, GIT, "category=GIT", "category=CLOUD"), "GIT, CLOUD"),
        ((EMAIL,), ("category=EMAIL", EMAIL), "?category=EMAIL"),
        ((EMAIL,), ("", "activeOnly=false"), "(no query), ?activeOnly=false"),
        ((), (GIT,), "GIT"),
    ],
)
def test_what_a_failure_spread_to(
    before: tuple[str, ...], after: tuple[str, ...], words: str
) -> None:
    assert named(before, new_queries(before, after)) == words
