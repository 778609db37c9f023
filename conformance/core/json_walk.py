"""Walk through JSON values, including JSON that is embedded in strings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.core.text import pointer

DEEPEST = 1000
"""Deepest level that is visited; data written by people is never nested more deeply."""
VALIDATED_DEPTH = 100
"""Levels of nesting that ``simplified`` keeps; JSON Schema validation fails beyond 255."""


def unpacked(value: Any) -> Any:
    """Return the array or object that a string contains as JSON; any other value unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield a value and everything in it, each with its JSON pointer.

    JSON that is embedded in strings is unpacked. ``place`` is the pointer of the value itself.
    """
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
    """Yield a value and everything in it, in the order of its lists; strings are not unpacked."""
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(reversed(node))


def strings_in(value: Any) -> Iterator[str]:
    """Yield all strings of a value, including the names of fields."""
    for node in nodes_in(value):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from node


def simplified(value: Any, depth: int = 0) -> Any:
    """Copy a value without the parts that JSON Schema validation cannot handle.

    Lone surrogates become question marks, and values nested too deeply become empty ones.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        members = value.items() if depth < VALIDATED_DEPTH else ()
        return {simplified(key): simplified(child, depth + 1) for key, child in members}
    if isinstance(value, list):
        elements = value if depth < VALIDATED_DEPTH else ()
        return [simplified(child, depth + 1) for child in elements]
    return value
