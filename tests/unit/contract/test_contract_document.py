"""The shipped contract is valid OpenAPI, with correct examples and traceable sources."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.canned.contracts import ENDPOINT, Path, document, places

from conformance.checks.judging import NOUNS
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
    return node


def test_it_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def examples() -> list[tuple[Path, Path]]:
    """Return the path of each example with the path of the schema that it illustrates."""
    found: list[tuple[Path, Path]] = []
    for path in places(DOCUMENT):
        if path[-1] == "example":
            # In a parameter or media type the schema is a sibling; in a schema it is the parent.
            beside = (*path[:-1], "schema")
            found.append((path, beside if "schema" in at(path[:-1]) else path[:-1]))
        elif path[-2:-1] == ("examples",):
            found.append(((*path, "value"), (*path[:-2], "schema")))
    return found


@pytest.mark.parametrize(
    ("example", "schema"), examples(), ids=lambda path: "/".join(map(str, path))
)
def test_every_example_fits_its_schema(example: Path, schema: Path) -> None:
    rules = {**at(schema), "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(rules).validate(at(example))


def test_there_are_examples_for_all_parameters_and_responses() -> None:
    assert {path[:3] for path, _ in examples()} == {
        ("paths", ENDPOINT, "get"),
        *(("components", "parameters", name) for name in ("category", "activeOnly")),
        ("components", "schemas", "Error"),
    }


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("allProviders", "activeOnly=false"),
        ("activeProviders", "activeOnly=true"),
        ("modelProviders", "category=AI_MODEL&activeOnly=false"),
    ],
)
def test_every_example_response_obeys_the_filters(name: str, query: str) -> None:
    content = at(("paths", ENDPOINT, "get", "responses", "200", "content", "application/json"))
    answer = content["examples"][name]["value"]
    (reading,) = readings(LAW, Query(query))
    assert answer
    assert all(reading.keeps(element) is True for element in answer)


@pytest.mark.parametrize("requirement", LAW.requirements, ids=lambda requirement: requirement.id)
def test_each_requirement_can_be_traced(requirement: Requirement) -> None:
    # The kind of source is followed by a place: a page of the documentation, a section of a
    # standard, or reasoning from several of these.
    kinds = re.split(r"(?:^|; )(documentation|composition): ", requirement.source)
    assert kinds[0] == ""
    assert all(len(place.split()) >= 3 for place in kinds[2::2])
    assert re.search(r"Get \w+|RFC \d+|the pages on authentication", requirement.source)
    # The statement is one sentence.
    assert requirement.statement.endswith(".")
    assert not re.search(r"[.!?]\s", requirement.statement)
    assert requirement.statement.isprintable()
    # One check judges it and documents how, and it needs some evidence.
    judges, _, how = (all_checks()[requirement.id].__doc__ or "").partition("\n\n")
    assert judges == f"Judge {requirement.id}."
    assert how.strip().endswith(".")
    assert requirement.evidence
    assert NEEDS[requirement.family]


def test_requirements_are_in_the_order_of_families_and_numbers_with_a_check_each() -> None:
    ids = [requirement.id for requirement in LAW.requirements]
    numbers = Counter(requirement.family for requirement in LAW.requirements)
    assert ids == [f"{name}-{n:02}" for name in LAW.families for n in range(1, numbers[name] + 1)]
    assert sorted(all_checks()) == sorted(ids)
    assert len(set(all_checks().values())) == len(all_checks())


def test_every_measure_is_used_and_has_a_noun() -> None:
    used = {measure for item in LAW.requirements for measure in item.evidence}
    assert used == set(LAW.measures)
    assert set(NOUNS) == set(LAW.measures)


def test_every_field_of_the_response_has_a_description() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for member, rules in schema.get("properties", {}).items():
            assert rules.get("description"), f"{name}.{member}"
