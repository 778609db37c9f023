"""Test the JSON report against its published schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.canned.reports import FINDING, report, verdicts
from support.canned.sample_reports import SAMPLES
from support.processes.command import validate

from conformance.checks.verdict import Finding, Outcome
from conformance.report.render import json as as_json
from conformance.report.report import Report


def read(whole: Report) -> Any:
    text = as_json.render(whole)
    assert text.isascii()
    assert text.endswith("}\n")
    return json.loads(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_fits_the_published_schema(name: str) -> None:
    data = read(SAMPLES[name])
    validate(data)
    assert data == json.loads(json.dumps(SAMPLES[name].as_dict()))


def test_a_finding() -> None:
    data = read(report(verdicts({"HTTP-01": Outcome.FAILED})))
    (finding,) = data["requirements"][0]["findings"]
    assert finding == {
        "message": FINDING.message,
        "query": "",
        "curl": FINDING.curl,
        "pointer": "/0/name",
        "observed": "seen",
        "expected": "other",
        "method": "GET",
    }
    data["requirements"][0]["findings"] = []
    with pytest.raises(Exception, match="findings"):
        validate(data)


def test_known_failures_and_the_baseline() -> None:
    data = read(SAMPLES["known"])
    found = {one["id"]: one for one in data["requirements"]}
    assert found["HTTP-04"]["known"] == {"reason": "ticket 12", "expires": "2099-01-31"}
    assert found["FILTER-01"]["known"] == {"reason": "ticket 13", "expires": None}
    assert found["HTTP-04"]["fingerprints"] == ["0123456789ab"]
    assert "known" not in found["HTTP-01"]
    assert data["baseline"]["file"] == "known.toml"
    assert data["baseline"]["problems"][0] == {
        "kind": "new",
        "requirement": "SHAPE-01",
        "message": "SHAPE-01 does not fit: new.",
    }
    assert "baseline" not in read(report())


def test_no_place_is_a_command_for_a_ci_server() -> None:
    place = "/0/###vso[task.complete]\\##[error]##"
    whole = report(
        verdicts(
            otherwise=Outcome.FAILED, findings=[Finding(place, place, place, place, place, place)]
        )
    )
    assert "##" not in as_json.render(whole)
    assert read(whole)["requirements"][0]["findings"][0]["pointer"] == place
