"""Test annotations for GitHub Actions: bounded, and texts cannot inject commands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import FINDING, HOSTILE, LAW, report, verdicts

from conformance.checks.verdict import Finding, Outcome
from conformance.report.render import github
from conformance.report.report import Conclusion, FailOn, Report

FORM = re.compile(r"::(error|warning) title=([^:,\r\n]+)::([^\r\n]*)")


def lines(whole: Report) -> list[tuple[Any, ...]]:
    """Return kind, title and text of each command, as the runner parses them."""
    text = github.render(whole)
    found = [FORM.fullmatch(line) for line in text.splitlines()]
    assert all(found), text
    return [one.groups() for one in found if one is not None]


def test_a_right_server_has_none() -> None:
    assert github.render(report()) == ""


def test_one_for_each_broken_requirement() -> None:
    outcomes = {"SHAPE-06": Outcome.FAILED, "MODEL-01": Outcome.FAILED}
    statement = LAW.requirement("MODEL-01").statement
    advised = LAW.requirement("SHAPE-06").statement
    assert lines(report(verdicts(outcomes))) == [
        ("error", "MODEL-01 (MUST)", f"{statement}%0A{FINDING.message}"),
        ("warning", "SHAPE-06 (SHOULD)", f"{advised}%0A{FINDING.message}"),
    ]
    strict = lines(report(verdicts(outcomes), fail_on=FailOn.SHOULD))
    assert [kind for kind, _, _ in strict] == ["error", "error"]


def test_a_run_without_a_verdict_has_its_reason() -> None:
    whole = report(verdicts(otherwise=Outcome.ERROR), conclusion=Conclusion.ERROR, reason="Gone.")
    assert lines(whole) == [("error", "not tested", "Gone.")]
    interrupted = report(conclusion=Conclusion.ERROR, reason="Stopped.", interrupted=True)
    assert lines(interrupted) == [("error", "interrupted", "Stopped.")]


@pytest.mark.parametrize("fail_on", FailOn)
def test_at_most_ten_cover_all_requirements(fail_on: FailOn) -> None:
    found = lines(report(verdicts(otherwise=Outcome.FAILED), fail_on=fail_on))
    assert len(found) == github.MOST
    assert found[-1][1] == "39 more"
    assert found[-1][2].endswith("SECRET-01")
    ten = {requirement.id: Outcome.FAILED for requirement in LAW.requirements[:10]}
    assert len(lines(report(verdicts(ten)))) == 10


def test_special_characters_of_the_runner_are_escaped() -> None:
    finding = Finding("100%: a,b\r\n::error::c", "", "", "", "", "")
    ((_, _, text),) = lines(report(verdicts({"HTTP-01": Outcome.FAILED}, findings=[finding])))
    assert text.endswith("%0A100%25: a,b\\u000d\\u000a::error::c")
    line = github.command("error", "50%: a,b\r\n", "c\r\n::error::d")
    assert line == "::error title=50%25%3A a%2Cb%0D%0A::c%0D%0A::error::d"


@given(st.text() | st.just(HOSTILE))
def test_no_text_begins_a_command(text: str) -> None:
    finding = Finding(*[text] * 6)
    whole = report(verdicts(otherwise=Outcome.FAILED, findings=[finding]), reason=text)
    assert len(lines(whole)) == github.MOST
    made = github.render(whole)
    assert not re.search(r"##(?=\w*\[)", made)
    assert all(line.isprintable() for line in made.splitlines())
    assert max(map(len, made.splitlines())) < 4_000
