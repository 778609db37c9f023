"""What is said of a changed schema is true of the values that it permits."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import assume, given
from hypothesis import strategies as st
from spec_changes import Change, Side
from spec_changes.change import Direction, Spot
from spec_changes.schemas import Pair, schema_changes

Schema = dict[str, Any]

TYPES = st.lists(
    st.sampled_from(["null", "boolean", "string", "integer", "number", "array", "object"]),
    min_size=1,
    max_size=3,
    unique=True,
)
SMALL = st.integers(0, 3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from([0.5, "", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES | TYPES.map(lambda some: some[0]),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "minimum": st.integers(-2, 4),
        "maximum": st.integers(-2, 4),
        "exclusiveMinimum": st.integers(-2, 4),
        "exclusiveMaximum": st.integers(-2, 4),
        "multipleOf": st.integers(1, 4),
        "minLength": SMALL,
        "maxLength": SMALL,
        "pattern": st.sampled_from(["^a", "b$"]),
        "minItems": SMALL,
        "maxItems": SMALL,
        "uniqueItems": st.booleans(),
        "minProperties": SMALL,
        "maxProperties": SMALL,
        "required": st.lists(st.sampled_from("ab"), unique=True),
    },
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    one = inner | st.booleans()
    several = st.lists(one, min_size=1, max_size=2)
    return st.builds(
        lambda rules, parts: {**rules, **parts},
        RULES,
        st.fixed_dictionaries(
            {"properties": st.fixed_dictionaries({"a": one, "b": one})},
            optional={
                "items": one,
                "prefixItems": several,
                "additionalProperties": one,
                "contains": one,
                "not": one,
                "allOf": several,
                "anyOf": several,
                "oneOf": several,
                "if": one,
                "then": one,
                "else": one,
                "propertyNames": one,
                "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), one),
                "dependentRequired": st.dictionaries(
                    st.sampled_from("ab"), st.lists(st.sampled_from("ab"), unique=True)
                ),
                "dependentSchemas": st.dictionaries(st.sampled_from("ab"), one),
            },
        ),
    )


SCHEMAS = st.recursive(RULES, _larger, max_leaves=5)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """Draw two schemas that have much in common, as two versions have."""
    old: Schema = draw(SCHEMAS)
    other: Schema = draw(SCHEMAS)
    new = dict(old)
    keys = sorted({*old, *other} - {"properties"})
    for key in draw(st.lists(st.sampled_from(keys), max_size=2)) if keys else ():
        if key in other:
            new[key] = other[key]
        else:
            new.pop(key, None)
    if draw(st.booleans()) and "properties" in old and "properties" in other:
        new["properties"] = other["properties"]
    return old, new


def compared(old: Any, new: Any) -> list[Change]:
    spot = Spot(("a response",), Direction.RESPONSE)
    found = list(schema_changes(Pair({}, {}), spot, old, new))
    # A member that comes or goes is judged by whether people use it, not by its values.
    assume(not {change.rule for change in found} & {"member-added", "member-removed"})
    return found


@given(neighbours(), st.lists(VALUES, min_size=8, max_size=8))
def test_who_is_not_said_to_be_broken_is_not(
    pair: tuple[Schema, Schema], values: list[Any]
) -> None:
    old, new = pair
    breaks = {side for change in compared(old, new) for side in change.breaks}
    before, after = (jsonschema_rs.Draft202012Validator(one) for one in (old, new))
    for value in values:
        if Side.CLIENT not in breaks:
            assert before.is_valid(value) or not after.is_valid(value), value
        if Side.SERVER not in breaks:
            assert after.is_valid(value) or not before.is_valid(value), value


@given(SCHEMAS)
def test_nothing_changed_where_nothing_changed(schema: Schema) -> None:
    assert compared(schema, schema) == []


@given(neighbours())
def test_the_way_back_breaks_the_other_side(pair: tuple[Schema, Schema]) -> None:
    forth, back = (
        {frozenset(change.breaks) for change in compared(*one)} for one in (pair, pair[::-1])
    )
    other = {Side.CLIENT: Side.SERVER, Side.SERVER: Side.CLIENT}
    assert back == {frozenset(other[side] for side in breaks) for breaks in forth}
