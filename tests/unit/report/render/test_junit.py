"""Test the JUnit report: a suite per family, and failures only if they count."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from support.canned.reports import FINDING, LAW, report, verdicts
from support.canned.sample_reports import SAMPLES

from conformance.checks.verdict import Outcome
from conformance.report.render import junit
from conformance.report.report import FailOn, Report

FAILED = Outcome.FAILED


def parsed(whole: Report) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(whole))  # noqa: S314 - made by this test


def case(whole: Report, requirement: str) -> ElementTree.Element:
    (found,) = (
        one for one in parsed(whole).iter("testcase") if one.attrib["name"].startswith(requirement)
    )
    return found


def test_a_suite_per_family_and_a_case_per_requirement() -> None:
    root = parsed(report(verdicts({"HTTP-01": FAILED, "HTTP-05": Outcome.INCONCLUSIVE})))
    assert root.tag == "testsuites"
    # The schema of Jenkins' xUnit plugin knows no other attributes.
    tests = str(len(LAW.requirements))
    assert root.attrib == {
        "name": "conductor-conformance",
        "time": "1.235",
        "tests": tests,
        "failures": "1",
        "errors": "0",
    }
    assert [suite.attrib["name"] for suite in root] == list(LAW.families)
    names = [one.attrib["name"] for one in root.iter("testcase")]
    assert names == [f"{item.id} {item.statement}" for item in LAW.requirements]
    first = root[0]
    counts = {name: first.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "1", "errors": "0", "skipped": "1"}
    assert first.attrib["timestamp"] == "2026-02-02T03:04:05"
    properties = {one.attrib["name"]: one.attrib["value"] for one in first.iter("property")}
    assert properties == {
        "target": "https://conductor.example.com/api",
        "contract": LAW.version,
        "profile": "standard",
        "seed": "7",
        "verdict": "not conformant",
        "reason": "1 requirement is broken: HTTP-01.",
        "requests": "123",
        "run": "0123456789ab",
    }


def test_the_notes_of_the_run_appear_once() -> None:
    root = parsed(report(notes=("A server was busy.", "There was \x1b[31m more.")))
    printed = [suite.findtext("system-out") for suite in root]
    assert printed[0] == "note: A server was busy.\nnote: There was \\u001b[31m more."
    assert {*printed[1:]} == {None}
    assert [one.tag for one in root[0]][-1] == "system-out"
    assert all(suite.find("system-out") is None for suite in parsed(report()))


@pytest.mark.parametrize(
    ("requirement", "outcome", "fail_on", "results"),
    [
        ("HTTP-01", Outcome.PASSED, "must", []),
        ("HTTP-01", FAILED, "must", [("failure", "a reason")]),
        ("HTTP-01", Outcome.INCONCLUSIVE, "must", [("skipped", "inconclusive: a reason")]),
        ("HTTP-01", Outcome.NOT_APPLICABLE, "must", [("skipped", "not-applicable: a reason")]),
        ("HTTP-01", Outcome.ERROR, "must", [("error", "a reason")]),
        ("SHAPE-06", FAILED, "must", [("skipped", "SHOULD not met: a reason")]),
        ("SHAPE-06", FAILED, "should", [("failure", "a reason")]),
    ],
)
def test_how_each_outcome_is_shown(
    requirement: str, outcome: Outcome, fail_on: str, results: list[tuple[str, str]]
) -> None:
    whole = report(verdicts({requirement: outcome}), fail_on=FailOn(fail_on))
    found = case(whole, requirement)
    kinds = ("failure", "skipped", "error")
    assert [(one.tag, one.attrib["message"]) for one in found if one.tag in kinds] == results


def test_a_failure_has_finding_and_command() -> None:
    (failure,) = case(report(verdicts({"HTTP-01": FAILED})), "HTTP-01").iter("failure")
    requirement = LAW.requirement("HTTP-01")
    assert failure.attrib["type"] == "MUST"
    assert str(failure.text).split("\n") == [
        requirement.statement,
        f"Source: {requirement.source}",
        "",
        FINDING.message,
        FINDING.curl,
    ]
    (told,) = case(report(verdicts({"SHAPE-06": FAILED})), "SHAPE-06").iter("system-out")
    assert FINDING.message in str(told.text)


def test_known_failures_are_skipped_and_the_baseline_is_a_suite() -> None:
    whole = SAMPLES["known"]
    skipped = [str(one.get("message")) for one in parsed(whole).iter("skipped")]
    assert "known to fail until 2099-01-31: ticket 12" in skipped
    assert "known to fail: ticket 13" in skipped
    failures = [one.get("message") for one in case(whole, "SHAPE-01 stale").iter("failure")]
    assert failures == ["SHAPE-01 does not fit: stale."]
    clean = parsed(SAMPLES["excused"])
    assert clean.get("failures") == "0"
    assert [one.get("name") for one in clean.iter("testcase")][-1] == "every entry fits"
