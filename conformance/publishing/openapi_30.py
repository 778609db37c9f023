"""Converting an OpenAPI 3.1 document to OpenAPI 3.0.3, for tools that support only that.

Only constructs with the same meaning in 3.0.3 are converted; anything else is an error and never
dropped. (The npm converter @apiture/openapi-down-convert 0.14.2 needs node, and leaves
`info.summary` in place, which 3.0.3 does not permit.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.errors import ContractError

VERSION = "3.0.3"
_LICENSES = "https://spdx.org/licenses/{}.html"
# Keywords of schemas with the same meaning in both versions.
_SAME = frozenset(
    {
        *("title", "format", "enum", "multipleOf", "maximum", "minimum", "maxLength", "minLength"),
        *("pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties"),
        *("required", "default", "example", "description", "deprecated", "readOnly", "writeOnly"),
        "externalDocs",
    }
)
_ONE = frozenset({"not", "items", "additionalProperties"})
_MANY = frozenset({"allOf", "anyOf", "oneOf"})


def rendered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document in OpenAPI 3.0.3.

    Raises:
        ContractError: a part cannot be expressed there; the message names its place.
    """
    _refuse_if("webhooks" in document, "webhooks")
    result = {name: value for name, value in document.items() if name != "jsonSchemaDialect"}
    result["openapi"] = VERSION
    result["info"] = _info(document["info"])
    result["paths"] = _walked(document["paths"], "paths")
    components = document.get("components", {})
    _refuse_if("pathItems" in components, "components.pathItems")
    result["components"] = {
        kind: {
            name: _schema(item, f"components.schemas.{name}")
            if kind == "schemas"
            else item
            if kind == "examples"
            else _walked(item, f"components.{kind}.{name}")
            for name, item in items.items()
        }
        for kind, items in components.items()
    }
    return result


def _info(info: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(info)
    summary = result.pop("summary", "")
    if summary:
        result["description"] = "\n\n".join(
            part for part in (summary, result.get("description", "")) if part
        )
    if "license" in result:
        license_ = dict(result["license"])
        identifier = license_.pop("identifier", None)
        if identifier is not None:
            license_["url"] = _LICENSES.format(identifier)
        result["license"] = license_
    return result


def _walked(node: Any, place: str) -> Any:
    """Convert everything below ``schema`` fields; examples and extensions are data."""
    if isinstance(node, list):
        return [_walked(value, f"{place}[{number}]") for number, value in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    result = {}
    for name, value in node.items():
        here = f"{place}.{name}"
        if name == "schema":
            result[name] = _schema(value, here)
        elif name in ("example", "examples") or str(name).startswith("x-"):
            result[name] = value
        else:
            _refuse_if(value == "mutualTLS" and name == "type", here)
            result[name] = _walked(value, here)
    return result


def _schema(schema: Any, place: str) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" in schema:
        return _reference(schema, place)
    result: dict[str, Any] = {}
    for keyword, value in schema.items():
        here = f"{place}.{keyword}"
        if keyword in _SAME or keyword.startswith("x-"):
            result[keyword] = value
        elif keyword in _ONE:
            plain = keyword == "additionalProperties" and isinstance(value, bool)
            result[keyword] = value if plain else _schema(value, here)
        elif keyword in _MANY:
            result[keyword] = [_schema(one, f"{here}[{n}]") for n, one in enumerate(value)]
        elif keyword == "properties":
            result[keyword] = {name: _schema(one, f"{here}.{name}") for name, one in value.items()}
        elif keyword == "type":
            result |= _type(value, here)
        elif keyword == "const":
            result["enum"] = [value]
        elif keyword == "examples":
            result["example"] = value[0]
        elif keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            limit = keyword.removeprefix("exclusive").lower()
            _refuse_if(limit in schema, here)
            result |= {limit: value, keyword: True}
        else:
            _refuse_if(keyword != "$comment", here)
    if result.get("type") == "array":
        result.setdefault("items", {})
    return result


def _reference(schema: Mapping[str, Any], place: str) -> dict[str, Any]:
    # OpenAPI 3.0.3 ignores everything next to a reference.
    beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
    reference = {"$ref": schema["$ref"]}
    if not beside:
        return reference
    _refuse_if("allOf" in beside, f"{place}.allOf")
    return {"allOf": [reference], **_schema(beside, place)}


def _type(value: Any, place: str) -> dict[str, Any]:
    if isinstance(value, str):
        _refuse_if(value == "null", place)
        return {"type": value}
    others = [one for one in value if one != "null"]
    _refuse_if(len(others) != 1, place)
    return {"type": others[0], **({"nullable": True} if len(value) > 1 else {})}


def _refuse_if(condition: bool, place: str) -> None:
    if condition:
        raise ContractError(
            f"{place} of the contract cannot be expressed in OpenAPI {VERSION}; "
            "write it differently, or extend conformance/publishing/openapi_30.py"
        )
