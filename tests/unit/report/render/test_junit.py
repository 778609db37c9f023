"""Test the JUnit report: well-formed, a suite per family, failures only if they count."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import FINDING, HOSTILE, LAW, report, verdicts

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.report.render import junit
from conformance.report.report import FailOn, Report


def parsed(whole: Report) -> ElementTree.Element:
    text = junit.render(whole)
    text.encode()
    # Characters that XML documents must not contain, even escaped (XML 1.0, section 2.2).
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return ElementTree.fromstring(text)  # noqa: S314 - made here, of nobody else's entities


def case(whole: Report, requirement: str) -> ElementTree.Element:
    (found,) = (
        one for one in parsed(whole).iter("testcase") if one.attrib["name"].startswith(requirement)
    )
    return found


def test_a_suite_per_family_and_a_case_per_requirement() -> None:
    root = parsed(report(verdicts({"HTTP-01": Outcome.FAILED, "HTTP-05": Outcome.INCONCLUSIVE})))
    assert root.tag == "testsuites"
    assert [suite.attrib["name"] for suite in root] == list(LAW.families)
    names = [one.attrib["name"] for one in root.iter("testcase")]
    assert names == [f"{item.id} {item.statement}" for item in LAW.requirements]
    first = root[0]
    counts = {name: first.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "0", "skipped": "1"}
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


def test_the_time_is_that_of_the_whole_run() -> None:
    assert parsed(report()).attrib["time"] == "1.235"


def test_the_notes_of_the_run_appear_once() -> None:
    root = parsed(report(notes=("A server was busy.", "There was \x1b[31m more.")))
    printed = [suite.findtext("system-out") for suite in root]
    assert printed[0] == "note: A server was busy.\nnote: There was \\u001b[31m more."
    assert {*printed[1:]} == {None}
    assert [one.tag for one in root[0]][-1] == "system-out"
    assert all(suite.find("system-out") is None for suite in parsed(report()))


@pytest.mark.parametrize(
    ("requirement", "outcome", "fail_on", "tag", "message"),
    [
        ("HTTP-01", Outcome.PASSED, FailOn.MUST, None, None),
        ("HTTP-01", Outcome.FAILED, FailOn.MUST, "failure", "a reason"),
        ("HTTP-01", Outcome.INCONCLUSIVE, FailOn.MUST, "skipped", "inconclusive: a reason"),
        ("HTTP-01", Outcome.NOT_APPLICABLE, FailOn.MUST, "skipped", "not-applicable: a reason"),
        ("HTTP-01", Outcome.ERROR, FailOn.MUST, "error", "a reason"),
        ("SHAPE-06", Outcome.FAILED, FailOn.MUST, "skipped", "SHOULD not met: a reason"),
        ("SHAPE-06", Outcome.FAILED, FailOn.SHOULD, "failure", "a reason"),
    ],
)
def test_how_each_outcome_is_shown(
    requirement: str, outcome: Outcome, fail_on: FailOn, tag: str | None, message: str | None
) -> None:
    found = case(report(verdicts({requirement: outcome}), fail_on=fail_on), requirement)
    results = [one for one in found if one.tag in ("failure", "skipped", "error")]
    assert [(one.tag, one.attrib["message"]) for one in results] == (
        [(tag, message)] if tag else []
    )


def test_a_failure_has_finding_and_command() -> None:
    whole = report(verdicts({"HTTP-01": Outcome.FAILED}))
    (failure,) = case(whole, "HTTP-01").iter("failure")
    requirement = LAW.requirement("HTTP-01")
    assert failure.attrib["type"] == "MUST"
    assert str(failure.text).split("\n") == [
        requirement.statement,
        f"Source: {requirement.source}",
        "",
        FINDING.message,
        FINDING.curl,
    ]


def test_an_unmet_should_is_not_a_failure() -> None:
    found = case(report(verdicts({"SHAPE-06": Outcome.FAILED})), "SHAPE-06")
    (told,) = found.iter("system-out")
    assert FINDING.message in str(told.text)


def hostile(text: str) -> Report:
    """Return a report in which every text from outside is this text."""
    law = replace(LAW.requirement("HTTP-01"), statement=text, source=text)
    judged = Verdict(law, Outcome.FAILED, text, text, (Finding(*[text] * 6),))
    others = [
        Verdict(replace(law, id=f"HTTP-0{number}"), outcome, text, text)
        for number, outcome in enumerate(Outcome, 2)
        if outcome is not Outcome.FAILED
    ]
    return report((judged, *others), target=text, contract_version=text, notes=(text,))


def test_hostile_text_stays_text() -> None:
    root = parsed(hostile(HOSTILE))
    (failure,) = root.iter("failure")
    assert "\\u001b[31m" in str(failure.text)
    assert "]]></x>&amp;<script>" in str(failure.text)
    assert list(root.iter("script")) == []


@given(st.text())
def test_any_text_makes_well_formed_xml(text: str) -> None:
    assert parsed(hostile(text)).tag == "testsuites"
