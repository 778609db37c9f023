"""Failures of a part of the server are told from those of a request and of a fickle server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from support.canned.exchanges import CLUSTER, GRANTED, evidence, exchange
from support.canned.verdicts import LAW

from conformance.contract.query import documented
from conformance.evidence import outages
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.target.refused_credentials import ABSENT

QUERIES = [query.wire for query in documented(LAW)]


def run(failing: Iterable[int], *, length: int = 200, status: int = 404) -> Evidence:
    """Return a run that asks the documented queries in turn, some of which fail."""
    places = set(failing)
    return of(
        exchange([], QUERIES[place % len(QUERIES)], status=status if place in places else 200)
        for place in range(length)
    )


def of(exchanges: Iterable[Exchange]) -> Evidence:
    found = tuple(
        replace(one, sent=2 * place + 1, answered=2 * place + 2)
        for place, one in enumerate(exchanges)
    )
    granted = tuple(one for one in found if one.request.access != ABSENT.access)
    opening = replace(exchange(CLUSTER, "activeOnly=false"), sent=10_000, answered=10_001)
    return replace(
        evidence(
            opening=opening, spans=(), refusals=tuple(one for one in found if one not in granted)
        ),
        unanchored=granted,
    )


def passed_over(gathered: Evidence) -> list[int]:
    """Return the places of the failures that are not judged."""
    left = outages.without_outage(gathered)
    kept = {one.sent for one in left.all_exchanges if one not in left.passed_over}
    assert kept.isdisjoint(one.sent for one in left.passed_over)
    return sorted(one.sent // 2 for one in left.passed_over)


OUTAGE = range(60, 90, 3)


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_failures_within_a_short_time_are_passed_over(status: int) -> None:
    assert passed_over(run(OUTAGE, status=status)) == [*OUTAGE]


@pytest.mark.parametrize(
    "failing", [range(0, 170, 20), (40, 120), (20, 60, 100), range(40, 180, 14)]
)
def test_failures_all_the_time_are_judged(failing: Sequence[int]) -> None:
    assert passed_over(run(failing)) == []


@pytest.mark.parametrize("failing", [(90,), (90, 120), (60, 70, 80)])
def test_few_failures_may_be_an_outage(failing: Sequence[int]) -> None:
    assert passed_over(run(failing)) == [*failing]


def test_a_query_that_always_fails_is_judged() -> None:
    always = range(5, 200, len(QUERIES))
    assert passed_over(run(always)) == []
    both = {*always, *OUTAGE}
    assert set(passed_over(run(both))) == set(OUTAGE) - set(always)


def test_a_server_that_fails_on_each_first_request_is_judged() -> None:
    assert passed_over(run(range(len(QUERIES)))) == []


def test_refused_credentials_meet_an_outage_too() -> None:
    def answers(place: int) -> Exchange:
        status = 404 if place in OUTAGE else 401
        return exchange(b"", QUERIES[place % len(QUERIES)], status=status, access=ABSENT.access)

    assert passed_over(of(map(answers, range(200)))) == [*OUTAGE]


def test_a_refusal_of_another_credential_that_is_kept_is_judged() -> None:
    def answers(place: int) -> Exchange:
        refused = place % 5 == 0
        status = 401 if refused or place in OUTAGE else 200
        access = ABSENT.access if refused else GRANTED
        return exchange(b"no", QUERIES[place % len(QUERIES)], status=status, access=access)

    assert passed_over(of(map(answers, range(200)))) == []


def test_what_failed_last_is_repeated_and_of_many_requests_a_few_first() -> None:
    gathered = run(range(170, 200))
    every = outages.to_repeat(gathered, first=False)
    # The first query succeeded once more.
    assert {one.query.wire for one in every} == {*QUERIES} - {"activeOnly=false"}
    first: Sequence[Request] = outages.to_repeat(gathered, first=True)
    assert len(first) == outages.TRIED
    assert set(first) < set(every)
    assert outages.to_repeat(run(OUTAGE), first=True) == ()


def test_further_requests_may_show_that_failures_were_close_to_each_other() -> None:
    close = range(30, 102, 8)
    assert passed_over(run(close, length=160)) == []
    number = len(outages.more(run(close, length=160)))
    assert 0 < number <= outages.MOST_MORE
    assert passed_over(run(close, length=160 + number)) == [*close]
    assert outages.more(run(OUTAGE)) == outages.more(run(())) == ()
