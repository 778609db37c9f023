"""Test conclusions from verdicts, exit codes, and the report as data."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from support.canned.reports import LAW, report, verdicts

from conformance.checks.verdict import Known, Outcome
from conformance.report.conclusion import conclude
from conformance.report.report import Conclusion, FailOn

FAILED, UNKNOWN, ERROR = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
GOOD, BAD, BROKE = Conclusion.CONFORMANT, Conclusion.NON_CONFORMANT, Conclusion.ERROR
ONE_UNKNOWN = "1 requirement could not be decided here."
ALL_MET = "Every requirement that applies is met."
UNCOUNTED = "Nothing that counts is broken, though "
NO_EVIDENCE = "Evidence is required, but the target gave none for "
NOTHING = "None of the selected requirements applies, so nothing was judged: a reason."
TOTAL = len(LAW.requirements)


@pytest.mark.parametrize(
    ("failed", "open_", "fail_on", "conclusion", "reason"),
    [
        ("", "", "must", GOOD, ALL_MET),
        ("", "", "should, evidence", GOOD, ALL_MET),
        ("HTTP-01", "", "must", BAD, "1 requirement is broken: HTTP-01."),
        (
            "FILTER-04 HTTP-01 SHAPE-06",
            "",
            "must",
            BAD,
            "2 requirements are broken: HTTP-01, FILTER-04.",
        ),
        ("SHAPE-06", "", "must", GOOD, f"{UNCOUNTED}SHAPE-06 is not met."),
        (
            "SHAPE-06 MODEL-03",
            "HTTP-05",
            "must",
            GOOD,
            f"{UNCOUNTED}SHAPE-06, MODEL-03 are not met; {ONE_UNKNOWN}",
        ),
        ("SHAPE-06", "", "should", BAD, "1 requirement is broken: SHAPE-06."),
        (
            "",
            "HTTP-05 SHAPE-07",
            "must",
            GOOD,
            (
                "Nothing is broken; 2 requirements could not be decided here, "
                "1 of them at level SHOULD."
            ),
        ),
        ("", "HTTP-05 SHAPE-07", "must, evidence", BAD, f"{NO_EVIDENCE}HTTP-05."),
        ("", "HTTP-05 SHAPE-07", "should, evidence", BAD, f"{NO_EVIDENCE}HTTP-05, SHAPE-07."),
        # A SHOULD does not need evidence unless it counts.
        (
            "",
            "SHAPE-07",
            "must, evidence",
            GOOD,
            "Nothing is broken; 1 requirement at level SHOULD could not be decided here.",
        ),
    ],
)
def test_conclusions(
    failed: str, open_: str, fail_on: str, conclusion: Conclusion, reason: str
) -> None:
    outcomes = dict.fromkeys(failed.split(), FAILED) | dict.fromkeys(open_.split(), UNKNOWN)
    outcomes["AUTH-01"] = Outcome.NOT_APPLICABLE
    level, _, evidence = fail_on.partition(", ")
    found = conclude(verdicts(outcomes), fail_on=FailOn(level), require_evidence=bool(evidence))
    assert found == (conclusion, reason)


@pytest.mark.parametrize(
    ("outcomes", "otherwise", "evidence", "conclusion", "reason"),
    [
        ({}, Outcome.NOT_APPLICABLE, False, GOOD, NOTHING),
        ({}, Outcome.NOT_APPLICABLE, True, BAD, NOTHING),
        ({}, ERROR, False, BROKE, f"{TOTAL} requirements could not be judged: a reason."),
        (
            {"HTTP-05": ERROR, "HTTP-04": UNKNOWN},
            Outcome.PASSED,
            True,
            BROKE,
            "1 requirement could not be judged: a reason.",
        ),
        # A failure counts even if other requirements could not be judged.
        ({"HTTP-04": FAILED}, ERROR, False, BAD, "1 requirement is broken: HTTP-04."),
    ],
)
def test_conclusions_when_much_was_not_judged(
    outcomes: dict[str, Outcome],
    otherwise: Outcome,
    evidence: bool,
    conclusion: Conclusion,
    reason: str,
) -> None:
    judged = verdicts(outcomes, otherwise)
    found = conclude(judged, fail_on=FailOn.MUST, require_evidence=evidence)
    assert found == (conclusion, reason)


@pytest.mark.parametrize(
    ("conclusion", "interrupted", "code"),
    [(GOOD, False, 0), (BAD, False, 1), (BROKE, False, 3), (BROKE, True, 130), (GOOD, True, 130)],
)
def test_exit_codes(conclusion: Conclusion, interrupted: bool, code: int) -> None:
    assert report(conclusion=conclusion, interrupted=interrupted).exit_code == code


def test_what_counts() -> None:
    by_id = {verdict.requirement.id: verdict for verdict in verdicts()}
    assert report().counts_against(by_id["HTTP-01"])
    assert not report().counts_against(by_id["SHAPE-06"])
    assert report(fail_on=FailOn.SHOULD).counts_against(by_id["SHAPE-06"])
    assert not report().counts_against(replace(by_id["HTTP-01"], known=Known("ticket 12")))


def test_the_report_as_data() -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    whole = report(verdicts({"HTTP-01": FAILED, "HTTP-05": UNKNOWN}), notes=("a note",))
    data = replace(whole, started=datetime(2026, 1, 1, 1, 0, tzinfo=elsewhere)).as_dict()
    assert data["summary"] == {
        "passed": TOTAL - 2,
        "failed": 1,
        "inconclusive": 1,
        "notApplicable": 0,
        "error": 0,
    }
    assert data["started"] == "2025-12-31T19:30:00Z"
    assert data["durationSeconds"] == 1.235
    assert (data["verdict"], data["notes"], data["requests"]) == ("non-conformant", ["a note"], 123)
    first = data["requirements"][0]
    assert (first["id"], first["outcome"], first["level"]) == ("HTTP-01", "failed", "MUST")
    assert len(data["requirements"]) == TOTAL
