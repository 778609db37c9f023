"""A canonical field order for OpenAPI documents, and writing them as JSON and YAML.

Fields defined by OpenAPI have the order of the tables below. Extensions and other fields follow in
the order of the document. Names chosen by the author (paths, schemas, properties, statuses) keep
their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Each field with the kind of its value; a leading "*" means a list or a mapping by name.
_KINDS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "openapi": "",
        "jsonSchemaDialect": "",
        "info": "info",
        "externalDocs": "",
        "servers": "*server",
        "security": "",
        "tags": "*tag",
        "paths": "*path",
        "webhooks": "*path",
        "components": "components",
    },
    "info": dict.fromkeys(
        ("title", "version", "summary", "description", "termsOfService", "contact", "license"), ""
    ),
    "server": {"url": "", "description": "", "variables": ""},
    "tag": {"name": "", "description": "", "externalDocs": ""},
    "path": {"summary": "", "description": "", "parameters": "*parameter", "get": "operation"},
    "operation": {
        "operationId": "",
        "tags": "",
        "summary": "",
        "description": "",
        "externalDocs": "",
        "deprecated": "",
        "security": "",
        "servers": "*server",
        "parameters": "*parameter",
        "requestBody": "",
        "responses": "*response",
    },
    "parameter": {
        "name": "",
        "in": "",
        "required": "",
        "deprecated": "",
        "description": "",
        "style": "",
        "explode": "",
        "schema": "schema",
        "example": "",
        "examples": "*example",
    },
    "response": {"description": "", "headers": "*parameter", "content": "*media"},
    "media": {"schema": "schema", "example": "", "examples": "*example"},
    "example": {"summary": "", "description": "", "value": "", "externalValue": ""},
    "components": {
        "parameters": "*parameter",
        "headers": "*parameter",
        "responses": "*response",
        "examples": "*example",
        "securitySchemes": "*scheme",
        "schemas": "*schema",
    },
    "scheme": {"type": "", "in": "", "name": "", "description": ""},
    "schema": {
        "$ref": "",
        "type": "",
        "additionalProperties": "schema",
        "nullable": "",
        "title": "",
        "format": "",
        "enum": "",
        "const": "",
        "minimum": "",
        "maximum": "",
        "minLength": "",
        "maxLength": "",
        "pattern": "",
        "minItems": "",
        "maxItems": "",
        "default": "",
        "deprecated": "",
        "description": "",
        "required": "",
        "properties": "*schema",
        "items": "schema",
        "allOf": "*schema",
        "example": "",
        "examples": "",
    },
}


def ordered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its fields in canonical order."""
    result: dict[str, Any] = _ordered(document, "document")
    return result


def _ordered(node: Any, kind: str) -> Any:
    if kind.startswith("*"):
        if isinstance(node, Mapping):
            return {name: _ordered(value, kind[1:]) for name, value in node.items()}
        return [_ordered(value, kind[1:]) for value in node]
    members = _KINDS.get(kind)
    if members is None or not isinstance(node, Mapping):
        return node
    names = [name for name in members if name in node]
    names += [name for name in node if name not in members]
    return {name: _ordered(node[name], members.get(name, "")) for name in names}


def as_json(value: Any) -> bytes:
    """Return indented JSON in UTF-8, in the given field order."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def as_yaml(value: Any) -> bytes:
    """Return YAML in UTF-8, in the given field order, with multi-line texts as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """A dumper that repeats shared values instead of using aliases."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own
            """Disable aliases."""
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value.strip("\n") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    dumped: bytes = yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100, encoding="utf-8"
    )
    return dumped
