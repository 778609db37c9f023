"""Compare responses: statuses, headers, contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_changes.change import BOTH, CLIENTS, SERVERS, Change, Direction, Spot
from spec_changes.content import media_types, remaining, words
from spec_changes.parameters import required
from spec_changes.references import resolved
from spec_changes.schemas import Pair, schema_changes

Changes = Iterator[Change]
REFUSALS = ("4", "5")


def response_changes(
    pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Changes:
    """Yield the differences between the responses of an operation, by status."""
    for status in sorted({*map(str, old), *map(str, new)}):
        below = spot.at(f"response {status}", direction=Direction.RESPONSE)
        refusal = status.startswith(REFUSALS)
        if status not in old:
            # A client treats an unknown status like the first one of its class (RFC 9110, section
            # 15). The class does not define the meaning of a success.
            yield (
                below.new("status-added", "a refusal; clients read those by their class")
                if refusal
                else below.broken("status-added", "a client may get it", CLIENTS)
            )
        elif status not in new:
            breaks = SERVERS if refusal else BOTH
            yield below.broken("status-removed", "servers may no longer return it", breaks)
        else:
            before, after = resolved(pair.old, old[status]), resolved(pair.new, new[status])
            yield from _response(pair, below, before.node, after.node)


def _response(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    yield from _headers(pair, spot, old.get("headers", {}), new.get("headers", {}))
    yield from media_types(pair, spot, old.get("content", {}), new.get("content", {}))
    yield from words(spot, old, new)
    yield from remaining(spot, old, new, frozenset({"headers", "content"}))


def _headers(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before = {name.lower(): resolved(pair.old, header).node for name, header in old.items()}
    after = {name.lower(): resolved(pair.new, header).node for name, header in new.items()}
    for name in sorted(before.keys() | after.keys()):
        below = spot.at(f"header {name}")
        if name not in after:
            yield below.broken("header-removed", "clients may rely on it", CLIENTS)
        elif name in before:
            yield from _header(pair, below, before[name], after[name])
        elif after[name].get("required", False):
            yield below.broken("required-header-added", "", SERVERS)
        else:
            yield below.new("optional-header-added")


def _header(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    yield from required(spot, "header", old, new)
    yield from schema_changes(pair, spot, old.get("schema", True), new.get("schema", True))
    yield from media_types(pair, spot, old.get("content", {}), new.get("content", {}))
    yield from words(spot, old, new)
    yield from remaining(spot, old, new, frozenset({"required", "schema", "content"}))
