"""What each kind of edit of the contract means, and that nothing that means something is missed."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec_changes import BrokenDocument, Bump, changes
from support.canned.contracts import GONE, PROVIDER, document, places
from support.canned.edits import MEMBERS, SCHEMAS, Edit, stepped
from support.canned.edits_answered import ANSWERED
from support.canned.edits_asked import OPERATIONS
from support.canned.edits_required import CATALOGUE

EDITS = (*OPERATIONS, *ANSWERED, *CATALOGUE)
OLD = document()
PLACES = [path for path in places(OLD) if path not in (("info",), ("info", "version"))]
SETS = ("parameters", "required", "enum", "tags", "x-requirements", "servers", "security")
"""Lists whose order means nothing."""


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_has_its_class(edit: Edit) -> None:
    found = changes(*edit.pair())
    (change,) = (one for one in found if one.rule == edit.rule)
    assert (change.breaks, change.bump) == (edit.breaks, edit.bump)
    # What comes with it is not graver.
    assert max(one.bump for one in found) == edit.bump


def test_the_table_is_long_and_names_nothing_twice() -> None:
    assert len({edit.name for edit in EDITS}) == len(EDITS) >= 100


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_only_what_breaks_somebody_is_major(edit: Edit) -> None:
    for change in (*changes(*edit.pair()), *changes(*reversed(edit.pair()))):
        assert bool(change.breaks) == (change.bump is Bump.MAJOR)
        assert change.place.isprintable()
        assert change.what.isprintable()


def reordered(node: Any, chance: random.Random, name: str = "") -> Any:
    if isinstance(node, dict):
        items = list(node.items())
        chance.shuffle(items)
        return {key: reordered(value, chance, key) for key, value in items}
    if isinstance(node, list):
        elements = [reordered(one, chance) for one in node]
        if name in SETS:
            chance.shuffle(elements)
        return elements
    return node


@given(st.integers(0, 2**32))
def test_order_means_nothing(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - chances that are the same each time
    assert changes(OLD, reordered(OLD, chance)) == ()


def test_the_version_itself_is_no_change() -> None:
    assert changes(OLD, stepped(document(), ((("info", "version"), "9.9.9"),))) == ()


def other(value: Any, chance: random.Random) -> Any:
    """Return another value of the same type, or of another one, or nothing at all."""
    if chance.random() < 0.2:
        return GONE
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice((-1, 1))
        case str():
            return chance.choice((value + "x", "x" + value, value[1:] or "x"))
        case list():
            return [*value, *value[-1:], "x"] if chance.random() < 0.5 or not value else value[1:]
        case dict():
            return {**value, "x-added": 1}
    return "x"


@given(st.sampled_from(PLACES), st.integers(0, 2**32))
def test_no_edit_goes_unnoticed(path: tuple[str | int, ...], seed: int) -> None:
    value: Any = OLD
    for part in path:
        value = value[part]
    chance = random.Random(seed)  # noqa: S311 - chances that are the same each time
    edited = stepped(document(), ((path, other(value, chance)),))
    if edited == OLD:
        return
    for pair in ((OLD, edited), (edited, OLD)):
        try:
            found = changes(*pair)
        except BrokenDocument:
            continue
        assert found, f"{path} was {value!r}"


def test_a_schema_that_is_written_out_is_the_same() -> None:
    written_out = copy.deepcopy(OLD["components"]["schemas"]["Tag"])
    new = stepped(document(), (((*MEMBERS, "tags", "items"), written_out),))
    assert changes(OLD, new) == changes(new, OLD) == ()


def test_a_parameter_that_is_written_out_is_the_same() -> None:
    new = document()
    operation = next(iter(new["paths"].values()))["get"]
    operation["parameters"] = list(new["components"]["parameters"].values())
    assert changes(OLD, new) == changes(new, OLD) == ()


def test_a_component_with_another_name_is_the_same() -> None:
    new = document()
    schemas = new["components"]["schemas"]
    schemas["Label"] = schemas.pop("Tag")
    schemas["Provider"]["properties"]["tags"]["items"] = {"$ref": "#/components/schemas/Label"}
    schemes = new["components"]["securitySchemes"]
    schemes["token"] = schemes.pop("accessToken")
    new["security"] = [{"token": []}]
    assert changes(OLD, new) == changes(new, OLD) == ()


def test_words_beside_a_reference_are_words() -> None:
    words = {"$ref": "#/components/schemas/Tag", "description": "A label."}
    (change,) = changes(OLD, stepped(document(), (((*MEMBERS, "tags", "items"), words),)))
    assert (change.rule, change.bump) == ("description-reworded", Bump.PATCH)


def test_a_rule_beside_a_reference_is_a_rule() -> None:
    rules = {"$ref": "#/components/schemas/Tag", "maxProperties": 2}
    found = changes(OLD, stepped(document(), (((*MEMBERS, "tags", "items"), rules),)))
    assert {change.rule for change in found} >= {"maxProperties-narrowed"}


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    step = ((*MEMBERS, "parent"), {"$ref": "#/components/schemas/Provider"})
    old = stepped(document(), (step,))
    new = stepped(copy.deepcopy(old), (((*PROVIDER, "minProperties"), 7),))
    (change,) = changes(old, new)
    assert change.rule == "minProperties-narrowed"


def test_a_component_in_several_places_is_told_once() -> None:
    error = (*SCHEMAS, "Error", "properties", "status", "minimum")
    (change,) = changes(OLD, stepped(document(), ((error, 400),)))
    assert change.place == "schema Error, field status"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((*MEMBERS, "tags", "items"), {"$ref": "#/components/schemas/None"}, "leads nowhere"),
        ((*MEMBERS, "tags", "items"), {"$ref": "other.yaml#/Tag"}, "out of the document"),
        ((*SCHEMAS, "Tag"), {"$ref": "#/components/schemas/Tag"}, "to itself"),
        (("x-requirements", 0, "id"), "HTTP-02", "two requirements HTTP-02"),
        (("x-requirements", 0, "level"), "MIGHT", "the level of HTTP-01"),
        (("x-requirements", 0), "HTTP-01", "without an id"),
        ((*MEMBERS, "modelsCount", "minimum"), "none", "the structure of the contract"),
        (("paths",), [], "paths is not a mapping"),
        (("security",), [{"none": []}], "the unknown scheme none"),
    ],
)
def test_what_cannot_be_compared_is_told(path: tuple[str, ...], value: Any, said: str) -> None:
    with pytest.raises(BrokenDocument, match=said):
        changes(OLD, stepped(document(), ((path, value),)))


def test_a_vouched_statement_is_only_reworded() -> None:
    new = stepped(document(), ((("x-requirements", 0, "statement"), "It is the same."),))
    (change,) = changes(OLD, new, {"HTTP-01"})
    assert (change.rule, change.bump) == ("statement-reworded", Bump.PATCH)
    assert "confirmed" in change.what
