"""Compare data that clients send: parameters, filters and request bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from spec_changes.change import CLIENTS, Change, Direction, Effect, Spot, differing, turned
from spec_changes.content import media_types, remaining, words
from spec_changes.references import resolved
from spec_changes.schemas import Pair, schema_changes

Changes = Iterator[Change]
Key = tuple[str, str]

KNOWN = frozenset(
    {"name", "in", "required", "schema", "content", "style", "explode", "deprecated", "x-filter"}
)
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def parameter_changes(pair: Pair, spot: Spot, old: list[Any], new: list[Any]) -> Changes:
    """Yield the differences between the parameters of an operation, in any order."""
    before, after = _by_key(pair.old, old), _by_key(pair.new, new)
    gone = {name: where for where, name in before.keys() - after.keys()}
    come = {name: where for where, name in after.keys() - before.keys()}
    for name in sorted(gone.keys() & come.keys()):
        below = spot.at(f"parameter {name}")
        yield below.broken("parameter-moved", f"{turned(gone[name], come[name])}")
    for where, name in sorted(before.keys() | after.keys()):
        below = spot.at(f"{where} parameter {name}", direction=Direction.REQUEST)
        one, other = before.get((where, name)), after.get((where, name))
        if one is not None and other is not None:
            yield from _compared(pair, below, one, other)
        elif name in gone and name in come:
            continue
        elif other is None:
            what = "servers no longer know it"
            yield below.broken("parameter-removed", what, CLIENTS)
        elif other.get("required", False):
            yield below.broken("required-parameter-added", "", CLIENTS)
        else:
            yield below.new("optional-parameter-added")


def _by_key(document: Mapping[str, Any], parameters: list[Any]) -> dict[Key, Mapping[str, Any]]:
    found: dict[Key, Mapping[str, Any]] = {}
    for parameter in parameters:
        node = resolved(document, parameter).node
        where = str(node.get("in"))
        # Header names are case-insensitive.
        name = str(node.get("name"))
        found[where, name.lower() if where == "header" else name] = node
    return found


def _compared(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    yield from required(spot, "parameter", old, new)
    if "schema" in old or "schema" in new:
        yield from schema_changes(pair, spot, old.get("schema", True), new.get("schema", True))
    yield from media_types(pair, spot, old.get("content", {}), new.get("content", {}))
    yield from _serialised(spot, old, new)
    yield from _filter(spot, old.get("x-filter"), new.get("x-filter"))
    yield from words(spot, old, new)
    yield from remaining(spot, old, new, KNOWN)


def required(spot: Spot, noun: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield a change if something became required or optional."""
    before, after = old.get("required", False), new.get("required", False)
    if after and not before:
        yield spot.by_effect(f"{noun}-required", Effect.NARROWED)
    elif before and not after:
        yield spot.by_effect(f"{noun}-no-longer-required", Effect.WIDENED)
    elif ("required" in old) != ("required" in new):
        yield spot.reworded("required-reworded", "it is the default")


def _serialised(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before, after = _style(old), _style(new)
    if before != after:
        yield spot.broken("parameter-style-changed", turned(" ".join(before), " ".join(after)))
        return
    for keyword in ("style", "explode"):
        if old.get(keyword) != new.get(keyword):
            yield spot.reworded("parameter-style-reworded", f"{keyword} is the default")


def _style(parameter: Mapping[str, Any]) -> tuple[str, str]:
    style = str(parameter.get("style", STYLES.get(str(parameter.get("in")), "form")))
    explode = parameter.get("explode", style == "form")
    return style, "exploded" if explode else "not exploded"


def _filter(spot: Spot, old: Any, new: Any) -> Changes:
    if old is None and new is not None:
        yield spot.broken("filter-added", "the parameter was not a filter")
    elif new is None and old is not None:
        yield spot.broken("filter-removed", "the parameter is no longer a filter")
    elif old is not None:
        for key, what in differing(old, new):
            yield spot.broken(f"filter-{key}-changed", what)


def body_changes(pair: Pair, spot: Spot, old: Any, new: Any) -> Changes:
    """Yield the differences between two request bodies; ``None`` is no body."""
    spot = replace(spot.at("body of the request"), direction=Direction.REQUEST)
    before, after = resolved(pair.old, old).node, resolved(pair.new, new).node
    if before is None and after is not None:
        if after.get("required", False):
            yield spot.broken("required-body-added", "", CLIENTS)
        else:
            yield spot.new("optional-body-added")
    elif after is None and before is not None:
        yield spot.broken("body-removed", "", CLIENTS)
    elif before is not None:
        yield from required(spot, "body", before, after)
        yield from media_types(pair, spot, before.get("content", {}), after.get("content", {}))
        yield from words(spot, before, after)
        yield from remaining(spot, before, after, frozenset({"required", "content"}))
