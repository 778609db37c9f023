"""Compare two schemas, keyword by keyword, including referenced schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from spec_changes import keywords
from spec_changes.change import (
    BOTH,
    CLIENTS,
    NONE,
    Change,
    Direction,
    Effect,
    Spot,
    canonical,
    turned,
)
from spec_changes.keywords import ABSENT
from spec_changes.references import resolved

Changes = Iterator[Change]

PARTS = {
    "additionalProperties": "any other field",
    "items": "each element",
    "unevaluatedProperties": "any field not described",
    "unevaluatedItems": "any element not described",
    "contains": "some element",
    "propertyNames": "the name of each field",
    "not": "the negated schema",
}
"""Keywords that contain one schema, and the place it describes."""

CONDITIONS = {"if": "the condition", "then": "if it holds", "else": "if it does not hold"}
MAPPINGS = {"patternProperties": "fields like", "dependentSchemas": "beside the field"}
COMBINED = {"allOf": Effect.NARROWED, "anyOf": Effect.WIDENED, "oneOf": Effect.CHANGED}
"""Keywords that contain several schemas, and the effect of adding one."""

EVERYTHING: tuple[Any, ...] = (ABSENT, True, {})
_OPPOSITE = {Effect.NARROWED: Effect.WIDENED, Effect.WIDENED: Effect.NARROWED}


@dataclass(frozen=True, slots=True)
class Pair:
    """The two compared documents, in which references are resolved."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]


def schema_changes(pair: Pair, spot: Spot, old: Any, new: Any) -> Changes:
    """Yield the differences between two schemas at a place; ``True`` permits everything."""
    before, after = resolved(pair.old, old), resolved(pair.new, new)
    if before.reference and after.reference:
        step = (before.reference, after.reference)
        if step in spot.within:
            return
        spot = replace(spot, within=spot.within | {step})
        if before.name == after.name:
            spot = replace(spot, words=(f"schema {before.name}",))
    yield from _compared(pair, spot, before.node, after.node)


def _compared(pair: Pair, spot: Spot, old: Any, new: Any) -> Changes:
    if canonical(old) == canonical(new) and "$ref" not in canonical(old):
        return
    if old is False or new is False:
        if old is not new:
            effect = Effect.WIDENED if old is False else Effect.NARROWED
            yield spot.by_effect(f"schema-{effect.value}", effect, turned(old, new))
        return
    before = {} if old is True else old
    after = {} if new is True else new
    if not before and not after:
        # True and {} permit the same values.
        yield spot.by_effect("schema-reworded", Effect.REWORDED, turned(old, new))
        return
    for keyword in sorted({*before, *after} - {"properties", "required"}):
        values = before.get(keyword, ABSENT), after.get(keyword, ABSENT)
        yield from _keyword(pair, _below(spot, keyword, before, after), keyword, *values)
    yield from _required(spot, before, after)
    yield from _members(pair, spot, before, after)


