"""Mistakes are attributed to an equivalent spelling only if it always shows them."""

from __future__ import annotations

import random

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, select
from support.canned.verdicts import verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query, overencoded, reordered
from conformance.evidence.equivalent_queries import open_requests, spellings
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.view_comparison import CONFIRMATIONS

PLAIN = Query("category=AI_MODEL&activeOnly=false")
TURNED = reordered(PLAIN)


def right(query: Query) -> Exchange:
    return exchange(select(Query.of(query.pairs)), query)


def wrong(query: Query) -> Exchange:
    return exchange(list(CLUSTER), query)


def asked(*answers: Exchange) -> Evidence:
    return evidence(*answers)


def refused(query: Query) -> Exchange:
    return exchange({"message": "no"}, query, status=400)


@pytest.mark.parametrize("answer", [wrong, refused])
def test_a_mistake_that_one_spelling_always_shows_is_its_own(answer: object) -> None:
    answers = [answer(TURNED) for _ in range(CONFIRMATIONS)]  # type: ignore[operator]
    spelling = spellings(asked(*answers))[TURNED]
    assert spelling.plain == PLAIN
    assert spelling.mistakes
    assert spelling.certain
    assert verdict("FILTER-10", asked(*answers)).outcome is Outcome.FAILED
    assert open_requests(asked(*answers)) == ()


@pytest.mark.parametrize("times", range(1, CONFIRMATIONS))
def test_it_is_sent_in_turn_with_the_plain_query_until_certain(times: int) -> None:
    gathered = asked(*(refused(TURNED) for _ in range(times)))
    assert [one.query for one in open_requests(gathered)] == [PLAIN, TURNED]
    result = verdict("FILTER-10", gathered)
    assert (result.outcome, result.findings) == (Outcome.INCONCLUSIVE, ())
    assert "too rarely" in result.reason


def test_a_mistake_shown_only_sometimes_is_not_its_own() -> None:
    gathered = asked(*(wrong(TURNED) for _ in range(9)), right(TURNED))
    assert spellings(gathered)[TURNED].mistakes == ()
    assert open_requests(gathered) == ()


def test_a_mistake_that_the_plain_query_shows_once_is_not_its_own() -> None:
    gathered = asked(*(wrong(TURNED) for _ in range(9)), wrong(PLAIN), right(PLAIN))
    assert spellings(gathered)[TURNED].mistakes == ()


@pytest.mark.parametrize("seed", range(20))
def test_random_mistakes_are_not_attributed_to_spellings(seed: int) -> None:
    chances = random.Random(seed)  # noqa: S311 - not for secrets
    queries = [query for query in OTHERS for _ in range(CONFIRMATIONS)]
    answers = [wrong(query) if chances.random() < 0.3 else right(query) for query in queries]
    plain = [wrong(PLAIN) if chances.random() < 0.3 else right(PLAIN) for _ in range(8)]
    gathered = asked(*answers, *plain)
    for requirement in ("FILTER-10", "FILTER-11"):
        assert verdict(requirement, gathered).findings == ()


OTHERS = (TURNED, overencoded(PLAIN), overencoded(TURNED))
