"""Going through JSON values, also those that stand as text within others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.core.text import pointer

DEEPEST = 1000
"""Levels that are gone into; nothing that people write is nested more deeply."""


def unpacked(value: Any) -> Any:
    """Read a string that holds a JSON array or object as what it holds."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield a value and everything in it, with JSON pointers; JSON in strings is unpacked."""
    stack: list[tuple[str, Any, int]] = [(place, value, 0)]
    while stack:
        here, node, depth = stack.pop()
        yield here, node
        if depth == DEEPEST:
            continue
        if isinstance(node, Mapping):
            children: Iterable[tuple[Any, Any]] = node.items()
        elif isinstance(node, list):
            children = enumerate(node)
        else:
            continue
        stack.extend(
            (here + pointer(str(key)), unpacked(child), depth + 1) for key, child in children
        )


def nodes_in(value: Any) -> Iterator[Any]:
    """Yield a value and everything in it as it is; what stands first in a list comes first."""
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(reversed(node))


def strings_in(value: Any) -> Iterator[str]:
    """Yield all strings of a value as they are, and the names of members."""
    for node in nodes_in(value):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from node