def _below(spot: Spot, keyword: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Spot:
    if keyword == "items" and old.get("maxItems") == 0 == new.get("maxItems"):
        # An array that must be empty has no elements.
        return replace(spot, direction=Direction.NOBODY)
    return spot


def _keyword(pair: Pair, spot: Spot, keyword: str, old: Any, new: Any) -> Changes:
    if keyword in PARTS:
        yield from _part(pair, spot, keyword, old, new)
    elif keyword in CONDITIONS:
        below = spot.at(CONDITIONS[keyword], direction=_blurred(spot))
        if ABSENT in (old, new):
            yield below.by_effect(f"{keyword}-{_verb(old)}", Effect.CHANGED)
        else:
            yield from schema_changes(pair, below, old, new)
    elif keyword in MAPPINGS or keyword in ("$defs", "definitions"):
        yield from _mapping(pair, spot, keyword, old, new)
    elif keyword in COMBINED or keyword == "prefixItems":
        yield from _several(pair, spot, keyword, old, new)
    elif keyword == "dependentRequired":
        yield from _dependent(spot, old, new)
    elif keyword in ("enum", "type") and _same_values(old, new):
        return
    elif canonical(_text(old)) != canonical(_text(new)):
        yield _simple(spot, keyword, old, new)


def _simple(spot: Spot, keyword: str, old: Any, new: Any) -> Change:
    what = turned(_text(old), _text(new))
    if keyword == "deprecated":
        return spot.new("deprecated") if new is True else spot.reworded("deprecation-lifted")
    effect = keywords.effect(keyword, old, new)
    if effect is None:
        return spot.broken("unknown-keyword", f"{keyword}: {what}; unknown, so treated as breaking")
    if keyword == "type" and keywords.types(old) ^ keywords.types(new) == {"null"}:
        rule = "null-permitted" if effect is Effect.WIDENED else "null-forbidden"
        return spot.by_effect(rule, effect, what)
    if keyword == "enum" and ABSENT not in (old, new):
        before, after = keywords.values(old), keywords.values(new)
        parts = [f"no longer {', '.join(sorted(before - after))}"] if before - after else []
        parts += [f"new {', '.join(sorted(after - before))}"] if after - before else []
        return spot.by_effect(
            f"enum-{effect.value}", effect, "; ".join(parts) or "listed in another way"
        )
    return spot.by_effect(f"{keyword}-{effect.value}", effect, what)


def _same_values(old: Any, new: Any) -> bool:
    """Return whether two lists have the same elements in any order."""
    if not (isinstance(old, list) and isinstance(new, list)):
        return False
    return sorted(map(canonical, old)) == sorted(map(canonical, new))


def _text(value: Any) -> Any:
    return NONE if value is ABSENT else value


def _verb(old: Any) -> str:
    return "added" if old is ABSENT else "removed"


def _blurred(spot: Spot) -> Direction:
    return Direction.NOBODY if spot.direction is Direction.NOBODY else Direction.EITHER


def _part(pair: Pair, spot: Spot, keyword: str, old: Any, new: Any) -> Changes:
    below = spot.at(PARTS[keyword])
    if keyword == "not":
        below = replace(below, negated=not spot.negated)
    if ABSENT not in (old, new):
        yield from schema_changes(pair, below, old, new)
        return
    other = new if old is ABSENT else old
    if other in EVERYTHING and keyword not in ("contains", "not"):
        yield below.reworded(f"{keyword}-{_verb(old)}", turned(_text(old), _text(new)))
        return
    effect = Effect.NARROWED if old is ABSENT else Effect.WIDENED
    # The change belongs to the place that has the keyword: adding a `not` narrows it.
    yield replace(below, negated=spot.negated).by_effect(
        f"{keyword}-{_verb(old)}", effect, turned(_text(old), _text(new))
    )


def _mapping(pair: Pair, spot: Spot, keyword: str, old: Any, new: Any) -> Changes:
    before, after = ({} if one is ABSENT else one for one in (old, new))
    unused = keyword not in MAPPINGS
    for name in sorted({*before, *after}):
        below = spot.at(f"{MAPPINGS.get(keyword, 'definition')} {name}")
        if unused:
            # A definition has no effect by itself; references to it are compared where they occur.
            below = replace(below, direction=Direction.NOBODY)
        if name in before and name in after:
            yield from schema_changes(pair, below, before[name], after[name])
        else:
            effect = Effect.NARROWED if name in after else Effect.WIDENED
            verb = "added" if name in after else "removed"
            yield below.by_effect(f"{keyword}-{verb}", effect)
    if not (before or after) and old is not new:
        yield spot.reworded(f"{keyword}-{_verb(old)}", "it is empty")


def _several(pair: Pair, spot: Spot, keyword: str, old: Any, new: Any) -> Changes:
    before, after = ([] if one is ABSENT else list(one) for one in (old, new))
    gone, come = before, after
    if keyword in COMBINED:
        gone, come = _only_in(before, after), _only_in(after, before)
    if len(gone) == len(come) and ABSENT not in (old, new):
        direction = _blurred(spot) if keyword == "oneOf" else spot.direction
        for number, (one, other) in enumerate(zip(gone, come, strict=True), start=1):
            below = spot.at(f"part {number} of {keyword}", direction=direction)
            yield from schema_changes(pair, below, one, other)
        return
    more = len(after) > len(before)
    effect = COMBINED.get(keyword, Effect.CHANGED)
    if keyword == "anyOf" and ABSENT in (old, new):
        # Without alternatives everything is permitted.
        effect = Effect.NARROWED
    if gone and come:
        effect = Effect.CHANGED
    rule = f"{keyword}-{'added' if more else 'removed'}"
    yield spot.by_effect(
        rule, effect if more else _OPPOSITE.get(effect, effect), turned(gone, come)
    )


def _only_in(some: list[Any], others: list[Any]) -> list[Any]:
    """Return the schemas of a list that another list does not contain, sorted.

    Schemas with references are kept, since their targets may differ.
    """
    known = {canonical(one) for one in others if "$ref" not in canonical(one)}
    return sorted((one for one in some if canonical(one) not in known), key=canonical)


def _dependent(spot: Spot, old: Any, new: Any) -> Changes:
    before, after = ({} if one is ABSENT else one for one in (old, new))
    for name in sorted({*before, *after}):
        needed = frozenset(before.get(name, ())), frozenset(after.get(name, ()))
        effect = keywords.by_sets(needed[1], needed[0])
        if before.get(name) != after.get(name):
            what = turned(before.get(name, []), after.get(name, []))
            yield spot.at(f"field {name}").by_effect(
                f"dependentRequired-{effect.value}", effect, what
            )


def _required(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before, after = (frozenset(one.get("required", ())) for one in (old, new))
    for name in sorted(after - before):
        yield spot.at(f"field {name}").by_effect("member-required", Effect.NARROWED)
    for name in sorted(before - after):
        yield spot.at(f"field {name}").by_effect("member-no-longer-required", Effect.WIDENED)


def _members(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted({*before, *after}):
        below = spot.at(f"field {name}")
        if name not in before:
            yield _member_added(below, old)
        elif name not in after:
            yield _member_removed(below, new)
        else:
            yield from schema_changes(pair, below, before[name], after[name])


def _other_members(schema: Mapping[str, Any]) -> Any:
    """Return the schema for fields that a schema does not name."""
    return schema.get("additionalProperties", schema.get("unevaluatedProperties", True))


def _member_added(spot: Spot, old: Mapping[str, Any]) -> Change:
    rule = "member-added"
    others = _other_members(old)
    if spot.negated or spot.direction is Direction.EITHER:
        return spot.broken(rule)
    if others is False:
        return spot.by_effect(rule, Effect.WIDENED, "other fields were forbidden")
    if others not in EVERYTHING:
        return spot.by_effect(rule, Effect.CHANGED, "other fields had a schema")
    # The field was permitted before, without a meaning.
    return spot.new(rule, "it may be present")


def _member_removed(spot: Spot, new: Mapping[str, Any]) -> Change:
    rule = "member-removed"
    others = _other_members(new)
    if spot.negated or spot.direction is Direction.EITHER:
        return spot.broken(rule)
    if spot.direction is Direction.RESPONSE:
        forbidden = others not in EVERYTHING
        what = "it may no longer be present" if forbidden else "it is no longer described"
        return spot.broken(rule, what, BOTH if forbidden else CLIENTS)
    return spot.broken(rule, "servers no longer know it", CLIENTS)
