"""Schemas of the contract for tools that cannot use them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def response_schemas(document: Mapping[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """Return the schemas of a GET's JSON responses by status, without references and formats.

    ``int64`` is a format of OpenAPI, not of JSON Schema, so JSON Schema validators may reject it.
    """
    responses = document["paths"][path]["get"]["responses"]
    return {
        status: _expanded(document, response["content"]["application/json"]["schema"])
        for status, response in responses.items()
    }


def _expanded(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(_target(document, schema))
    whole.pop("format", None)
    if "properties" in whole:
        fields = whole["properties"].items()
        whole["properties"] = {name: _expanded(document, field) for name, field in fields}
    if "items" in whole:
        whole["items"] = _expanded(document, whole["items"])
    return whole


def _target(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    _, kind, name = part["$ref"].removeprefix("#").strip("/").split("/")
    return cast(Mapping[str, Any], document["components"][kind][name])
