"""Compare paths, methods and servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_changes.change import CLIENTS, NONE, Change, Direction, Spot, differing, turned
from spec_changes.content import remaining, words
from spec_changes.keywords import ABSENT, enumerated
from spec_changes.parameters import body_changes, parameter_changes
from spec_changes.references import resolved
from spec_changes.responses import response_changes
from spec_changes.schemas import Pair
from spec_changes.security import security_changes

Changes = Iterator[Change]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPERATION = frozenset(
    {"operationId", "tags", "parameters", "requestBody", "responses", "security", "servers"}
)


def path_changes(pair: Pair) -> Changes:
    """Yield the differences between the paths of two documents."""
    old, new = pair.old.get("paths", {}), pair.new.get("paths", {})
    for path in sorted({*old, *new}):
        spot = Spot((path,))
        if path not in new:
            yield spot.broken("path-removed", "", CLIENTS)
        elif path not in old:
            yield spot.new("path-added")
        else:
            before, after = resolved(pair.old, old[path]).node, resolved(pair.new, new[path]).node
            yield from _path(pair, spot, before, after)


def _path(pair: Pair, spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    for method in METHODS:
        below = Spot((f"{method.upper()} {spot.place}",))
        if method in old and method not in new:
            yield below.broken("method-removed", "", CLIENTS)
        elif method in new and method not in old:
            yield below.new("method-added")
        elif method in old:
            yield from _operation(pair, below, (old, old[method]), (new, new[method]))
    yield from words(spot, old, new)
    yield from server_changes(spot, old.get("servers"), new.get("servers"))
    yield from remaining(spot, old, new, frozenset({*METHODS, "parameters", "servers"}))


def _operation(
    pair: Pair,
    spot: Spot,
    old: tuple[Mapping[str, Any], Mapping[str, Any]],
    new: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> Changes:
    """Compare two operations, each given as a pair of its path item and itself."""
    parameters = [
        [*path.get("parameters", []), *operation.get("parameters", [])]
        for path, operation in (old, new)
    ]
    before, after = old[1], new[1]
    yield from parameter_changes(pair, spot, *parameters)
    yield from body_changes(pair, spot, before.get("requestBody"), after.get("requestBody"))
    yield from response_changes(pair, spot, before.get("responses", {}), after.get("responses", {}))
    yield from security_changes(
        pair,
        spot,
        before.get("security", pair.old.get("security")),
        after.get("security", pair.new.get("security")),
    )
    yield from _names(spot, before, after)
    yield from server_changes(spot, before.get("servers"), after.get("servers"))
    yield from words(spot, before, after)
    yield from remaining(spot, before, after, OPERATION)


def _names(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield changes that affect only names in generated clients."""
    if old.get("operationId") != new.get("operationId"):
        names = turned(old.get("operationId", NONE), new.get("operationId", NONE))
        yield spot.new("operation-id-changed", f"{names}; generated clients use it as a name")
    if sorted(old.get("tags", [])) != sorted(new.get("tags", [])):
        names = turned(old.get("tags", []), new.get("tags", []))
        yield spot.new("operation-tags-changed", f"{names}; generated clients group by them")


def server_changes(spot: Spot, old: Any, new: Any) -> Changes:
    """Yield the differences between two lists of servers, in any order; ``None`` is no list."""
    before, after = ({one.get("url"): one for one in servers or ()} for servers in (old, new))
    gone, come = (sorted(map(str, some)) for some in (before.keys() - after, after.keys() - before))
    if gone and come:
        yield spot.broken("server-changed", turned(", ".join(gone), ", ".join(come)), CLIENTS)
    else:
        for url in gone:
            yield spot.broken("server-removed", url, CLIENTS)
        for url in come:
            yield spot.new("server-added", url)
    for url in sorted(before.keys() & after.keys()):
        below = spot.at(f"server {url}", direction=Direction.REQUEST)
        yield from words(below, before[url], after[url])
        yield from _variables(below, *(one[url].get("variables", {}) for one in (before, after)))
        yield from remaining(below, before[url], after[url], frozenset({"url", "variables"}))


def _variables(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    for name in sorted({*old, *new}):
        below = spot.at(f"variable {name}")
        before, after = old.get(name, {}), new.get(name, {})
        for _, what in differing(before, after, {"default"}):
            yield below.broken("server-default-changed", what, CLIENTS)
        for _, what in differing(before, after, {"enum"}):
            effect = enumerated(before.get("enum", ABSENT), after.get("enum", ABSENT))
            yield below.by_effect(f"server-values-{effect.value}", effect, what)
        yield from words(below, before, after)
        yield from remaining(below, before, after, frozenset({"default", "enum"}))
