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
    Reading,
    folded,
    is_documented,
    only_known_parameters,
    readings,
)
from conformance.contract.loader import load
from conformance.contract.query import Query, documented

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


def selections(wire: str, elements: Any = CLUSTER) -> set[tuple[str, ...]]:
    return {tuple(names(reading.select(elements))) for reading in readings(LAW, Query(wire))}


@given(st.sampled_from(documented(LAW)), st.lists(PROVIDERS, max_size=8))
def test_a_documented_query_has_one_meaning(query: Query, elements: list[dict[str, Any]]) -> None:
    (reading,) = readings(LAW, query)
    given_values = dict(query.pairs)
    expected = list(elements)
    if "category" in given_values:
        expected = [one for one in expected if one["category"] == given_values["category"]]
    if given_values.get("activeOnly") != "false":
        expected = [one for one in expected if one["enabled"]]
    assert reading.select(elements) == expected


@given(st.text(max_size=12), st.lists(PROVIDERS, max_size=8))
def test_an_unsupported_category_selects_nothing_but_its_own(
    value: str, elements: list[dict[str, Any]]
) -> None:
    query = Query.of([("category", value), ("activeOnly", "false")])
    alike = [one for one in elements if folded(one["category"]) == folded(value)]
    exact = [one for one in elements if one["category"] == value]
    for reading in readings(LAW, query):
        selected = reading.select(elements)
        if value in CATEGORIES:
            assert selected == exact
        elif not value.strip():
            assert selected in ([], elements)
        else:
            assert selected in ([], alike)


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
        # Equal repeated values have one meaning, unless there is no such category.
        ("category=AI_MODEL&category=AI_MODEL", {("openAI",)}),
        ("category=NONE&category=NONE", {()}),
        ("category=&category=", {(), ("openAI", "pinecone")}),
    ],
)
def test_what_a_query_may_select(wire: str, expected: set[tuple[str, ...]]) -> None:
    assert selections(wire) == expected


BY_CASE = [provider("one", category="GIT"), provider("two", category="git")]


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("category=GIT", {("one",)}),
        ("category=GIT&category=GIT", {("one",)}),
        ("category=git", {(), ("two",), ("one", "two")}),
        ("category=GIT&category=EMAIL", {(), ("one",), ("one", "two")}),
        ("category=GIT&category=git", {(), ("one",), ("two",), ("one", "two")}),
    ],
)
def test_letter_case_may_be_ignored_or_not(wire: str, expected: set[tuple[str, ...]]) -> None:
    assert selections(wire, BY_CASE) == expected


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


def test_malformed_elements_that_are_excluded_anyway() -> None:
    (reading,) = readings(LAW, Query("category=GIT"))
    assert reading.keeps(provider(category=None, enabled=False)) is False
    assert reading.select([provider(category=None)]) == []


def test_single_conditions() -> None:
    anything, nothing = Condition("category"), Condition("category", equal_to=())
    assert Reading(()).keeps({}) is True
    assert anything.keeps({}) is True
    assert nothing.keeps(provider()) is False
    assert nothing.keeps({}) is None
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


def test_the_oracle_follows_the_document() -> None:
    filters = ("components", "parameters")
    kinds = law_with((*filters, "category", "x-filter", "property"), "type")
    (reading,) = readings(kinds, Query("category=AI_MODEL&activeOnly=false"))
    assert reading.select([provider(type="AI_MODEL"), provider()]) == [provider(type="AI_MODEL")]
    preset = law_with((*filters, "category", "x-filter", "default"), "VECTOR_DB")
    (reading,) = readings(preset, Query(""))
    assert names(reading.select(CLUSTER)) == ["pinecone"]
    everyone = law_with((*filters, "activeOnly", "x-filter", "default"), False)
    (reading,) = readings(everyone, Query(""))
    assert names(reading.select(CLUSTER)) == names(CLUSTER)
