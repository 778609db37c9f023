"""A wrong response is recognised as the right one to another query, and only then."""

from __future__ import annotations

import pytest
from support.canned.exchanges import evidence, exchange, provider, select

from conformance.contract.query import Query
from conformance.evidence.exchange import Access, AccessKind
from conformance.evidence.foreign_response import belongs_to

ACTIVE, WHOLE = Query(""), Query("activeOnly=false")


@pytest.mark.parametrize(
    "wire", ["category=GIT&activeOnly=false", "category=%2A", "x=1&activeOnly=true"]
)
def test_the_query_is_named(wire: str) -> None:
    read = exchange(select(WHOLE), wire)
    assert belongs_to(evidence(), read) == WHOLE


def test_a_right_response_or_an_unknown_one_belongs_to_no_other() -> None:
    known = evidence()
    for query in (ACTIVE, WHOLE, Query("activeOnly=%66alse")):
        assert belongs_to(known, exchange(select(Query.of(query.pairs)), query)) is None
    assert belongs_to(known, exchange([], "category=GIT&activeOnly=false")) is None
    assert belongs_to(known, exchange([provider("ghost")], "category=GIT")) is None
    assert belongs_to(known, exchange({}, "category=GIT")) is None
    stranger = exchange(
        select(WHOLE), "category=GIT", access=Access(AccessKind.ABSENT, "no token", None)
    )
    assert belongs_to(known, stranger) is None
