"""How edits of the contract are written down: steps from one version to the next."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spec_changes import Bump, Side

from support.canned.contracts import GET, GONE, PROVIDER, Path, document

Document = dict[str, Any]
Step = tuple[Path, Any]
"""A place, and the value that it gets; a function makes it of the one that is there."""

NOBODY: frozenset[Side] = frozenset()
CLIENTS = frozenset({Side.CLIENT})
SERVERS = frozenset({Side.SERVER})
BOTH = frozenset(Side)
MAJOR, MINOR, PATCH = Bump.MAJOR, Bump.MINOR, Bump.PATCH

ANSWERS: Path = (*GET, "responses")
OK: Path = (*ANSWERS, "200")
JSON: Path = (*OK, "content", "application/json")
SCHEMAS: Path = ("components", "schemas")
MEMBERS: Path = (*PROVIDER, "properties")
CATEGORY: Path = ("components", "parameters", "category")
ACTIVE: Path = ("components", "parameters", "activeOnly")
SCHEME: Path = ("components", "securitySchemes", "accessToken")
OTHER: Step = ((*SCHEME[:-1], "other"), {"type": "http", "scheme": "basic"})
"""A second scheme, so that there can be a choice."""
FIRST: Path = ("x-requirements", 0)
ADVISED: Path = ("x-requirements", 10)
"""SHAPE-06, a SHOULD."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Steps from the shipped contract to the older version, and from there to the newer."""

    name: str
    rule: str
    breaks: frozenset[Side]
    bump: Bump
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()

    def pair(self) -> tuple[Document, Document]:
        """Return the older and the newer version."""
        old = stepped(document(), self.before)
        return old, stepped(copy.deepcopy(old), self.steps)


def stepped(whole: Document, steps: tuple[Step, ...]) -> Document:
    """Carry out steps on a document."""
    for path, value in steps:
        node: Any = whole
        for part in path[:-1]:
            node = node.setdefault(part, {}) if isinstance(node, dict) else node[part]
        last = path[-1]
        if value is GONE:
            del node[last]
        else:
            node[last] = value(node[last]) if callable(value) else value
    return whole


def plus(*more: Any) -> Callable[[list[Any]], list[Any]]:
    """Return what adds to a list."""
    return lambda some: [*some, *more]


def minus(*fewer: Any) -> Callable[[list[Any]], list[Any]]:
    """Return what takes from a list."""
    return lambda some: [one for one in some if one not in fewer]


def parameter(**more: Any) -> dict[str, Any]:
    """Return a query parameter that the contract does not have."""
    return {"name": "owner", "in": "query", "schema": {"type": "string"}, **more}


def requirement(level: str) -> dict[str, Any]:
    """Return a requirement that the contract does not have."""
    return {
        "id": "SHAPE-10",
        "level": level,
        "statement": "It is so.",
        "source": "composition: x",
        "evidence": {"answers": 1},
    }


def edits(bump: Bump, breaks: frozenset[Side], *rows: tuple[Any, ...]) -> tuple[Edit, ...]:
    """Return edits of one class: each a name, a rule, the steps, and the steps before."""
    return tuple(Edit(row[0], row[1], breaks, bump, *row[2:]) for row in rows)


def limit(keyword: str, value: Any, member: str = "name") -> tuple[Step, ...]:
    """Return the step that gives a member of a provider one more rule, or another."""
    return (((*MEMBERS, member, keyword), value),)


HEADERS: Path = (*OK, "headers")
BODY: Path = (*GET, "requestBody")
PLAIN = {"content": {"application/json": {"schema": {"type": "object"}}}}
MEMBER_A = {"type": "object", "properties": {"a": {"type": "string"}}}
