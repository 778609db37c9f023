"""Caches that return the responses of other queries are told from broken filters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, select

from conformance.contract.query import Query
from conformance.evidence.exchange import Exchange
from conformance.evidence.mixed_up import are_mixed_up, mixed_up, of_another_url, stored

ACTIVE = Query("activeOnly=true")
WRONG = exchange(list(CLUSTER), ACTIVE)
RIGHT = exchange(select(ACTIVE), ACTIVE)


def fresh(one: Exchange) -> Exchange:
    return replace(one, request=replace(one.request, fresh=True))


def with_header(name: str, value: str) -> Exchange:
    return exchange(
        select(ACTIVE), ACTIVE, headers={"content-type": "application/json", name: value}
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("age", "12", "Age: 12"),
        ("age", "0", None),
        ("age", "soon", None),
        ("x-cache", "HIT from cache-1", "x-cache: hit from cache-1"),
        ("x-cache", "MISS", None),
        ("x-cache-status", "HIT", "x-cache-status: hit"),
        ("cf-cache-status", "DYNAMIC", None),
        ("x-cache-hits", "3", "x-cache-hits: 3"),
        ("x-cache-hits", "0", None),
        ("cache-control", "max-age=20", None),
    ],
)
def test_which_responses_say_that_they_are_stored(name: str, value: str, told: str | None) -> None:
    assert stored(with_header(name, value)) == told


def test_a_stored_response_to_a_new_url_belongs_to_another() -> None:
    aged = with_header("age", "9")
    assert of_another_url(evidence(aged)) is None
    assert of_another_url(evidence(fresh(aged))) == aged
    assert are_mixed_up(evidence(fresh(aged)))


def test_a_query_that_is_right_only_past_the_cache_is_mixed_up() -> None:
    only = {ACTIVE.wire: WRONG}
    assert mixed_up(evidence(fresh(RIGHT), replaced=only)) == {ACTIVE: WRONG}
    # A filter that is broken is broken past the cache, too; one that works is no riddle.
    assert mixed_up(evidence(fresh(WRONG), replaced=only)) == {}
    assert mixed_up(evidence(fresh(RIGHT))) == {}
    assert mixed_up(evidence(replaced=only)) == {}
