"""Compare the contract's top-level extensions: requirements, families, evidence, endpoints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from spec_changes.change import BOTH, CLIENTS, SERVERS, Change, Side, Spot, differing, shown, turned
from spec_changes.references import BrokenDocument

Changes = Iterator[Change]

LEVELS = ("MAY", "SHOULD", "MUST")
BINDING = "MUST"


def requirement_changes(old: Any, new: Any, same_meaning: Collection[str] = ()) -> Changes:
    """Yield the differences between two lists of requirements, independent of their order.

    A program cannot judge wording. A changed statement counts as another requirement unless its id
    is in ``same_meaning``, which means that somebody confirmed that the meaning is the same.
    """
    before, after = _by_id(old), _by_id(new)
    for name in sorted({*before, *after}):
        spot = Spot((f"requirement {name}",))
        if name not in before:
            yield _whole(spot, "requirement-added", after[name], SERVERS)
        elif name not in after:
            yield _whole(spot, "requirement-removed", before[name], CLIENTS)
        else:
            yield from _compared(spot, before[name], after[name], name in same_meaning)


def _by_id(requirements: Any) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for requirement in requirements or ():
        if not isinstance(requirement, Mapping) or "id" not in requirement:
            raise BrokenDocument("x-requirements holds something without an id")
        name = str(requirement["id"])
        if name in found:
            raise BrokenDocument(f"x-requirements has two requirements {name}")
        if requirement.get("level") not in LEVELS:
            raise BrokenDocument(f"the level of {name} is not one of {', '.join(LEVELS)}")
        found[name] = requirement
    return found


def _whole(
    spot: Spot, rule: str, requirement: Mapping[str, Any], breaks: frozenset[Side]
) -> Change:
    level = requirement["level"]
    what = f"a {level}: {shown(requirement.get('statement'), 300)}"
    return spot.broken(rule, what, breaks) if level == BINDING else spot.new(rule, what)


def _compared(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any], vouched: bool) -> Changes:
    yield from _level(spot, old["level"], new["level"])
    yield from _statement(spot, old, new, vouched)
    for key, what in differing(old, new, {*old, *new} - {"id", "level", "statement"}):
        if key == "source":
            yield spot.reworded("source-reworded", what)
        elif key == "evidence":
            # Servers need no change, but a verdict may now be inconclusive.
            yield spot.new("evidence-changed", what)
        else:
            yield spot.broken("unknown-keyword", f"{key}: {what}; unknown, so treated as breaking")


def _level(spot: Spot, old: str, new: str) -> Changes:
    if old == new:
        return
    raised = LEVELS.index(new) > LEVELS.index(old)
    rule, what = f"level-{'raised' if raised else 'lowered'}", turned(old, new)
    if BINDING in (old, new):
        yield spot.broken(rule, what, SERVERS if raised else CLIENTS)
    else:
        yield spot.new(rule, what)


def _statement(
    spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any], vouched: bool
) -> Changes:
    before, after = str(old.get("statement", "")), str(new.get("statement", ""))
    if before == after:
        return
    what = turned(before, after)
    if before.split() == after.split():
        yield spot.reworded("statement-reworded", "only whitespace differs")
    elif vouched:
        yield spot.reworded("statement-reworded", f"{what}; confirmed to mean the same")
    elif BINDING in (old["level"], new["level"]):
        yield spot.broken("statement-changed", f"{what}; the meaning may have changed", BOTH)
    else:
        yield spot.new("statement-changed", what)


def register_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Yield the differences in families, evidence and related endpoints."""
    for key, noun in (("x-families", "family"), ("x-evidence", "evidence")):
        before, after = old.get(key, {}), new.get(key, {})
        for name, what in differing(before, after):
            rule = f"{noun}-{_verb(name, before, after)}"
            yield Spot((f"{noun} {name}",)).reworded(rule, what)
    before, after = old.get("x-related", {}), new.get("x-related", {})
    for name, what in differing(before, after):
        spot = Spot((f"related endpoint {name}",))
        if name in before and name in after:
            yield spot.broken(
                "related-changed", f"{what}; the suite reads another endpoint", SERVERS
            )
        else:
            yield spot.new(f"related-{_verb(name, before, after)}", what)


def _verb(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if name not in old:
        return "added"
    return "reworded" if name in new else "removed"
