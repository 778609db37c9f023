"""The requirements for clients, their scenarios and their checks."""

from __future__ import annotations

import json
import re

import pytest
from support.repository import ROOT

from conformance.clients import catalogue, judging
from conformance.clients.scenarios import SCENARIOS, SMOKE, named
from conformance.core.yaml_document import DocumentError
from conformance.errors import UsageError

LAW = catalogue.load()


def test_each_requirement_has_a_check_and_enough_scenarios() -> None:
    assert [one.id for one in LAW.contract.requirements] == list(judging.CHECKS)
    for one in LAW.contract.requirements:
        ((kind, least),) = one.evidence.items()
        assert kind in ("sent", "read")
        assert least <= len(LAW.scenarios[one.id])


def test_each_scenario_is_used() -> None:
    used = {name for names in LAW.scenarios.values() for name in names}
    assert used == set(SCENARIOS)
    assert next(iter(SCENARIOS)) == SMOKE


def test_secrets_are_searched_for_in_every_scenario() -> None:
    assert list(LAW.scenarios["CLIENT-21"]) == list(SCENARIOS)


def test_each_check_says_what_it_judges() -> None:
    told = {check: " ".join((check.__doc__ or "").split()) for check in judging.CHECKS.values()}
    for requirement, check in judging.CHECKS.items():
        assert re.match(rf"Judge .*{requirement}", told[check])


def test_sources_that_are_cited_exist() -> None:
    text = (ROOT / "spec" / "clients.yaml").read_text("utf-8")
    for one in LAW.contract.requirements:
        assert re.match(r"(documentation|standard|reasoning): ", one.source), one.id
        for title in re.findall(r"documentation: ([A-Z][\w ]+?)[,.(;]", one.source):
            assert f"  {title.strip()}:\n" in text, title


def test_each_scenario_is_documented() -> None:
    page = (ROOT / "docs" / "clients.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.*) \|$", page, re.MULTILINE)
    assert [(name, told) for name, told, _ in rows] == [
        (one.name, one.description) for one in SCENARIOS.values()
    ]


def test_an_unknown_scenario() -> None:
    raw = (ROOT / "spec" / "clients.yaml").read_bytes()
    with pytest.raises(DocumentError, match="odd-one"):
        catalogue.parse(raw.replace(b"scenarios: [retry-after]", b"scenarios: [odd-one]"))
    with pytest.raises(UsageError, match="did you mean redirect"):
        named("redirekt")


def test_the_schema_of_answers_is_valid() -> None:
    import jsonschema_rs

    schema = json.loads((ROOT / "spec" / "client-answer.schema.json").read_bytes())
    assert jsonschema_rs.meta.is_valid(schema)
    for form in schema["oneOf"]:
        for example in form["examples"]:
            assert jsonschema_rs.is_valid(schema, example)
