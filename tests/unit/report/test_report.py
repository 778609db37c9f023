"""Test conclusions from verdicts, exit codes, and the report as data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from support.canned.reports import LAW, report, verdicts

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.report.conclusion import conclude
from conformance.report.report import Conclusion, FailOn, binding_levels

FAILED, UNKNOWN, ERROR = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
GOOD, BAD, BROKE = Conclusion.CONFORMANT, Conclusion.NON_CONFORMANT, Conclusion.ERROR
ONE_UNKNOWN = "1 requirement could not be decided here."
ALL_MET = "Every requirement that applies is met."


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "require_evidence", "conclusion", "reason"),
    [
        ({}, "must", False, GOOD, ALL_MET),
        ({}, "should", True, GOOD, ALL_MET),
        ({"AUTH-01": Outcome.NOT_APPLICABLE}, "should", True, GOOD, ALL_MET),
        ({"HTTP-01": FAILED}, "must", False, BAD, "1 requirement is broken: HTTP-01."),
        (
            {"FILTER-04": FAILED, "HTTP-01": FAILED, "SHAPE-06": FAILED},
            "must",
            False,
            BAD,
            "2 requirements are broken: HTTP-01, FILTER-04.",
        ),
        (
            {"SHAPE-06": FAILED},
            "must",
            False,
            GOOD,
            "Nothing that counts is broken, though SHAPE-06 is not met.",
        ),
        (
            {"SHAPE-06": FAILED, "MODEL-03": FAILED, "HTTP-05": UNKNOWN},
            "must",
            False,
            GOOD,
            f"Nothing that counts is broken, though SHAPE-06, MODEL-03 are not met; {ONE_UNKNOWN}",
        ),
        ({"SHAPE-06": FAILED}, "should", False, BAD, "1 requirement is broken: SHAPE-06."),
        (
            {"HTTP-05": UNKNOWN, "SHAPE-07": UNKNOWN},
            "must",
            False,
            GOOD,
            "Nothing is broken; 2 requirements could not be decided here.",
        ),
        (
            {"HTTP-05": UNKNOWN, "SHAPE-07": UNKNOWN},
            "must",
            True,
            BAD,
            "Evidence is required, but the target gave none for HTTP-05.",
        ),
        (
            {"HTTP-05": UNKNOWN, "SHAPE-07": UNKNOWN},
            "should",
            True,
            BAD,
            "Evidence is required, but the target gave none for HTTP-05, SHAPE-07.",
        ),
        # A SHOULD does not need evidence unless it counts.
        (
            {"SHAPE-07": UNKNOWN},
            "must",
            True,
            GOOD,
            f"Nothing is broken; {ONE_UNKNOWN}",
        ),
        (
            {"HTTP-05": ERROR, "HTTP-04": UNKNOWN},
            "must",
            True,
            BROKE,
            "1 requirement could not be judged: a reason.",
        ),
        # A failure counts even if other requirements could not be judged.
        (
            {"HTTP-05": ERROR, "HTTP-04": FAILED},
            "must",
            False,
            BAD,
            "1 requirement is broken: HTTP-04.",
        ),
    ],
)
def test_conclusions(
    outcomes: dict[str, Outcome],
    fail_on: str,
    require_evidence: bool,
    conclusion: Conclusion,
    reason: str,
) -> None:
    judged = verdicts(outcomes)
    found = conclude(judged, fail_on=FailOn(fail_on), require_evidence=require_evidence)
    assert found == (conclusion, reason)


@pytest.mark.parametrize(("require_evidence", "conclusion"), [(False, GOOD), (True, BAD)])
def test_nothing_was_judged(require_evidence: bool, conclusion: Conclusion) -> None:
    judged = verdicts(otherwise=Outcome.NOT_APPLICABLE)
    found = conclude(judged, fail_on=FailOn.MUST, require_evidence=require_evidence)
    said = "None of the selected requirements applies, so nothing was judged: a reason."
    assert found == (conclusion, said)


def test_a_run_that_broke() -> None:
    found = conclude(verdicts(otherwise=ERROR), fail_on=FailOn.MUST, require_evidence=False)
    assert found == (BROKE, f"{len(LAW.requirements)} requirements could not be judged: a reason.")


@pytest.mark.parametrize(
    ("conclusion", "interrupted", "code"),
    [(GOOD, False, 0), (BAD, False, 1), (BROKE, False, 3), (BROKE, True, 130), (GOOD, True, 130)],
)
def test_exit_codes(conclusion: Conclusion, interrupted: bool, code: int) -> None:
    assert report(conclusion=conclusion, interrupted=interrupted).exit_code == code


def test_what_counts() -> None:
    assert binding_levels(FailOn.MUST) == {Level.MUST}
    assert binding_levels(FailOn.SHOULD) == {Level.MUST, Level.SHOULD}
    by_id = {verdict.requirement.id: verdict for verdict in verdicts()}
    assert report().counts_against(by_id["HTTP-01"])
    assert not report().counts_against(by_id["SHAPE-06"])
    assert report(fail_on=FailOn.SHOULD).counts_against(by_id["SHAPE-06"])


def test_the_report_as_data() -> None:
    data = report(verdicts({"HTTP-01": FAILED, "HTTP-05": UNKNOWN}), notes=("a note",)).as_dict()
    assert data["summary"] == {
        "passed": len(LAW.requirements) - 2,
        "failed": 1,
        "inconclusive": 1,
        "notApplicable": 0,
        "error": 0,
    }
    assert data["started"] == "2026-02-02T03:04:05Z"
    assert data["durationSeconds"] == 1.235
    assert (data["verdict"], data["notes"], data["requests"]) == ("non-conformant", ["a note"], 123)
    first = data["requirements"][0]
    assert (first["id"], first["outcome"], first["level"]) == ("HTTP-01", "failed", "MUST")
    assert first["findings"][0]["pointer"] == "/0/name"
    assert len(data["requirements"]) == len(LAW.requirements)


def test_times_are_given_in_utc() -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    started = datetime(2026, 1, 1, 1, 0, tzinfo=elsewhere)
    assert report(started=started).as_dict()["started"] == "2025-12-31T19:30:00Z"
