"""Test known failures and baselines that do not fit in every output format."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

from rich.console import Console
from support.canned.reports import HOSTILE, LAW, report, verdicts
from support.processes.command import validate

from conformance.checks.verdict import Kind, Known, Outcome
from conformance.report.render import json as as_json
from conformance.report.render import junit, terminal
from conformance.report.report import BaselineResult, Conclusion, Problem, ProblemKind, Report

PROBLEM = Problem(ProblemKind.STALE, "AUTH-01", "AUTH-01 passes now.")


def _report(
    reason: str = "until 4.2",
    problems: tuple[Problem, ...] = (PROBLEM,),
    *,
    alone: bool = True,
) -> Report:
    judged = tuple(
        replace(
            verdict,
            known=Known(reason, date(2026, 12, 31)),
            kinds=(Kind("0123456789ab", "a way"),),
        )
        if verdict.requirement.id == "HTTP-01"
        else verdict
        for verdict in verdicts({"HTTP-01": Outcome.FAILED})
    )
    result = BaselineResult(f"known.toml {reason}", problems, alone=alone)
    return report(judged, baseline=result, conclusion=Conclusion.NON_CONFORMANT)


def _printed(whole: Report) -> str:
    stream = io.StringIO()
    terminal.render(whole, Console(file=stream, width=100, no_color=True), LAW.families)
    return stream.getvalue()


def test_a_known_failure_does_not_count() -> None:
    whole = _report()
    verdict = whole.verdicts[0]
    assert not whole.counts_against(verdict)
    assert whole.counts()[Outcome.FAILED] == 1


def test_as_json() -> None:
    data = json.loads(as_json.render(_report()))
    validate(data)
    assert data["requirements"][0]["known"] == {"reason": "until 4.2", "expires": "2026-12-31"}
    assert data["requirements"][0]["fingerprints"] == ["0123456789ab"]
    assert "known" not in data["requirements"][1]
    assert data["baseline"]["problems"] == [
        {"kind": "stale", "requirement": "AUTH-01", "message": "AUTH-01 passes now."}
    ]
    assert "baseline" not in report().as_dict()


def test_as_junit() -> None:
    tree = ET.fromstring(junit.render(_report()))  # noqa: S314 - made by this test
    assert (tree.get("failures"), tree.get("skipped")) == ("1", "1")
    (skipped,) = tree.iter("skipped")
    assert skipped.get("message") == "known to fail until 2026-12-31: until 4.2"
    (failure,) = tree.iter("failure")
    assert failure.get("message") == "AUTH-01 passes now."
    clean = ET.fromstring(junit.render(_report(problems=())))  # noqa: S314
    assert clean.get("failures") == "0"
    assert [case.get("name") for case in clean.iter("testcase")][-1] == "every entry fits"


def test_on_a_terminal() -> None:
    shown = _printed(_report())
    assert "HTTP-01 known to fail until 2026-12-31: until 4.2" in shown
    assert "1 known to fail" in shown
    assert "HTTP-01 failed" not in shown
    assert "BASELINE DOES NOT FIT" in shown
    assert "NOT CONFORMANT" in _printed(_report(alone=False))


def test_texts_of_a_baseline_are_escaped() -> None:
    whole = _report(HOSTILE, (replace(PROBLEM, message=HOSTILE, requirement="X"),))
    validate(json.loads(as_json.render(whole)))
    ET.fromstring(junit.render(whole))  # noqa: S314
    assert "\x1b" not in _printed(whole)
