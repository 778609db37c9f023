"""Errors name the part of a contract that is missing or wrong, and the problem."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.contracts import (
    ENDPOINT,
    GET,
    GONE,
    PROVIDER,
    Path,
    changed,
    complaint,
    short,
    written,
)

PARAMETERS: Path = ("components", "parameters")
PLACE_OF_GET = f"paths.{ENDPOINT}.get"
FIRST = "x-requirements[0]"

MISSING: tuple[Path, ...] = (
    ("openapi",),
    ("info",),
    ("info", "version"),
    ("paths",),
    GET,
    (*GET, "parameters"),
    (*GET, "responses"),
    (*GET, "responses", "200"),
    (*GET, "responses", "200", "content"),
    (*GET, "responses", "200", "content", "application/json"),
    (*GET, "responses", "200", "content", "application/json", "schema"),
    ("components",),
    ("components", "parameters"),
    (*PARAMETERS, "category"),
    (*PARAMETERS, "category", "name"),
    (*PARAMETERS, "category", "in"),
    (*PARAMETERS, "category", "schema"),
    (*PARAMETERS, "category", "schema", "enum"),
    (*PARAMETERS, "category", "x-filter"),
    (*PARAMETERS, "category", "x-filter", "operator"),
    (*PARAMETERS, "category", "x-filter", "property"),
    (*PARAMETERS, "category", "x-filter", "default"),
    ("components", "securitySchemes"),
    ("components", "securitySchemes", "accessToken", "name"),
    ("components", "schemas", "ModelDetails"),
    ("components", "schemas", "ModelDetails", "properties"),
    ("components", "schemas", "Tag"),
    ("x-related",),
    ("x-related", "token"),
    ("x-related", "allIntegrations", "path"),
    ("x-related", "provider", "path"),
    ("x-related", "models", "path"),
    ("x-families",),
    ("x-evidence",),
    ("x-requirements",),
)


@pytest.mark.parametrize("path", MISSING, ids=lambda path: ".".join(map(str, path)))
def test_a_part_that_is_missing_is_named(path: Path) -> None:
    named = ".".join(map(str, path))
    assert complaint(written(changed(path, GONE, short))) == f"is not usable: {named} is missing"


@pytest.mark.parametrize("member", ["id", "level", "statement", "source", "evidence"])
def test_a_part_of_a_requirement_that_is_missing_is_named(member: str) -> None:
    message = complaint(written(changed(("x-requirements", 0, member), GONE, short)))
    place = FIRST if member == "id" else f"{FIRST} (HTTP-01)"
    assert message == f"is not usable: {place}.{member} is missing"


REQUIREMENT = {
    "id": "HTTP-01",
    "level": "MUST",
    "statement": "A sentence.",
    "source": "documentation: somewhere.",
    "evidence": {"answers": 1},
}
CATEGORY: Path = (*PARAMETERS, "category")
ACTIVE: Path = (*PARAMETERS, "activeOnly")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("openapi",), "3.0.3", "openapi is not 3.1"),
        (("openapi",), 3.1, "openapi is a number, not a string"),
        (("info", "version"), 0.1, "info.version is a number, not a string"),
        (("info", "version"), " ", "info.version is empty"),
        (("info",), ["x"], "info is a list, not a mapping"),
        (("paths",), {}, "paths must contain exactly one path"),
        (("paths",), {"/api/a": {}, "/api/b": {}}, "paths must contain exactly one path"),
        (("paths",), {"/v1/things": {}}, "paths: '/v1/things' does not start with /api/"),
        (("paths", ENDPOINT), None, f"paths.{ENDPOINT} is empty, not a mapping"),
        ((*GET, "parameters"), {}, f"{PLACE_OF_GET}.parameters is a mapping, not a list"),
        ((*GET, "parameters"), [], "no parameter has the x-filter.operator equals"),
        (
            (*GET, "parameters", 1),
            GONE,
            "no parameter has the x-filter.operator only-when-true",
        ),
        (
            (*GET, "parameters", 1),
            {"$ref": "#/components/parameters/category"},
            "the parameter category is defined twice",
        ),
        ((*GET, "parameters", 0), "x", f"{PLACE_OF_GET}.parameters[0] is a string, not a mapping"),
        ((*GET, "parameters", 0), {}, f"{PLACE_OF_GET}.parameters[0].name is missing"),
        (
            (*GET, "parameters", 0, "$ref"),
            "#/components/parameters/none",
            "components.parameters.none is missing",
        ),
        (
            (*GET, "parameters", 0, "$ref"),
            "https://example.com/x",
            f"{PLACE_OF_GET}.parameters.0.$ref points outside the document: 'https://example.com/x'",
        ),
        (
            (*GET, "responses", "401", "content", "application/json", "schema", "$ref"),
            "errors.yaml#/Error",
            (
                f"{PLACE_OF_GET}.responses.401.content.application/json.schema.$ref points outside "
                "the document: 'errors.yaml#/Error'"
            ),
        ),
        ((*CATEGORY, "in"), "header", "components.parameters.category.in must be query"),
        (
            (*CATEGORY, "x-filter", "operator"),
            "contains",
            (
                "components.parameters.category.x-filter.operator is 'contains', not one of "
                "equals, only-when-true"
            ),
        ),
        (
            (*CATEGORY, "x-filter", "property"),
            "kind",
            "x-filter of category names 'kind', which the schema of an element does not describe",
        ),
        (
            (*CATEGORY, "x-filter", "default"),
            True,
            "components.parameters.category.x-filter.default is a boolean, not a string or empty",
        ),
        (
            (*ACTIVE, "x-filter", "default"),
            "true",
            "components.parameters.activeOnly.x-filter.default is a string, not a boolean",
        ),
        *(
            (
                (*CATEGORY, "schema", "enum"),
                values,
                "components.parameters.category.schema.enum must list distinct, non-empty strings",
            )
            for values in ([], [1], ["GIT", True], ["GIT", "GIT"], ["GIT", ""])
        ),
        (
            ("components", "securitySchemes"),
            {},
            "components.securitySchemes has no scheme with type: apiKey and in: header",
        ),
        (
            ("components", "securitySchemes", "accessToken", "in"),
            "cookie",
            "components.securitySchemes has no scheme with type: apiKey and in: header",
        ),
        (
            ("components", "securitySchemes", "accessToken", "name"),
            "X Authorization",
            "components.securitySchemes.accessToken.name is not a valid header name",
        ),
        (("x-families", "HTTP"), 5, "x-families.HTTP is a number, not a string"),
        (("x-families", "HTTP"), GONE, "the family of HTTP-01 is missing from x-families"),
        (("x-evidence", "tags"), None, "x-evidence.tags is empty, not a string"),
        (("x-evidence", "tags"), GONE, "SHAPE-08 needs 'tags', which x-evidence lacks"),
        (
            ("x-related", "token", "path"),
            "/token",
            "x-related.token.path does not start with /api/",
        ),
        (
            ("x-related", "models", "path"),
            "/api/models",
            "x-related.models.path does not contain {name}",
        ),
        (("x-requirements",), [], "x-requirements is empty"),
        (("x-requirements",), {}, "x-requirements is a mapping, not a list"),
        (("x-requirements", 0), "HTTP-01", f"{FIRST} is a string, not a mapping"),
        (
            ("x-requirements", 0, "id"),
            "http-1",
            f"{FIRST}.id is 'http-1', not of the form FAMILY-01",
        ),
        (("x-requirements", 0, "id"), "NEW-01", "the family of NEW-01 is missing from x-families"),
        (("x-requirements", 1), REQUIREMENT, "the requirement HTTP-01 is listed twice"),
        (
            ("x-requirements", 0, "level"),
            "must",
            f"{FIRST} (HTTP-01).level is 'must', not one of MUST, SHOULD, MAY",
        ),
        (("x-requirements", 0, "statement"), "", f"{FIRST} (HTTP-01).statement is empty"),
        (("x-requirements", 0, "source"), 7, f"{FIRST} (HTTP-01).source is a number, not a string"),
        *(
            (
                ("x-requirements", 0, "evidence"),
                {"answers": minimum},
                "HTTP-01 needs 'answers', but its minimum is not an integer above 0",
            )
            for minimum in (0, -1, "1", 1.5, True, None)
        ),
        ((*PROVIDER, "properties"), GONE, "the schema of an element.properties is missing"),
        ((*PROVIDER, "required"), GONE, "the schema of an element.required is missing"),
        (
            (*PROVIDER, "required"),
            ["name", "ghost"],
            "the schema of an element requires 'ghost' but does not describe it",
        ),
        (
            ("components", "schemas", "ProviderList", "items"),
            GONE,
            "the schema of the 200 response.items is missing",
        ),
    ],
)
def test_a_part_that_is_wrong_is_named(path: Path, value: Any, message: str) -> None:
    assert complaint(written(changed(path, value, short))) == f"is not usable: {message}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (PROVIDER, GONE),
        ((*PROVIDER, "type"), "thing"),
        ((*PROVIDER, "properties", "name", "minLength"), "one"),
        (("components", "schemas", "ProviderList", "items"), [1]),
        (("components", "schemas", "ProviderList", "$ref"), "#/components/schemas/ProviderList"),
    ],
)
def test_a_schema_that_is_invalid(path: Path, value: Any) -> None:
    message = complaint(written(changed(path, value, short)))
    assert message.startswith("is not usable: the schema of the 200 response is invalid: ")
