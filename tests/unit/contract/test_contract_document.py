"""The shipped contract is valid OpenAPI with correct examples and traceable sources."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.canned.contracts import RULES, Path, document, places

from conformance.checks.registry import all_checks
from conformance.contract.filter_oracle import readings
from conformance.contract.loader import load
from conformance.contract.model import Requirement
from conformance.contract.query import Query
from conformance.runner.plan import NEEDS

LAW = load()
DOCUMENT = document()


def at(path: Path) -> Any:
    node: Any = DOCUMENT
    for part in path:
        node = node[part]
    return at(tuple(node["$ref"].split("/")[1:])) if "$ref" in node else node


def test_it_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


EXAMPLES = [
    (path, (*path[:-2], "schema"))
    for path in places(DOCUMENT)
    if path[-2:-1] == ("examples",) and len(path) > 3
]
"""The place of each example, with that of the schema that it illustrates."""


@pytest.mark.parametrize(("example", "schema"), EXAMPLES, ids=lambda path: "/".join(map(str, path)))
def test_every_example_fits_its_schema(example: Path, schema: Path) -> None:
    rules = {**at(schema), "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(rules).validate(at(example)["value"])


def test_every_parameter_and_response_has_an_example_and_every_example_is_used() -> None:
    components = DOCUMENT["components"]
    described = {
        path for path in places(DOCUMENT) if path[-1] == "schema" and "headers" not in path
    }
    without = {path for path in described if "default" in path}
    assert {schema for _, schema in EXAMPLES} == described - without
    used = [at(example) for example, _ in EXAMPLES]
    assert all(example in used for example in components["examples"].values())


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("allProviders", "activeOnly=false"),
        ("activeProviders", "activeOnly=true"),
        ("modelProviders", "category=AI_MODEL&activeOnly=false"),
    ],
)
def test_every_example_response_obeys_the_filters(name: str, query: str) -> None:
    answer = DOCUMENT["components"]["examples"][name]["value"]
    (reading,) = readings(LAW, Query(query))
    assert answer
    assert all(reading.keeps(element) is True for element in answer)


@pytest.mark.parametrize("requirement", LAW.requirements, ids=lambda requirement: requirement.id)
def test_each_requirement_can_be_traced(requirement: Requirement) -> None:
    # The kind of source is followed by a place: a page of the documentation, a section of a
    # standard, or reasoning from several of these.
    kinds = re.split(r"(?:^|\. )(documentation|standard|reasoning): ", requirement.source)
    assert kinds[0] == ""
    assert requirement.source.endswith(".")
    for kind, place in zip(kinds[1::2], kinds[2::2], strict=True):
        assert len(place.split()) >= 3
        assert kind != "documentation" or any(title in place for title in RULES["sources"])
        assert kind != "standard" or re.search(r"RFC \d+, section|OpenAPI 3\.1|ASVS", place)
    assert requirement.statement.endswith(".")
    assert requirement.statement.isprintable()
    # One check judges it and documents how, and it needs some evidence.
    judges, _, how = (all_checks()[requirement.id].__doc__ or "").partition("\n\n")
    assert judges == f"Judge {requirement.id}."
    assert how.strip().endswith(".")
    assert requirement.evidence
    assert NEEDS[requirement.family]


def test_every_source_has_an_address_and_is_described() -> None:
    for source in RULES["sources"].values():
        assert source["url"].startswith("https://")
        assert source["what"].endswith(".")


def test_requirements_are_in_the_order_of_families_and_numbers_with_a_check_each() -> None:
    ids = [requirement.id for requirement in LAW.requirements]
    numbers = Counter(requirement.family for requirement in LAW.requirements)
    assert ids == [f"{name}-{n:02}" for name in LAW.families for n in range(1, numbers[name] + 1)]
    assert sorted(all_checks()) == sorted(ids)
    assert len(set(all_checks().values())) == len(all_checks())


def test_every_measure_is_used() -> None:
    used = {measure for item in LAW.requirements for measure in item.evidence}
    assert used == set(LAW.measures)


def test_every_field_of_the_response_has_a_description() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for member, rules in schema.get("properties", {}).items():
            assert rules.get("description"), f"{name}.{member}"
