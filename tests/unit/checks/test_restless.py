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


def changing(member: str, names: frozenset[str]) -> Evidence:
    """Return the evidence of a run in which a field of some providers grew with every request."""
    numbers = count(1)

    def read(query: Query) -> Exchange:
        number = next(numbers)
        cluster = [
            one | {member: one[member] + number} if one["name"] in names else one for one in CLUSTER
        ]
        return exchange(select(query, cluster), query)

    plain = [query for query in documented(LAW) if query != UNFILTERED]
    spans = tuple(
        Span(read(UNFILTERED), tuple(map(read, plain)), read(UNFILTERED)) for _ in range(5)
    )
    return evidence(spans=spans, opening=spans[0].before)


EVERY = frozenset(str(one["name"]) for one in CLUSTER)


@pytest.mark.parametrize(
    ("requirement", "member"), [("FILTER-09", "updateTime"), ("MODEL-05", "modelsCount")]
)
def test_only_providers_that_do_not_change_are_judged(requirement: str, member: str) -> None:
    assert verdict(requirement, changing(member, frozenset({"openAI"}))).outcome is Outcome.PASSED
    result = verdict(requirement, changing(member, EVERY))
    assert (result.outcome, result.reason) == (
        Outcome.INCONCLUSIVE,
        "the target kept changing while it was read, so its responses could not be compared",
    )
