"""Compare content shared by several parts of a document: media types, wording, unknown keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_changes.change import BOTH, CLIENTS, Change, Direction, Spot, differing
from spec_changes.keywords import WORDS
from spec_changes.schemas import Pair, schema_changes

Changes = Iterator[Change]


def words(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield changes of wording, and of deprecation."""
    for keyword, what in differing(old, new, WORDS):
        yield spot.reworded(f"{keyword}-reworded", what)
    if old.get("deprecated", False) != new.get("deprecated", False):
        given_up = new.get("deprecated", False)
        yield spot.new("deprecated") if given_up else spot.reworded("deprecation-lifted")


def remaining(
    spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any], known: frozenset[str]
) -> Changes:
    """Yield changes of unknown keywords, whose meaning is unknown."""
    for keyword, what in differing(old, new, {*old, *new} - known - WORDS - {"deprecated"}):
        yield spot.broken("unknown-keyword", f"{keyword}: {what}; unknown, so treated as breaking")


def media_types(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield the differences between the contents of a request or a response, by media type."""
    sent = spot.direction is Direction.REQUEST
    for name in sorted({*old, *new}):
        below = spot.at(name)
        if name not in old:
            what = "a client may get it" if not sent else "clients may send it"
            yield (
                below.new("media-type-added", what)
                if sent
                else below.broken("media-type-added", what, CLIENTS)
            )
        elif name not in new:
            yield below.broken("media-type-removed", "", CLIENTS if sent else BOTH)
        else:
            before, after = old[name], new[name]
            schemas = before.get("schema", True), after.get("schema", True)
            yield from schema_changes(pair, below, *schemas)
            yield from words(below, before, after)
            yield from remaining(below, before, after, frozenset({"schema"}))
