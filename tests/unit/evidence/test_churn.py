"""Responses are compared regardless of order, and changes between them are detected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, exchange, provider
from support.canned.json_values import json_values
from support.canned.verdicts import LAW, UNFILTERED

from conformance.core.strict_json import Element
from conformance.evidence.churn import ObservedChanges, alike, canonical, observed_changes, ordered
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span

MEMBERS = frozenset(LAW.element_schema["properties"])
MEMBERSHIP = frozenset({"name", "category", "enabled"})
OPEN, OLD, PINE, KAFKA = CLUSTER

JSON = json_values()
TAGS = st.lists(
    JSON | st.fixed_dictionaries({"key": st.text(max_size=3), "value": st.text(max_size=3)}),
    max_size=4,
)
PROVIDERS = st.builds(
    lambda name, fields, tags: {**provider(name), **fields, "tags": tags},
    st.sampled_from(["a", "b", "c"]),
    st.dictionaries(st.sampled_from(sorted(MEMBERS - {"name", "tags"})), JSON, max_size=3),
    TAGS,
)


def read(*body: Any) -> Exchange:
    return exchange(list(body), UNFILTERED)


def shuffled(value: Any, data: st.DataObject) -> Any:
    """Return the same JSON value with the fields of every object in another order."""
    if isinstance(value, dict):
        names = data.draw(st.permutations(list(value)))
        return {name: shuffled(value[name], data) for name in names}
    if isinstance(value, list):
        return [shuffled(one, data) for one in value]
    return value


@given(st.lists(PROVIDERS, max_size=3), st.data())
def test_order_without_meaning_does_not_matter(cluster: list[dict[str, Any]], data: Any) -> None:
    other = [
        shuffled({**one, "tags": data.draw(st.permutations(one["tags"]))}, data)
        for one in data.draw(st.permutations(cluster))
    ]
    assert alike(read(*cluster), read(*other), MEMBERS)
    for one in cluster:
        turned = shuffled({**one, "tags": one["tags"][::-1]}, data)
        assert state(one) == state(turned)


def state(provider: Mapping[str, Any]) -> bytes:
    return canonical(Element(provider), MEMBERS)


def field_as_text(provider: Mapping[str, Any], field: str) -> str:
    return json.dumps(ordered(Element(provider), field), sort_keys=True)


@given(PROVIDERS, st.sampled_from(sorted(MEMBERS)), JSON)
def test_each_documented_field_matters(one: dict[str, Any], field: str, value: Any) -> None:
    assert state({**one, f"x-{field}": value}) == state(one)
    changed = {**one, field: value}
    same = field in one and field_as_text(changed, field) == field_as_text(one, field)
    assert (state(changed) == state(one)) is same
    without = {name: kept for name, kept in one.items() if name != field}
    assert (state(without) == state(one)) is (field not in one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"enabled": True}, {"enabled": 1}, False),
        ({"enabled": None}, {}, False),
        ({"tags": []}, {"tags": None}, False),
        ({"tags": [1, 1]}, {"tags": [1]}, False),
        ({"tags": [{"key": "a"}, 1, None]}, {"tags": [None, {"key": "a"}, 1]}, True),
        ({"tags": "ab"}, {"tags": "ba"}, False),
        # Only tags are unordered; lists in a configuration may be ordered.
        ({"configuration": {"hosts": [1, 2]}}, {"configuration": {"hosts": [2, 1]}}, False),
        ({"configuration": {"tags": [1, 2]}}, {"configuration": {"tags": [2, 1]}}, False),
        ({"configuration": {"a": 1, "b": 2}}, {"configuration": {"b": 2, "a": 1}}, True),
        ({"description": "\ud800"}, {"description": "?"}, False),
    ],
)
def test_what_is_the_same(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (state(one) == state(other)) is same


WHOLE = read(*CLUSTER)


@pytest.mark.parametrize(
    ("before", "after", "steady"),
    [
        (WHOLE, WHOLE, True),
        (WHOLE, read(*CLUSTER[::-1]), True),
        (read(), read(), True),
        (WHOLE, read(*CLUSTER[:3]), False),
        (WHOLE, read(*CLUSTER, OPEN), False),
        (WHOLE, read({**OPEN, "enabled": False}, OLD, PINE, KAFKA), False),
        (WHOLE, read({**OPEN, "category": "GIT"}, OLD, PINE, KAFKA), False),
        (WHOLE, read({**OPEN, "description": "x"}, OLD, PINE, KAFKA), True),
        # Both ends must be lists, even if they are equal.
        *((odd, odd, False) for odd in (exchange({}, UNFILTERED), exchange([], status=500))),
        (read(), exchange({}, UNFILTERED), False),
        (exchange([], UNFILTERED, status=500), read(), False),
        (WHOLE, exchange(b"[", UNFILTERED), False),
        (exchange(None, UNFILTERED), WHOLE, False),
    ],
)
def test_a_span_is_steady_if_its_ends_are_the_same(
    before: Exchange, after: Exchange, steady: bool
) -> None:
    assert Span(before, (), after).steady(MEMBERSHIP) is steady


def changes(*reads: Exchange) -> ObservedChanges:
    return observed_changes(reads, MEMBERSHIP, MEMBERS)


@pytest.mark.parametrize(
    "reads",
    [
        *((WHOLE,) * number for number in range(3)),
        (WHOLE, read(*CLUSTER[::-1])),
        (WHOLE, read({**OPEN, "etag": 1}, OLD, PINE, KAFKA)),
        (read({**OPEN, "tags": [1, 2]}), read({**OPEN, "tags": [2, 1]})),
        (read(OPEN, {**OLD, "name": 7}), read(OPEN, {**PINE, "name": 8})),
    ],
)
def test_no_change(reads: tuple[Exchange, ...]) -> None:
    assert changes(*reads) == ObservedChanges()


@pytest.mark.parametrize(
    ("changed", "providers", "fields"),
    [
        ({"description": "x"}, (), ("description",)),
        ({"tags": []}, (), ("tags",)),
        ({"modelsCount": 4, "updateTime": 1}, (), ("modelsCount", "updateTime")),
        ({"enabled": False}, ("openAI",), ("enabled",)),
        ({"category": "GIT", "type": "x"}, ("openAI",), ("category", "type")),
        ({"configuration": {"api_key": "***"}}, (), ("configuration",)),
    ],
)
def test_what_changes(
    changed: dict[str, Any], providers: tuple[str, ...], fields: tuple[str, ...]
) -> None:
    other = read({**OPEN, **changed}, OLD, PINE, KAFKA)
    expected = ObservedChanges(
        frozenset(providers), frozenset(("openAI", field) for field in fields)
    )
    for reads in (
        (WHOLE, other),
        (other, WHOLE),
        (WHOLE, other, WHOLE, WHOLE),
        (WHOLE,) * 9 + (other,),
    ):
        assert changes(*reads) == expected


def test_what_appears_and_disappears() -> None:
    without = {name: value for name, value in OPEN.items() if name != "tags"}
    assert changes(read(OPEN), read(without)).fields == {("openAI", "tags")}
    assert changes(read(without), read({**without, "tags": None})).fields == {("openAI", "tags")}
    found = changes(WHOLE, read(*CLUSTER[:3]), read(*CLUSTER, provider("new")))
    assert found == ObservedChanges(providers=frozenset({"kafka", "new"}))


@given(
    st.lists(st.lists(PROVIDERS, max_size=3).map(lambda body: read(*body)), max_size=4), st.data()
)
def test_the_order_of_reads_does_not_matter(reads: list[Exchange], data: Any) -> None:
    turned = data.draw(st.permutations(reads))
    assert changes(*reads) == changes(*turned)
    assert changes(*reads, *turned) == changes(*reads)


@pytest.mark.parametrize("first", [(), CLUSTER[:3], ({**OPEN, "enabled": False}, *CLUSTER[1:])])
def test_a_deviation_of_only_the_first_of_many_reads_is_ignored(first: Any) -> None:
    odd, whole = read(*first), [WHOLE] * 4
    assert changes(odd, *whole) == ObservedChanges()
    # This does not hold for few reads, nor if other reads differ, too.
    for reads in ([odd, *whole[1:]], [odd, odd, *whole], [*whole, odd]):
        assert changes(*reads) != ObservedChanges()
    assert "kafka" in changes(odd, *whole, read(OPEN, OLD, PINE)).providers


def test_a_state_is_derived_once() -> None:
    one = Element(dict(OPEN))
    assert ordered(one, "tags") is ordered(one, "tags")
    assert canonical(one, MEMBERS) is canonical(one, MEMBERS)
