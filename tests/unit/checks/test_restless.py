"""Providers that change all the time cannot be compared between results."""

from __future__ import annotations

from itertools import count

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, select
from support.canned.verdicts import LAW, UNFILTERED, verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query, documented
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import KEPT_CHANGING


def changing(member: str, names: frozenset[str]) -> Evidence:
    """Return the evidence of a run in which a field of some providers grew with every request."""
    numbers = count(1)

    def read(query: Query) -> Exchange:
        number = next(numbers)
        cluster = [
            one | {member: one[member] + number} if one["name"] in names else one for one in CLUSTER
        ]
        return exchange(select(query, cluster), query)

    def span() -> Span:
        before = read(UNFILTERED)
        within = tuple(read(query) for query in documented(LAW) if query != UNFILTERED)
        return Span(before, within, read(UNFILTERED))

    spans = tuple(span() for _ in range(5))
    return evidence(spans=spans, opening=spans[0].before)


EVERY = frozenset(str(one["name"]) for one in CLUSTER)


@pytest.mark.parametrize(
    ("requirement", "member"), [("FILTER-09", "updateTime"), ("MODEL-05", "modelsCount")]
)
def test_if_every_provider_changes_the_verdict_is_inconclusive(
    requirement: str, member: str
) -> None:
    result = verdict(requirement, changing(member, EVERY))
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, KEPT_CHANGING)


@pytest.mark.parametrize(
    ("requirement", "member"), [("FILTER-09", "updateTime"), ("MODEL-05", "modelsCount")]
)
def test_providers_that_do_not_change_are_judged(requirement: str, member: str) -> None:
    result = verdict(requirement, changing(member, frozenset({"openAI"})))
    assert result.outcome is Outcome.PASSED
