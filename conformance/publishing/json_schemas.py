"""Schemas of the contract as standalone JSON Schemas, for use without OpenAPI tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMPONENTS = "#/components/schemas/"


def schema_of(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a schema of ``components.schemas`` as a JSON Schema, draft 2020-12.

    Referenced schemas are in its ``$defs``. Raises ``KeyError`` if the name is unknown.
    """
    schemas = document["components"]["schemas"]
    needed = list(_needed(schemas, name, {name}))
    result = {
        "$schema": DIALECT,
        "title": name,
        "$comment": f"From {document['info']['title']} {document['info']['version']}.",
        **_rewritten(schemas[name]),
    }
    if needed:
        result["$defs"] = {one: _rewritten(schemas[one]) for one in sorted(needed)}
    return result


def _needed(schemas: Mapping[str, Any], name: str, known: set[str]) -> Iterator[str]:
    for reference in _references(schemas[name]):
        other = reference.removeprefix(_COMPONENTS)
        if other not in known:
            known.add(other)
            yield other
            yield from _needed(schemas, other, known)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _rewritten(node: Any) -> Any:
    if isinstance(node, list):
        return [_rewritten(value) for value in node]
    if not isinstance(node, Mapping):
        return node
    result: dict[str, Any] = {}
    for name, value in node.items():
        if name == "$ref":
            result[name] = f"#/$defs/{str(value).removeprefix(_COMPONENTS)}"
        elif name == "example":
            # ``example`` is a keyword of OpenAPI; JSON Schema has ``examples``.
            result["examples"] = [value]
        elif name == "properties":
            result[name] = {key: _rewritten(one) for key, one in value.items()}
        else:
            result[name] = _rewritten(value)
    return result
