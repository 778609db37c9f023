"""Mistakes are attributed to an equivalent spelling only if it always shows them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, select
from support.canned.verdicts import UNFILTERED, verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query, overencoded, reordered
from conformance.evidence.equivalent_queries import open_requests, spellings
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span

PLAIN = Query("category=AI_MODEL&activeOnly=false")
TURNED = reordered(PLAIN)
OTHERS = (TURNED, overencoded(PLAIN), overencoded(TURNED))


def right(query: Query) -> Exchange:
    return exchange(select(Query.of(query.pairs)), query)


def wrong(query: Query) -> Exchange:
    return exchange(list(CLUSTER), query)


def refused(query: Query) -> Exchange:
    return exchange({"message": "no"}, query, status=400)


@pytest.mark.parametrize("answer", [wrong(TURNED), refused(TURNED)])
def test_a_mistake_that_one_spelling_always_shows_is_its_own(answer: Exchange) -> None:
    gathered = evidence(*(replace(answer) for _ in range(5)))
    spelling = spellings(gathered)[TURNED]
    assert spelling.plain == PLAIN
    assert spelling.mistakes
    assert spelling.certain
    assert verdict("FILTER-10", gathered).outcome is Outcome.FAILED
    assert open_requests(gathered) == ()
    # Until it is certain, the spelling is sent in turn with the plain query.
    whole = exchange(list(CLUSTER), UNFILTERED)
    for times in range(1, 5):
        spans = [Span(whole, (right(PLAIN), replace(answer)), whole) for _ in range(times)]
        doubtful = evidence(spans=tuple(spans), opening=whole)
        assert [one.query for one in open_requests(doubtful)] == [PLAIN, TURNED]
        result = verdict("FILTER-10", doubtful)
        assert (result.outcome, result.findings) == (Outcome.INCONCLUSIVE, ())
        assert "too rarely" in result.reason


@pytest.mark.parametrize("others", [[right(TURNED)], [wrong(PLAIN), right(PLAIN)]])
def test_a_mistake_that_is_not_always_there_or_not_only_there(others: list[Exchange]) -> None:
    gathered = evidence(*(wrong(TURNED) for _ in range(9)), *others)
    assert spellings(gathered)[TURNED].mistakes == ()
    assert open_requests(gathered) == ()


@pytest.mark.parametrize("seed", range(20))
def test_random_mistakes_are_not_attributed_to_spellings(seed: int) -> None:
    chances = random.Random(seed)  # noqa: S311 - not for secrets
    queries = [query for query in OTHERS for _ in range(5)]
    answers = [wrong(query) if chances.random() < 0.3 else right(query) for query in queries]
    plain = [wrong(PLAIN) if chances.random() < 0.3 else right(PLAIN) for _ in range(8)]
    gathered = evidence(*answers, *plain)
    for requirement in ("FILTER-10", "FILTER-11"):
        assert verdict(requirement, gathered).findings == ()
