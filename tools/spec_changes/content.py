"""Comparing what several parts of a document share: media types, words, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_changes.change import BOTH, CLIENTS, Change, Direction, Spot, differing
from spec_changes.keywords import WORDS
from spec_changes.schemas import Pair, schema_changes

Changes = Iterator[Change]


def words(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield what reads differently and means the same, and what is deprecated or no longer."""
    for keyword, what in differing(old, new, WORDS):
        yield spot.reworded(f"{keyword}-reworded", what)
    if old.get("deprecated", False) != new.get("deprecated", False):
        given_up = new.get("deprecated", False)
        yield spot.new("deprecated") if given_up else spot.reworded("deprecation-lifted")


def remaining(
    spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any], known: frozenset[str]
) -> Changes:
    """Yield changes of everything but words and what is known; nobody can tell what they mean."""
    for keyword, what in differing(old, new, {*old, *new} - known - WORDS - {"deprecated"}):
        yield spot.broken("unknown-keyword", f"{keyword}: {what}; broken to be safe")


def media_types(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield what differs between the contents of a request or an answer, by media type."""
    asked = spot.direction is Direction.ASKED
    for name in sorted({*old, *new}):
        below = spot.at(name)
        if name not in old:
            what = "a client may get it" if not asked else "clients may send it"
            yield (
                below.new("media-type-added", what)
                if asked
                else below.broken("media-type-added", what, CLIENTS)
            )
        elif name not in new:
            yield below.broken("media-type-removed", "", CLIENTS if asked else BOTH)
        else:
            before, after = old[name], new[name]
            schemas = before.get("schema", True), after.get("schema", True)
            yield from schema_changes(pair, below, *schemas)
            yield from words(below, before, after)
            yield from remaining(below, before, after, frozenset({"schema"}))
