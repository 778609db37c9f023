"""Errors name the part of a contract that is missing or wrong, and the problem."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.contracts import (
    ENDPOINT,
    GET,
    GONE,
    PROVIDER,
    RULES,
    Path,
    changed,
    complaint,
    short,
    written,
)

PLACE_OF_GET = f"paths.{ENDPOINT}.get"
FIRST = "requirements[0]"

MISSING = f"""
    openapi info info.version paths {PLACE_OF_GET}
    {PLACE_OF_GET}.parameters
    {PLACE_OF_GET}.responses
    {PLACE_OF_GET}.responses.200
    {PLACE_OF_GET}.responses.200.content
    {PLACE_OF_GET}.responses.200.content.application/json
    {PLACE_OF_GET}.responses.200.content.application/json.schema
    components components.parameters components.parameters.Category
    components.parameters.Category.name
    components.parameters.Category.in
    components.parameters.Category.schema
    components.parameters.Category.x-filter
    components.parameters.Category.x-filter.operator
    components.parameters.Category.x-filter.property
    components.parameters.ActiveOnly.schema.default
    components.securitySchemes components.securitySchemes.accessToken.name
    components.schemas.Tag
"""
MISSING_RULES = """
    modelDetails modelDetails.fields
    related related.token related.allIntegrations.path related.provider.path
    related.models.path families evidence evidence.providers.short requirements
"""


def problem(path: Path, value: Any) -> str:
    """Return what is said of a contract with another value at one place, of the right file."""
    file = "requirements.yaml" if path[0] in RULES else "law.yaml"
    said = complaint(*written(changed(path, value, short)), file=file)
    return said.removeprefix("is not usable: ")


@pytest.mark.parametrize("named", (MISSING + MISSING_RULES).split())
def test_a_part_that_is_missing_is_named(named: str) -> None:
    assert problem(tuple(named.split(".")), GONE) == f"{named} is missing"


@pytest.mark.parametrize("member", ["id", "level", "statement", "source", "evidence"])
def test_a_part_of_a_requirement_that_is_missing_is_named(member: str) -> None:
    place = FIRST if member == "id" else f"{FIRST} (HTTP-01)"
    assert problem(("requirements", 0, member), GONE) == f"{place}.{member} is missing"


PARAMETERS = ("components", "parameters")
FIRST_FILTER: Path = ("parameters", 0)
SCHEMES: Path = ("components", "securitySchemes")
TOKEN: Path = (*SCHEMES, "accessToken")
ENTRY: Path = ("requirements", 0)
NO_SCHEME = "components.securitySchemes has no scheme with type: apiKey and in: header"


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
        ((*GET, "parameters", 1), GONE, "no parameter has the x-filter.operator only-when-true"),
        (
            (*GET, "parameters", 1),
            {"$ref": "#/components/parameters/Category"},
            "the parameter category is defined twice",
        ),
        ((*GET, "parameters", 0), "x", f"{PLACE_OF_GET}.parameters[0] is a string, not a mapping"),
        ((*GET, "parameters", 0), {}, f"{PLACE_OF_GET}.parameters[0].name is missing"),
        *(
            ((*GET, *place, "$ref"), reference, f"{where} {problem}")
            for place, reference, where, problem in (
                (FIRST_FILTER, "#/components/none", "components.none", "is missing"),
                (
                    FIRST_FILTER,
                    "https://example.com/x",
                    f"{PLACE_OF_GET}.parameters.0.$ref",
                    "points outside the document: 'https://example.com/x'",
                ),
            )
        ),
        *(
            ((*PARAMETERS, *place.split(".")), value, f"{'.'.join(PARAMETERS)}.{place} {problem}")
            for place, value, problem in (
                ("Category.in", "header", "must be query"),
                (
                    "Category.x-filter.operator",
                    "contains",
                    "is 'contains', not one of equals, only-when-true, at-least",
                ),
                ("Category.schema.default", True, "is a boolean, not a string"),
                ("ActiveOnly.schema.default", "true", "is a string, not a boolean"),
            )
        ),
        (
            (*PARAMETERS, "Category", "x-filter", "property"),
            "kind",
            "x-filter of category names 'kind', which the schema of an element does not describe",
        ),
        (SCHEMES, {}, NO_SCHEME),
        ((*TOKEN, "in"), "cookie", NO_SCHEME),
        ((*TOKEN, "name"), "X A", f"{'.'.join(map(str, TOKEN))}.name is not a valid header name"),
        (("families", "HTTP"), 5, "families.HTTP is a number, not a string"),
        (("families", "HTTP"), GONE, "the family of HTTP-01 is missing from the families"),
        (("evidence", "tags"), None, "evidence.tags is empty, not a string or a mapping"),
        (("evidence", "tags"), GONE, "SHAPE-08 needs 'tags', an unknown kind of evidence"),
        *(
            (
                ("evidence", "tags", form),
                value,
                f"evidence.tags.{form} must be a list of two texts: for one, and for several",
            )
            for form, value in (("short", ["tag"]), ("short", ["tag", 2]), ("full", []))
        ),
        (("evidence", "tags", "full"), "tags", "evidence.tags.full is a string, not a list"),
        (("modelDetails", "fields"), {}, "modelDetails.fields is a mapping, not a list"),
        *(
            (("version",), version, "its version is not 0.3.0, that of the OpenAPI document")
            for version in ("0.2.1", GONE, 0.3)
        ),
        *(
            (("related", name, "path"), path, f"related.{name}.path does not {problem}")
            for name, path, problem in (
                ("token", "/token", "start with /api/"),
                ("models", "/api/models", "contain {name}"),
            )
        ),
        (("requirements",), [], "requirements is empty"),
        (("requirements",), {}, "requirements is a mapping, not a list"),
        (ENTRY, "HTTP-01", f"{FIRST} is a string, not a mapping"),
        ((*ENTRY, "id"), "http-1", f"{FIRST}.id is 'http-1', not of the form FAMILY-01"),
        ((*ENTRY, "id"), "NEW-01", "the family of NEW-01 is missing from the families"),
        (("requirements", 1, "id"), "HTTP-01", "the requirement HTTP-01 is listed twice"),
        (
            (*ENTRY, "level"),
            "must",
            f"{FIRST} (HTTP-01).level is 'must', not one of MUST, SHOULD, MAY",
        ),
        ((*ENTRY, "statement"), "", f"{FIRST} (HTTP-01).statement is empty"),
        ((*ENTRY, "source"), 7, f"{FIRST} (HTTP-01).source is a number, not a string"),
        *(
            (
                (*ENTRY, "evidence"),
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
    assert problem(path, value) == message


@pytest.mark.parametrize("values", [[], [1], ["GIT", True], ["GIT", "GIT"], ["GIT", ""]])
def test_documented_values_are_distinct_texts(values: list[Any]) -> None:
    place = (*PARAMETERS, "Category", "schema")
    expected = f"{'.'.join(place)}.enum must list distinct, non-empty strings"
    assert problem((*place, "anyOf", 0, "enum"), values) == expected
    assert problem(place, {"enum": values}) == expected


def test_documented_values_may_stand_beside_others_but_not_be_missing() -> None:
    place = (*PARAMETERS, "Category", "schema")
    assert problem(place, {"anyOf": [{"type": "string"}]}) == f"{'.'.join(place)}.enum is missing"


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
    assert problem(path, value).startswith("the schema of the 200 response is invalid: ")
