"""The summary of documented queries counts requests, and verdicts name violating queries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider
from support.canned.verdicts import LAW, UNFILTERED, everywhere, replacing, verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import documented
from conformance.evidence.statistics import views

ALL = [query.wire for query in documented(LAW)]
INACTIVE = [provider(f"p{number}", enabled=False) for number in range(9)]


def test_every_documented_query_is_in_the_summary() -> None:
    found = views(evidence())
    assert [view.query for view in found] == ALL
    unfiltered = found[ALL.index("activeOnly=false")]
    assert unfiltered.values == {"category": None, "activeOnly": "false"}
    assert unfiltered.providers == len(CLUSTER)
    assert found[0].values == {"category": None, "activeOnly": None}
    assert found[0].providers == 2
    assert all(view.asked == view.answered > 0 for view in found)


@pytest.mark.parametrize(
    ("body", "status", "answered", "providers"),
    [(b"[]", 500, False, None), (b"{}", 200, True, None), (b"oh", 200, True, None)],
)
def test_responses_that_are_not_listings(
    body: bytes, status: int, answered: bool, providers: int | None
) -> None:
    gathered = replacing("category=GIT", body, status=status)
    (view,) = (view for view in views(gathered) if view.query == "category=GIT")
    assert view.asked > 0
    assert view.answered == (view.asked if answered else 0)
    assert view.providers is providers


def test_the_summary_is_empty_if_no_query_was_sent() -> None:
    gathered = replace(evidence(), spans=(), opening=exchange([], "activeOnly=false"))
    assert views(gathered) == ()
    asked = replace(gathered, unanchored=(exchange([], "category=GIT"),))
    counts = {view.query: view.asked for view in views(asked)}
    assert counts == dict.fromkeys(ALL, 0) | {"category=GIT": 1}


def test_every_query_counts_and_not_only_those_of_the_examples() -> None:
    wrong = ("activeOnly=true", "category=GIT&activeOnly=true", "category=EMAIL&activeOnly=true")
    replaced = {wire: exchange(INACTIVE, wire) for wire in wrong}
    found = verdict("FILTER-04", evidence(replaced=replaced))
    assert found.outcome is Outcome.FAILED
    # The examples are those of the shortest query.
    assert {finding.query for finding in found.findings} == {"activeOnly=true"}
    assert len(found.findings) == 5
    assert {*found.queries} == {*wrong}
    assert list(found.queries) == [wire for wire in ALL if wire in wrong]


@pytest.mark.parametrize(
    ("requirement", "wrong"),
    [
        ("SHAPE-02", provider("x", enabled=...)),
        ("MODEL-04", provider("x", modelsCount=-1)),
        ("SECRET-01", provider("x", configuration={"api_key": "sk-0123456789abcdef"})),
    ],
)
def test_equal_responses_are_judged_once_and_count_for_each_query(
    requirement: str, wrong: dict[str, object]
) -> None:
    both = {wire: exchange([wrong], wire) for wire in ("category=GIT", "category=EMAIL")}
    found = verdict(requirement, evidence(replaced=both))
    assert found.outcome is Outcome.FAILED
    assert {*found.queries} == {*both}


def test_which_queries_are_named() -> None:
    odd = exchange(b"", "category=NONE&activeOnly=false", status=500)
    other = replace(exchange([], UNFILTERED, path="/api/integrations"), leaks=("body",))
    for requirement, shown in (("ROBUST-01", odd), ("AUTH-08", other)):
        found = verdict(requirement, evidence(shown))
        assert (found.outcome, found.queries) == (Outcome.FAILED, ())
    replaced = everywhere([provider("x", apis=[{"api": "gpt"}])])
    assert list(verdict("MODEL-01", evidence(replaced=replaced)).queries) == ALL
    assert verdict("FILTER-04", evidence()).queries == ()
