"""The oracle agrees with a small independent model of what a query may select."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.contracts import law_with
from support.canned.exchanges import CLUSTER, provider

from conformance.contract.filter_oracle import (
    Condition,
    FilterOracle,
    Reading,
    is_documented,
    only_known_parameters,
    readings,
)
from conformance.contract.loader import load
from conformance.contract.query import Query, documented
from conformance.errors import ContractError

LAW = load()
CATEGORIES = LAW.filter("category").supported
PROVIDERS = st.builds(
    lambda name, category, enabled: provider(name, category=category, enabled=enabled),
    st.text(max_size=3),
    st.sampled_from([*CATEGORIES, "NEW", "git", " GIT "]),
    st.booleans(),
)


def names(elements: Any) -> list[str]:
    return [element["name"] for element in elements]


def selected(reading: Reading, elements: Any) -> list[Any]:
    return [element for element in elements if reading.keeps(element) is True]


def selections(wire: str, elements: Any = CLUSTER) -> set[tuple[str, ...]]:
    return {tuple(names(selected(reading, elements))) for reading in readings(LAW, Query(wire))}


@given(st.sampled_from(documented(LAW)), st.lists(PROVIDERS, max_size=8))
def test_a_documented_query_has_one_meaning(query: Query, elements: list[dict[str, Any]]) -> None:
    (reading,) = readings(LAW, query)
    given_values = dict(query.pairs)
    expected = list(elements)
    if "category" in given_values:
        expected = [one for one in expected if one["category"] == given_values["category"]]
    if given_values.get("activeOnly") != "false":
        expected = [one for one in expected if one["enabled"]]
    assert selected(reading, elements) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("", {("openAI", "pinecone")}),
        ("activeOnly=true", {("openAI", "pinecone")}),
        ("activeOnly=false", {("openAI", "old-openAI", "pinecone", "kafka")}),
        ("category=AI_MODEL", {("openAI",)}),
        ("category=AI_MODEL&activeOnly=false", {("openAI", "old-openAI")}),
        ("category=GIT&activeOnly=false", {()}),
        # An unknown parameter has no effect.
        ("page=2&category=AI_MODEL", {("openAI",)}),
        ("Category=GIT", {("openAI", "pinecone")}),
        # A malformed boolean may be read as true or as false, but not otherwise.
        *(
            (f"activeOnly={value}", {("openAI", "pinecone"), names_of_all})
            for names_of_all in [("openAI", "old-openAI", "pinecone", "kafka")]
            for value in ("", "TRUE", "False", "1", "0", "yes", "null", "true%20")
        ),
        ("activeOnly=true&activeOnly=true", {("openAI", "pinecone"), tuple(names(CLUSTER))}),
        # A server may ignore letter case and surrounding blanks.
        ("category=ai_model", {(), ("openAI",)}),
        ("category=%20AI_MODEL%20", {(), ("openAI",)}),
        ("category=NONE", {()}),
        ("category=AI_MODE", {()}),
        ("category=", {(), ("openAI", "pinecone")}),
        ("category=%20", {(), ("openAI", "pinecone")}),
        # If a parameter is repeated, the first, the last, all or none may count.
        (
            "category=AI_MODEL&category=VECTOR_DB",
            {(), ("openAI",), ("pinecone",), ("openAI", "pinecone")},
        ),
        ("category=GIT&category=GIT", {()}),
        # Equal repeated values mean one of them, or both joined by commas.
        ("category=AI_MODEL&category=AI_MODEL", {(), ("openAI",)}),
        ("category=NONE&category=NONE", {()}),
        ("category=&category=", {(), ("openAI", "pinecone")}),
    ],
)
def test_what_a_query_may_select(wire: str, expected: set[tuple[str, ...]]) -> None:
    assert selections(wire) == expected


def test_letter_case_may_be_ignored_or_not() -> None:
    by_case = [provider("one", category="GIT"), provider("two", category="git")]
    one, two, both = ("one",), ("two",), ("one", "two")
    assert selections("category=GIT", by_case) == {one}
    assert selections("category=git", by_case) == {(), two, both}
    assert selections("category=GIT&category=EMAIL", by_case) == {(), one, both}
    assert selections("category=GIT&category=git", by_case) == {(), one, two, both}


@pytest.mark.parametrize(
    ("member", "value", "wire", "kept"),
    [
        ("enabled", "true", "activeOnly=true", None),
        ("enabled", 1, "", None),
        ("enabled", None, "category=AI_MODEL", None),
        ("enabled", "true", "activeOnly=false", True),
        ("category", None, "category=AI_MODEL", None),
        ("category", 7, "category=AI_MODEL&activeOnly=false", None),
        ("category", ["AI_MODEL"], "", True),
        # An element that one condition excludes is excluded, even if others cannot be decided.
        ("enabled", "true", "category=GIT", False),
        ("category", 7, "category=GIT", None),
    ],
)
def test_an_element_too_malformed_to_decide(
    member: str, value: Any, wire: str, kept: bool | None
) -> None:
    (reading,) = readings(LAW, Query(wire))
    assert reading.keeps({**provider(), member: value}) is kept


def test_single_conditions() -> None:
    (git,) = readings(LAW, Query("category=GIT"))
    assert git.keeps(provider(category=None, enabled=False)) is False
    nothing = Condition("category", equal_to=())
    assert Reading(()).keeps({}) is True
    assert Condition("category").keeps({}) is True
    assert (nothing.keeps(provider()), nothing.keeps({})) == (False, None)
    assert Condition("category", ("ai_model ",), exact=False).keeps(provider()) is True


@pytest.mark.parametrize(
    ("wire", "is_one", "known"),
    [
        ("", True, True),
        ("category=GIT&activeOnly=false", True, True),
        ("activeOnly=false&category=GIT", True, True),
        ("category=%47IT", True, True),
        ("category=git", False, True),
        ("category=", False, True),
        ("category=GIT&category=GIT", False, False),
        ("category=GIT&page=1", False, False),
        ("page=1", False, False),
    ],
)
def test_which_queries_are_documented(wire: str, is_one: bool, known: bool) -> None:
    assert is_documented(LAW, Query(wire)) is is_one
    assert only_known_parameters(LAW, Query(wire)) is known


@pytest.mark.parametrize(
    ("place", "value", "wire", "expected"),
    [
        ("Category.x-filter.property", "type", "category=kafka&activeOnly=false", ["kafka"]),
        ("Category.schema.default", "VECTOR_DB", "", ["pinecone"]),
        ("ActiveOnly.schema.default", False, "", names(CLUSTER)),
    ],
)
def test_the_oracle_follows_the_document(
    place: str, value: Any, wire: str, expected: list[str]
) -> None:
    law = law_with(("components", "parameters", *place.split(".")), value)
    selections = [names(selected(reading, CLUSTER)) for reading in readings(law, Query(wire))]
    assert expected in selections


SHELF: dict[str, Any] = {
    "paths": {
        "/shelf": {
            "parameters": [
                {
                    "name": "least",
                    "in": "query",
                    "schema": {"type": "integer"},
                    "x-filter": {"property": "pages", "operator": "at-least"},
                },
                {"name": "page", "in": "query", "schema": {"type": "integer"}},
            ],
            "get": {},
            "post": {
                "parameters": [
                    {
                        "name": "least",
                        "in": "query",
                        "schema": {"type": "integer", "default": 200},
                        "x-filter": {"property": "pages", "operator": "at-least"},
                    }
                ]
            },
        }
    }
}


@pytest.mark.parametrize(
    ("query", "strangers", "wanted"),
    [
        ("", [], [100, 250, "many"]),
        ("page=2", [], [100, 250, "many"]),
        ("least=250", [100], [250]),
        ("least=2.505e2", [100, 250], []),
        ("least=300&least=200", [100], []),
        # A malformed number has no meaning that every server shares.
        ("least=0x10", [], [100, 250, "many"]),
        ("least=", [], [100, 250, "many"]),
    ],
)
def test_a_number_is_at_least_the_value(query: str, strangers: list[Any], wanted: Any) -> None:
    oracle = FilterOracle.of_operation(SHELF, "/shelf")
    books = [{"pages": pages} for pages in (100, 250, "many")]
    assert oracle.strangers(query, books) == [{"pages": pages} for pages in strangers]
    assert oracle.wanted(query, books) == [{"pages": pages} for pages in wanted]


def test_a_parameter_of_the_operation_overrides_one_of_the_path() -> None:
    oracle = FilterOracle.of_operation(SHELF, "/shelf", "post")
    assert oracle.strangers("", [{"pages": 100}, {"pages": 200}]) == [{"pages": 100}]


def test_an_operation_that_does_not_exist_is_named() -> None:
    with pytest.raises(ContractError, match="the filters of GET /none are not usable: paths"):
        FilterOracle.of_operation(SHELF, "/none")
