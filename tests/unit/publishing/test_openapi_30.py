"""Test that the OpenAPI 3.0.3 document is valid and describes the same requests and responses."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from conformance.errors import ContractError
from conformance.publishing import editions, json_schemas, openapi_30
from conformance.publishing.editions import Edition

EDITIONS = editions.read()
WHOLE: dict[str, Any] = {
    "name": "openAI",
    "type": "openai",
    "category": "AI_MODEL",
    "configuration": {"api_key": "xxxxx"},
    "enabled": True,
    "modelsCount": 3,
    "description": "Text",
    "createTime": 1772787470214,
    "updateTime": 1773839434450,
    "createdBy": "john",
    "updatedBy": "john",
    "ownerApp": "app",
    "tags": [{"key": "team", "value": "docs", "type": "METADATA"}],
    "apis": [],
}
WRONG: tuple[Any, ...] = (None, 1, 1.5, "", "a", True, [], [1], ["a"], {}, {"key": "a"}, -1)
DOCUMENTED = [
    *[{**WHOLE, name: value} for name in WHOLE for value in WRONG],
    *[{key: value for key, value in WHOLE.items() if key != name} for name in WHOLE],
    *[{**WHOLE, "tags": [{"key": "a", "value": value}]} for value in WRONG],
    *[{**WHOLE, "tags": [{"key": "a"}]}, {**WHOLE, "apis": [{"api": "gpt"}]}, {**WHOLE, "new": 1}],
    *WRONG,
]
QUERIES = ["AI_MODEL", "EMAIL", "ai_model", "", "NONE", True, False, "true", 1, None, []]


def resolved(node: Any, document: Any) -> Any:
    """Replace references by their schemas, since the validators do not have the document."""
    if isinstance(node, list):
        return [resolved(value, document) for value in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(found, document)
    return {name: resolved(value, document) for name, value in node.items()}


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.version)
class TestOfEachVersion:
    def test_is_valid(self, edition: Edition) -> None:
        before = copy.deepcopy(edition.document)
        rendered = openapi_30.rendered(edition.document)
        assert edition.document == before
        assert [str(one) for one in OpenAPIV30SpecValidator(rendered).iter_errors()] == []
        assert rendered["openapi"] == "3.0.3"

    def test_describes_the_same_providers(self, edition: Edition) -> None:
        rendered = openapi_30.rendered(edition.document)
        new = Draft202012Validator(json_schemas.schema_of(edition.document, "Provider"))
        old = OAS30Validator(resolved(rendered["components"]["schemas"]["Provider"], rendered))
        verdicts = [(new.is_valid(one), old.is_valid(one)) for one in DOCUMENTED]
        differing = [one for one, (a, b) in zip(DOCUMENTED, verdicts, strict=True) if a != b]
        assert differing == []
        assert {(True, True), (False, False)} == {*verdicts}

    def test_describes_the_same_queries(self, edition: Edition) -> None:
        rendered = openapi_30.rendered(edition.document)
        for name, parameter in edition.document["components"]["parameters"].items():
            new = Draft202012Validator(parameter["schema"])
            old = OAS30Validator(rendered["components"]["parameters"][name]["schema"])
            verdicts = [(new.is_valid(one), old.is_valid(one)) for one in QUERIES]
            assert all(one == other for one, other in verdicts), name
            assert {(True, True), (False, False)} == {*verdicts}

    def test_says_everything_else_in_the_same_words(self, edition: Edition) -> None:
        rendered = openapi_30.rendered(edition.document)
        assert rendered["paths"] == edition.document["paths"]
        assert rendered.get("x-requirements") == edition.document.get("x-requirements")
        assert rendered["components"]["parameters"] == edition.document["components"]["parameters"]
        assert edition.document["info"]["summary"] in rendered["info"]["description"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"const": 1}, {"enum": [1]}),
        ({"examples": [1, 2]}, {"example": 1}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"items": True}, {"items": {}}),
        ({"not": False}, {"not": {"not": {}}}),
        ({"$comment": "a"}, {}),
        (
            {"$ref": "#/components/schemas/Tag", "description": "a"},
            {"allOf": [{"$ref": "#/components/schemas/Tag"}], "description": "a"},
        ),
        ({"properties": {"const": {"const": 1}}}, {"properties": {"const": {"enum": [1]}}}),
    ],
)
def test_a_keyword_is_said_in_the_older_way(schema: Any, said: Any) -> None:
    assert openapi_30.rendered(with_schema(schema))["components"]["schemas"]["Some"] == said


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": ["string", "integer"]}, "components.schemas.Some.type"),
        ({"prefixItems": []}, "components.schemas.Some.prefixItems"),
        ({"properties": {"a": {"if": {}}}}, "components.schemas.Some.properties.a.if"),
        ({"exclusiveMinimum": 0, "minimum": 1}, "components.schemas.Some.exclusiveMinimum"),
        ({"$ref": "#/a", "allOf": []}, "components.schemas.Some.allOf"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(schema: Any, place: str) -> None:
    with pytest.raises(ContractError, match="cannot be expressed") as caught:
        openapi_30.rendered(with_schema(schema))
    assert str(caught.value).startswith(f"{place} of the contract")


def with_schema(schema: Any) -> Any:
    """Return a document with only this schema."""
    return {"info": {"title": "a"}, "paths": {}, "components": {"schemas": {"Some": schema}}}


def test_webhooks_are_refused() -> None:
    with pytest.raises(ContractError, match=r"^webhooks of the contract"):
        openapi_30.rendered({"info": {}, "paths": {}, "webhooks": {}})
