"""The contract as the renderer of the reference gets it.

A page from a file share may not read the file beside it, so the document is a script. Swagger UI
looks up references by reading the page's own address, which a file share does not let it do
either; so what is referred to stands in place, under its name as the title.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

VARIABLE = "CONTRACT"
_SHOWN = ("openapi", "info", "servers", "security", "tags", "paths", "components")


def script(document: Mapping[str, Any]) -> bytes:
    """Return a classic script that gives the document, to be shown, to the page."""
    text = json.dumps(shown(document), ensure_ascii=True, separators=(",", ":"))
    # No text in it can end the element that it may be put into.
    text = text.replace("<", "\\u003c")
    return f"window.{VARIABLE} = {text};\n".encode()


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that a reference shows, without references and extensions."""
    result = {name: _resolved(document, document[name], ()) for name in _SHOWN if name in document}
    schemas = document["components"]["schemas"]
    # In the list of schemas each stands once.
    result["components"]["schemas"] = {
        name: {**_resolved(document, schema, tuple(map(_reference, schemas))), "title": name}
        for name, schema in schemas.items()
    }
    return result


def _resolved(document: Mapping[str, Any], node: Any, named: tuple[str, ...]) -> Any:
    """Put what is referred to in place; of ``named`` references only the name and the type."""
    if isinstance(node, list):
        return [_resolved(document, value, named) for value in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        found = _at(document, reference)
        name = reference.rpartition("/")[2]
        if reference in named:
            kind = {"type": found["type"]} if "type" in found else {}
            return {"title": name, **kind, "description": f"See {name}."}
        resolved = _resolved(document, found, (*named, reference))
        return {**resolved, "title": name} if reference == _reference(name) else resolved
    return {
        key: _resolved(document, value, named)
        for key, value in node.items()
        if not str(key).startswith("x-")
    }


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"


def _at(document: Mapping[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node
