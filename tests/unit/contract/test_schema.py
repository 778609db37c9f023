"""Violations of the schema are located by path, keyword and value in any response."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.contracts import law_with
from support.canned.exchanges import CLUSTER, provider
from support.canned.json_values import json_values

from conformance.contract.loader import load
from conformance.contract.schema import Schema, Validation

SCHEMA = Schema(load())


def having(**members: Any) -> list[Any]:
    return [provider("first"), {**provider(), **members}]


def nested(levels: int) -> Any:
    value: Any = 7
    for number in range(levels):
        value = [value] if number % 2 else {"k": value}
    return value


@pytest.mark.parametrize(
    ("value", "pointer", "keyword", "missing", "shown"),
    [
        (None, "", "type", None, None),
        ({"content": []}, "", "type", None, {"content": []}),
        (["x"], "/0", "type", None, "x"),
        (having(name=7), "/1/name", "type", None, 7),
        (having(name=""), "/1/name", "minLength", None, ""),
        (having(modelsCount=-1), "/1/modelsCount", "minimum", None, -1),
        (having(tags=[{"key": "k"}]), "/1/tags/0", "required", "value", {"key": "k"}),
        ([provider(enabled=...)], "/0", "required", "enabled", provider(enabled=...)),
    ],
)
def test_a_breach_is_located(
    value: Any, pointer: str, keyword: str, missing: str | None, shown: Any
) -> None:
    (breach,) = SCHEMA.breaches(value)
    assert (breach.pointer, breach.keyword, breach.missing) == (pointer, keyword, missing)
    assert breach.value == shown


def test_every_breach_is_reported() -> None:
    found = SCHEMA.breaches([{}, provider(enabled=None, type=3)])
    required = ["name", "category", "configuration", "enabled", "modelsCount"]
    assert [breach.missing for breach in found if breach.pointer == "/0"] == required
    others = {breach.pointer for breach in found if breach.missing is None}
    assert others == {"/1/enabled", "/1/type"}
    assert SCHEMA.breaches(list(CLUSTER)) == ()


@pytest.mark.parametrize(
    "value",
    [*([element] * 3_000 for element in (None, {}, {"name": 1})), having(tags=[7] * 100_000)],
)
def test_breaches_are_bounded(value: Any) -> None:
    validation = SCHEMA.validate(value)
    assert len(validation.breaches) == 2_000
    assert not validation.complete


@pytest.mark.parametrize("place", [0, 499, 500, 1501])
def test_a_breach_is_located_in_a_long_answer(place: int) -> None:
    value: list[Any] = [provider(str(number)) for number in range(1502)]
    value[place] = provider(tags=[{"key": "k"}])
    validation = SCHEMA.validate(value)
    assert [breach.pointer for breach in validation.breaches] == [f"/{place}/tags/0"]
    assert validation.breaches[0].value == {"key": "k"}
    assert validation.complete


def test_a_breach_at_the_end_of_a_long_array_is_found() -> None:
    tags: list[Any] = [{"key": "k", "value": "v"}] * 2_001
    validation = SCHEMA.validate(having(tags=[*tags, 7, 8]))
    assert [breach.pointer for breach in validation.breaches] == ["/1/tags/2001"]
    assert not validation.complete
    assert SCHEMA.validate(having(tags=tags)) == Validation()


def test_the_value_of_a_breach_is_not_cut() -> None:
    (breach,) = SCHEMA.breaches(having(enabled="x" * 50_000))
    assert breach.value == "x" * 50_000


def test_keywords_for_the_whole_array_are_applied() -> None:
    law = law_with(("components", "schemas", "ProviderList", "maxItems"), 500)
    many = [provider(str(number)) for number in range(501)]
    assert Schema(law).breaches(many[:-1]) == ()
    (breach,) = Schema(law).breaches(many)
    assert (breach.pointer, breach.keyword) == ("", "maxItems")


@pytest.mark.parametrize("surrogate", ["\ud800", "a\udfff", {"\ud800": 1}])
def test_lone_surrogates_are_characters_like_any_other(surrogate: Any) -> None:
    assert SCHEMA.breaches(having(unknown=surrogate)) == ()
    if isinstance(surrogate, str):
        assert SCHEMA.breaches(having(description=surrogate)) == ()
    (breach,) = SCHEMA.breaches(having(enabled=surrogate))
    assert (breach.pointer, breach.keyword) == ("/1/enabled", "type")


@pytest.mark.parametrize("levels", [100, 254, 255, 256, 500])
def test_deep_nesting_is_no_obstacle(levels: int) -> None:
    assert SCHEMA.breaches(having(configuration={"deep": nested(levels)})) == ()
    (breach,) = SCHEMA.breaches(having(enabled=nested(levels)))
    assert (breach.pointer, breach.keyword) == ("/1/enabled", "type")
    assert isinstance(breach.value, dict | list)
    both = having(enabled=nested(levels), description="\ud800")
    assert [found.pointer for found in SCHEMA.breaches(both)] == ["/1/enabled"]


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e999, -1e999, float("nan"), 1e308])
def test_odd_numbers_are_no_obstacle(number: float) -> None:
    assert SCHEMA.breaches(having(unknown=number)) == ()
    (breach,) = SCHEMA.breaches(having(enabled=number))
    assert breach.pointer == "/1/enabled"


JSON = json_values(provider())


@given(st.lists(JSON, max_size=3) | JSON)
def test_any_value_can_be_validated(value: Any) -> None:
    for breach in SCHEMA.breaches(value):
        assert breach.keyword in ("type", "required", "minLength", "minimum")
        assert (breach.missing is not None) == (breach.keyword == "required")


def test_the_schema_is_the_contracts() -> None:
    stricter = law_with(("components", "schemas", "Provider", "properties", "type", "enum"), ["a"])
    (breach,) = Schema(stricter).breaches([provider()])
    assert (breach.pointer, breach.keyword) == ("/0/type", "enum")
