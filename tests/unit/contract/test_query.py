"""Queries are encoded as documented, and decoded as servers decode them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.contracts import law_with

from conformance.contract.loader import load
from conformance.contract.query import (
    Query,
    documented,
    is_unambiguous,
    overencoded,
    reordered,
    unfiltered,
)

LAW = load()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=4)


@given(PAIRS)
def test_pairs_survive_encoding(pairs: list[tuple[str, str]]) -> None:
    query = Query.of(pairs)
    assert query.wire.isascii()
    assert query.wire.isprintable()
    assert not set(query.wire) & set(" \"'<>#?/[]{}|\\^`")
    assert list(query.pairs) == pairs


def test_values_of_a_parameter_are_in_their_order() -> None:
    assert Query.of([("a", "\ud800")]).wire == "a=%ED%A0%80"
    query = Query("a=1&b=2&a=&c&a=%20x%FF")
    assert query.values("a") == ("1", "", " x\ufffd")
    assert query.values("c") == ("",)
    assert query.values("d") == ()
    assert (str(query), str(Query())) == (f"?{query.wire}", "(no query)")


def test_documented_queries_are_all_combinations() -> None:
    queries = documented(LAW)
    category = LAW.filter("category")
    assert queries[0] == Query("")
    assert len(set(queries)) == len(queries) == (len(category.supported) + 1) * 3
    assert Query("category=GIT&activeOnly=true") in queries
    assert Query("activeOnly=true&category=GIT") not in queries


def test_the_unfiltered_query_overrides_the_default_that_restricts() -> None:
    assert unfiltered(LAW) == Query("activeOnly=false")
    open_law = law_with(("components", "parameters", "ActiveOnly", "schema", "default"), False)
    assert unfiltered(open_law) == Query("")


def test_reordering_reverses_the_parameters() -> None:
    assert reordered(Query("a=1&b=2&c=3")) == Query("c=3&b=2&a=1")
    assert reordered(Query("")) == Query("")


@pytest.mark.parametrize(
    ("wire", "encoded"),
    [
        ("category=GIT", "%63ategory=GI%54"),
        ("category=AI_MODEL&activeOnly=false", "%63ategory=AI_MODE%4C&%61ctiveOnly=fals%65"),
        ("a=", "%61="),
        ("a", "%61"),
        ("", ""),
        ("a=C%23", "%61=C%23"),
        ("%C3%A9=x", "%C3%A9=%78"),
        ("a=x+", "%61=x+"),
    ],
)
def test_overencoding_touches_unreserved_characters_only(wire: str, encoded: str) -> None:
    assert overencoded(Query(wire)) == Query(encoded)


@given(PAIRS)
def test_overencoding_does_not_change_the_meaning(pairs: list[tuple[str, str]]) -> None:
    query = Query.of(pairs)
    assert overencoded(query).pairs == query.pairs


def test_values_that_need_encoding_are_documented_encoded() -> None:
    schema = {"type": "string", "enum": ["C#", "a b"]}
    law = law_with(("components", "parameters", "Category", "schema"), schema)
    assert Query("category=C%23") in documented(law)
    assert Query("category=a%20b&activeOnly=true") in documented(law)


@pytest.mark.parametrize("wire", ["a=%zz", "a=%", "a=%FF", "a=1;b=2", "a=;&b=2"])
def test_servers_read_some_queries_differently(wire: str) -> None:
    assert not is_unambiguous(Query(wire))


@given(PAIRS)
def test_servers_read_an_encoded_query_alike(pairs: list[tuple[str, str]]) -> None:
    assert is_unambiguous(Query.of(pairs))
