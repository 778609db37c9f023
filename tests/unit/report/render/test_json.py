"""Test the JSON report against its published schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import FINDING, HOSTILE, report, verdicts

from conformance.checks.verdict import Finding, Outcome
from conformance.contract.loader import default_path
from conformance.report.render import json as as_json
from conformance.report.report import Conclusion, FailOn, Report

SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads((default_path().parent / "report.schema.json").read_text("utf-8"))
)
HOSTILE_FINDING = Finding(*[HOSTILE] * 6)


def read(whole: Report) -> Any:
    text = as_json.render(whole)
    assert text.isascii()
    assert text.endswith("}\n")
    return json.loads(text)


@pytest.mark.parametrize(
    "whole",
    [
        report(),
        report(notes=("a note",), fail_on=FailOn.SHOULD),
        report(interrupted=True, conclusion=Conclusion.ERROR, requests=0, duration=0.0),
        *(report(verdicts(otherwise=outcome)) for outcome in Outcome),
    ],
)
def test_it_fits_the_published_schema(whole: Report) -> None:
    SCHEMA.validate(read(whole))


def test_the_json_is_the_report_as_data() -> None:
    whole = report(verdicts({"HTTP-01": Outcome.FAILED}))
    assert read(whole) == json.loads(json.dumps(whole.as_dict()))
    finding = read(whole)["requirements"][0]["findings"][0]
    assert finding == {
        "message": FINDING.message,
        "query": "",
        "curl": FINDING.curl,
        "pointer": "/0/name",
        "observed": "seen",
        "expected": "other",
    }


def test_hostile_text_stays_text() -> None:
    judged = verdicts(otherwise=Outcome.FAILED, reason=HOSTILE, findings=[HOSTILE_FINDING])
    data = read(report(judged, target=HOSTILE, notes=(HOSTILE,)))
    assert data["target"]["url"] == HOSTILE
    assert data["requirements"][0]["findings"][0]["message"] == HOSTILE


def test_no_place_is_a_command_for_a_ci_server() -> None:
    place = "/0/###vso[task.complete]\\##[error]##"
    finding = Finding(*[place] * 6)
    whole = report(verdicts(otherwise=Outcome.FAILED, findings=[finding]))
    assert "##" not in as_json.render(whole)
    assert read(whole)["requirements"][0]["findings"][0]["pointer"] == place


@given(st.text())
def test_any_text_survives(text: str) -> None:
    assert read(report(notes=(text,)))["notes"] == [text]


def test_a_failure_without_a_finding_is_refused_by_the_schema() -> None:
    data = read(report(verdicts({"HTTP-01": Outcome.FAILED})))
    data["requirements"][0]["findings"] = []
    assert not SCHEMA.is_valid(data)
