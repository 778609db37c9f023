"""A part of a contract that is missing or wrong is named, with what is wrong about it."""

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
    said = complaint(written(changed(("x-requirements", 0, member), GONE, short)))
    place = FIRST if member == "id" else f"{FIRST} (HTTP-01)"
    assert said == f"is not usable: {place}.{member} is missing"


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
    ("path", "value", "said"),
    [
        (("openapi",), "3.0.3", "openapi is not 3.1"),
        (("openapi",), 3.1, "openapi is a number, not a text"),
        (("info", "version"), 0.1, "info.version is a number, not a text"),
        (("info", "version"), " ", "info.version is empty"),
        (("info",), ["x"], "info is a list, not a mapping"),
        (("paths",), {}, "paths must hold exactly one path"),
        (("paths",), {"/api/a": {}, "/api/b": {}}, "paths must hold exactly one path"),
        (("paths",), {"/v1/things": {}}, "paths: '/v1/things' does not begin with /api/"),
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
            "the parameter category stands twice",
        ),
        ((*GET, "parameters", 0), "x", f"{PLACE_OF_GET}.parameters[0] is a text, not a mapping"),
        ((*GET, "parameters", 0), {}, f"{PLACE_OF_GET}.parameters[0].name is missing"),
        (
            (*GET, "parameters", 0, "$ref"),
            "#/components/parameters/none",
            "components.parameters.none is missing",
        ),
        (
            (*GET, "parameters", 0, "$ref"),
            "https://example.com/x",
            f"{PLACE_OF_GET}.parameters.0.$ref leads out of the document: 'https://example.com/x'",
        ),
        (
            (*GET, "responses", "401", "content", "application/json", "schema", "$ref"),
            "errors.yaml#/Error",
            (
                f"{PLACE_OF_GET}.responses.401.content.application/json.schema.$ref leads out of "
                "the document: 'errors.yaml#/Error'"
            ),
        ),
        ((*CATEGORY, "in"), "header", "components.parameters.category.in is not query"),
        (
            (*CATEGORY, "x-filter", "operator"),
            "contains",
            (
                "components.parameters.category.x-filter.operator is 'contains', none of equals, "
                "only-when-true"
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
            "components.parameters.category.x-filter.default is a boolean, not a text or empty",
        ),
        (
            (*ACTIVE, "x-filter", "default"),
            "true",
            "components.parameters.activeOnly.x-filter.default is a text, not a boolean",
        ),
        *(
            (
                (*CATEGORY, "schema", "enum"),
                values,
                "components.parameters.category.schema.enum must list different texts",
            )
            for values in ([], [1], ["GIT", True], ["GIT", "GIT"], ["GIT", ""])
        ),
        (
            ("components", "securitySchemes"),
            {},
            "components.securitySchemes has no apiKey in a header",
        ),
        (
            ("components", "securitySchemes", "accessToken", "in"),
            "cookie",
            "components.securitySchemes has no apiKey in a header",
        ),
        (
            ("components", "securitySchemes", "accessToken", "name"),
            "X Authorization",
            "components.securitySchemes.accessToken.name is no name of a header",
        ),
        (("x-families", "HTTP"), 5, "x-families.HTTP is a number, not a text"),
        (("x-families", "HTTP"), GONE, "HTTP-01 belongs to no family of x-families"),
        (("x-evidence", "tags"), None, "x-evidence.tags is empty, not a text"),
        (("x-evidence", "tags"), GONE, "SHAPE-08 needs 'tags', unknown to x-evidence"),
        (
            ("x-related", "token", "path"),
            "/token",
            "x-related.token.path does not begin with /api/",
        ),
        (
            ("x-related", "models", "path"),
            "/api/models",
            "x-related.models.path has no {name}",
        ),
        (("x-requirements",), [], "x-requirements is empty"),
        (("x-requirements",), {}, "x-requirements is a mapping, not a list"),
        (("x-requirements", 0), "HTTP-01", f"{FIRST} is a text, not a mapping"),
        (
            ("x-requirements", 0, "id"),
            "http-1",
            f"{FIRST}.id is 'http-1', not of the form FAMILY-01",
        ),
        (("x-requirements", 0, "id"), "NEW-01", "NEW-01 belongs to no family of x-families"),
        (("x-requirements", 1), REQUIREMENT, "the requirement HTTP-01 stands twice"),
        (
            ("x-requirements", 0, "level"),
            "must",
            f"{FIRST} (HTTP-01).level is 'must', none of MUST, SHOULD, MAY",
        ),
        (("x-requirements", 0, "statement"), "", f"{FIRST} (HTTP-01).statement is empty"),
        (("x-requirements", 0, "source"), 7, f"{FIRST} (HTTP-01).source is a number, not a text"),
        *(
            (
                ("x-requirements", 0, "evidence"),
                {"answers": minimum},
                "HTTP-01 needs 'answers' at least once",
            )
            for minimum in (0, -1, "1", 1.5, True, None)
        ),
        ((*PROVIDER, "properties"), GONE, "the schema of an element.properties is missing"),
        ((*PROVIDER, "required"), GONE, "the schema of an element.required is missing"),
        (
            (*PROVIDER, "required"),
            ["name", "ghost"],
            "the schema of an element requires 'ghost', which it does not describe",
        ),
        (
            ("components", "schemas", "ProviderList", "items"),
            GONE,
            "the schema of the 200 answer.items is missing",
        ),
    ],
)
def test_a_part_that_is_wrong_is_named(path: Path, value: Any, said: str) -> None:
    assert complaint(written(changed(path, value, short))) == f"is not usable: {said}"


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
def test_a_schema_that_does_not_hold_together(path: Path, value: Any) -> None:
    said = complaint(written(changed(path, value, short)))
    assert said.startswith("is not usable: the schema of the 200 answer does not hold together: ")
