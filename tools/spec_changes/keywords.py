"""The effect of changing one JSON Schema keyword on the permitted values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from spec_changes.change import Effect, canonical

ABSENT: Any = object()
"""Marks a missing keyword."""

WORDS = frozenset(
    {"title", "description", "summary", "example", "examples", "$comment", "externalDocs"}
)
"""Keywords that do not affect validation."""

ALL_TYPES = frozenset({"null", "boolean", "object", "array", "string", "number", "integer"})
WIDER_FORMATS = {("int32", "int64"), ("float", "double")}


def types(value: Any) -> frozenset[str]:
    """Return the types that a value of ``type`` permits; ``number`` includes ``integer``."""
    if value is ABSENT:
        return ALL_TYPES
    named = frozenset(value if isinstance(value, list) else [value])
    return named | {"integer"} if "number" in named else named


def effect(keyword: str, old: Any, new: Any) -> Effect | None:
    """Return the effect of changing a keyword; ``None`` for unknown keywords."""
    rule = _RULES.get(keyword)
    return None if rule is None else rule(old, new)


def by_sets(old: frozenset[str], new: frozenset[str]) -> Effect:
    """Return the effect of permitting another set of values."""
    if old == new:
        return Effect.REWORDED
    if new < old:
        return Effect.NARROWED
    return Effect.WIDENED if old < new else Effect.CHANGED


def values(value: Any) -> frozenset[str]:
    """Return the values that ``enum`` lists, as texts."""
    return frozenset(map(canonical, value))


def enumerated(old: Any, new: Any) -> Effect:
    """Return the effect of another list of values; without a list everything is permitted."""
    if old is ABSENT or new is ABSENT:
        return _there(old, new)
    return by_sets(values(old), values(new))


def _type(old: Any, new: Any) -> Effect:
    return by_sets(types(old), types(new))


def _const(old: Any, new: Any) -> Effect:
    return enumerated(*(one if one is ABSENT else [one] for one in (old, new)))


def _there(old: Any, new: Any) -> Effect:
    """Return the effect for a keyword that restricts values if present."""
    if old is ABSENT:
        return Effect.NARROWED
    return Effect.WIDENED if new is ABSENT else Effect.CHANGED


def _at_least(usual: int | None) -> Callable[[Any, Any], Effect]:
    def rule(old: Any, new: Any) -> Effect:
        old, new = (usual if one is ABSENT else one for one in (old, new))
        if old == new:
            return Effect.REWORDED
        if old is None or (new is not None and new > old):
            return Effect.NARROWED
        return Effect.WIDENED

    return rule


def _at_most(old: Any, new: Any) -> Effect:
    if old is ABSENT or (new is not ABSENT and new < old):
        return Effect.NARROWED
    return Effect.REWORDED if old == new else Effect.WIDENED


def _multiple(old: Any, new: Any) -> Effect:
    if old is ABSENT or new is ABSENT:
        return _there(old, new)
    before, after = Fraction(str(old)), Fraction(str(new))
    if before == after:
        return Effect.REWORDED
    if (after / before).denominator == 1:
        return Effect.NARROWED
    return Effect.WIDENED if (before / after).denominator == 1 else Effect.CHANGED


def _format(old: Any, new: Any) -> Effect:
    if (old, new) in WIDER_FORMATS:
        return Effect.WIDENED
    return Effect.NARROWED if (new, old) in WIDER_FORMATS else _there(old, new)


def _flag(when_set: Effect) -> Callable[[Any, Any], Effect]:
    opposite = Effect.WIDENED if when_set is Effect.NARROWED else Effect.NARROWED

    def rule(old: Any, new: Any) -> Effect:
        before, after = (one is True for one in (old, new))
        if before == after:
            return Effect.REWORDED
        return when_set if after else opposite

    return rule


def _changed(old: Any, new: Any) -> Effect:
    del old, new
    return Effect.CHANGED


def _reworded(old: Any, new: Any) -> Effect:
    del old, new
    return Effect.REWORDED


_RULES: dict[str, Callable[[Any, Any], Effect]] = {
    **dict.fromkeys(WORDS, _reworded),
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _at_least(None)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _at_least(0)),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength"), _at_most),
    **dict.fromkeys(("maxItems", "maxProperties", "maxContains"), _at_most),
    "minContains": _at_least(1),
    "type": _type,
    "enum": enumerated,
    "const": _const,
    "multipleOf": _multiple,
    "pattern": _there,
    "format": _format,
    "uniqueItems": _flag(Effect.NARROWED),
    "nullable": _flag(Effect.WIDENED),
    # The meaning of an absent value, or whether a field may be present at all.
    **dict.fromkeys(("default", "readOnly", "writeOnly", "discriminator"), _changed),
}
