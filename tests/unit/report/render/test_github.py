"""Test annotations for GitHub Actions: which there are, and how many."""

from __future__ import annotations

import pytest
from support.canned.reports import FINDING, LAW, report, verdicts

from conformance.checks.verdict import Finding, Outcome
from conformance.report.render import github
from conformance.report.report import Conclusion, FailOn

FAILED = Outcome.FAILED


def test_a_right_server_has_none() -> None:
    assert github.render(report()) == ""


def test_one_for_each_broken_requirement() -> None:
    judged = verdicts({"SHAPE-06": FAILED, "MODEL-01": FAILED})
    statement = LAW.requirement("MODEL-01").statement
    advised = LAW.requirement("SHAPE-06").statement
    assert github.render(report(judged)).splitlines() == [
        f"::error title=MODEL-01 (MUST)::{statement}%0A{FINDING.message}",
        f"::warning title=SHAPE-06 (SHOULD)::{advised}%0A{FINDING.message}",
    ]
    assert github.render(report(judged, fail_on=FailOn.SHOULD)).count("::error ") == 2


@pytest.mark.parametrize(("interrupted", "title"), [(False, "not tested"), (True, "interrupted")])
def test_a_run_without_a_verdict_has_its_reason(interrupted: bool, title: str) -> None:
    judged = verdicts(otherwise=Outcome.ERROR)
    members = {"conclusion": Conclusion.ERROR, "interrupted": interrupted, "reason": "Gone."}
    assert github.render(report(judged, **members)) == f"::error title={title}::Gone.\n"


@pytest.mark.parametrize("fail_on", FailOn)
def test_at_most_ten_cover_all_requirements(fail_on: FailOn) -> None:
    found = github.render(report(verdicts(otherwise=FAILED), fail_on=fail_on)).splitlines()
    assert len(found) == 10
    assert " title=52 more::" in found[-1]
    assert found[-1].endswith(("SECRET-01", "SECRET-01, LIFECYCLE-01 to LIFECYCLE-04"))
    ten = {requirement.id: FAILED for requirement in LAW.requirements[:10]}
    assert github.render(report(verdicts(ten))).count("\n") == 10


def test_special_characters_of_the_runner_are_escaped() -> None:
    finding = Finding("100%: a,b\r\n::error::c", "", "", "", "", "")
    text = github.render(report(verdicts({"HTTP-01": FAILED}, findings=[finding])))
    assert text.endswith("%0A100%25: a,b\\u000d\\u000a::error::c\n")
    line = github.command("error", "50%: a,b\r\n", "c\r\n::error::d")
    assert line == "::error title=50%25%3A a%2Cb%0D%0A::c%0D%0A::error::d"
