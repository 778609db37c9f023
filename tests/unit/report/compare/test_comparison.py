"""Test the comparison of reports: conclusions and caveats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.canned.comparisons import STARTED, checked, judged, written
from support.canned.reports import LAW, report

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.evidence.statistics import View
from conformance.report.compare import parts
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, compare
from conformance.report.render import json
from conformance.report.report import Conclusion, Report

FAILED, OPEN, ERROR = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
RIGHT = judged()
WRONG = judged({"MODEL-01": FAILED}, later=1)
LOST = judged({"FILTER-04": OPEN})
BROKEN_OFF = judged(
    {"MODEL-01": FAILED}, otherwise=ERROR, later=1, interrupted=True, conclusion=Conclusion.ERROR
)
EVIDENCE: dict[str, Any] = {"require_evidence": True}
VERDICTS = {0: "no-regression", 1: "regression", 3: "untold"}
NO_EVIDENCE = "is required, but was lost for FILTER-04."
UNCOUNTED = "Nothing that counts is newly failing; "
SHAPE_TOO = "SHAPE-06 fails now but does not count."
ENDED_EARLY = (
    "No regression was found, but a run ended early, so a regression cannot be ruled out for "
)


def failing(*ids: str, **members: Any) -> Report:
    return judged(dict.fromkeys(ids, FAILED), **members)


def changes(whole: Comparison) -> dict[str, str]:
    return {row.id: str(row.change) for row in whole.rows if row.differs}


@pytest.mark.parametrize(
    ("before", "after", "options", "code", "reason"),
    [
        (RIGHT, RIGHT, {}, 0, "Nothing changed."),
        (RIGHT, WRONG, {}, 1, "1 requirement is newly failing: MODEL-01."),
        (WRONG, RIGHT, {}, 0, "Nothing is newly failing. Newly passing: MODEL-01."),
        (
            RIGHT,
            failing("SHAPE-06", "SHAPE-07"),
            {},
            0,
            f"{UNCOUNTED}SHAPE-06, SHAPE-07 fail now but do not count.",
        ),
        (
            RIGHT,
            failing("SHAPE-06", "HTTP-01"),
            {"fail_on": "should"},
            1,
            "2 requirements are newly failing: HTTP-01, SHAPE-06.",
        ),
        (
            RIGHT,
            failing("HTTP-01", known={"HTTP-01": "until 4.2"}),
            {},
            0,
            f"{UNCOUNTED}HTTP-01 fails now but does not count.",
        ),
        (RIGHT, LOST, {}, 0, "Nothing is newly failing."),
        (RIGHT, LOST, EVIDENCE, 1, f"Evidence {NO_EVIDENCE}"),
        (
            RIGHT,
            judged({"FILTER-04": OPEN, "HTTP-01": FAILED}),
            EVIDENCE,
            1,
            f"1 requirement is newly failing: HTTP-01; evidence {NO_EVIDENCE}",
        ),
        (
            RIGHT,
            failing("HTTP-01", "HTTP-02", "SHAPE-06"),
            {},
            1,
            f"2 requirements that count are newly failing: HTTP-01, HTTP-02; {SHAPE_TOO}",
        ),
        (WRONG, failing("SHAPE-06"), {}, 0, f"{UNCOUNTED}{SHAPE_TOO} Newly passing: MODEL-01."),
        (RIGHT, BROKEN_OFF, {}, 1, "1 requirement is newly failing: MODEL-01."),
        (
            RIGHT,
            judged({"HTTP-01": ERROR, "AUTH-03": ERROR}),
            {},
            3,
            f"{ENDED_EARLY}2 requirements: HTTP-01, AUTH-03.",
        ),
        (WRONG, BROKEN_OFF, {}, 3, None),
        (BROKEN_OFF, WRONG, {}, 0, None),
        (BROKEN_OFF, failing("HTTP-01"), {}, 3, None),
    ],
)
def test_the_gate(
    before: Report, after: Report, options: dict[str, Any], code: int, reason: str | None
) -> None:
    whole = compare(before, after, **options)
    assert whole.exit_code == code
    assert reason is None or whole.reason == reason
    assert checked(json.render(whole))["verdict"] == VERDICTS[code]


def test_of_many_requirements_twenty_are_named() -> None:
    many = compare(RIGHT, judged(otherwise=ERROR)).reason
    assert "50 requirements: HTTP-01, " in many
    assert "and 30 more." in many


def test_changes_of_each_requirement() -> None:
    one, two = "0123456789ab", "ba9876543210"
    before = judged(
        {"HTTP-01": FAILED, "HTTP-02": FAILED, "FILTER-01": OPEN, "AUTH-01": FAILED},
        ways={"HTTP-02": [one]},
        known={"AUTH-01": "until 4.2"},
    )
    after = judged(
        {"HTTP-02": FAILED, "HTTP-03": FAILED, "FILTER-02": OPEN, "AUTH-01": FAILED},
        ways={"HTTP-02": [two, one]},
    )
    whole = compare(before, after)
    assert changes(whole) == {
        "HTTP-01": "newly-passing",
        "HTTP-02": "other-failure",
        "HTTP-03": "newly-failing",
        "FILTER-01": "evidence-gained",
        "FILTER-02": "evidence-lost",
        "AUTH-01": "known-changed",
    }
    (row,) = whole.changed(Change.OTHER_FAILURE)
    assert (row.new_kinds, row.gone_kinds) == ((two,), ())
    data = checked(json.render(whole))
    assert data["changes"]["newly-failing"] == 1
    assert sum(data["changes"].values()) == len(data["requirements"]) == len(LAW.requirements)
    (shown,) = [row for row in data["requirements"] if row["id"] == "HTTP-02"]
    assert shown["newFingerprints"] == [two]
    assert [cell["outcome"] for cell in shown["outcomes"]] == ["failed", "failed"]


def test_what_counts_comes_first() -> None:
    whole = compare(RIGHT, failing("SHAPE-06", "STABLE-01"))
    rows = whole.changed(Change.NEWLY_FAILING)
    assert [row.id for row in rows] == ["STABLE-01", "SHAPE-06"]
    assert [row.id for row in whole.regressions] == ["STABLE-01"]


def test_a_requirement_that_is_not_judged_is_not_a_regression() -> None:
    some = failing("FILTER-01", only=["FILTER", "AUTH-03"])
    assert compare(judged(only=["AUTH"]), some).exit_code == 0
    whole = compare(some, failing("MODEL-01", "FILTER-01", later=1))
    assert whole.exit_code == 0
    assert changes(whole)["MODEL-01"] == "added"
    (note,) = whole.notes
    assert note == (
        "The earlier report: 48 requirements of the same contract were not judged, as with --only "
        "or --skip; a requirement that is not judged is not a regression."
    )


@pytest.mark.parametrize("only", [["FILTER"], ["STABLE", "HTTP-02"]])
def test_rows_are_in_the_order_of_the_contract(only: list[str]) -> None:
    for pair in ((judged(only=only), RIGHT), (RIGHT, judged(only=only))):
        assert [row.id for row in compare(*pair).rows] == [one.id for one in LAW.requirements]


LATER = {"started": STARTED + timedelta(hours=1)}
SAME_RUN = {"run_id": "0123456789ab"}
VERSION = RIGHT.contract_version
VERSIONS = (
    "The versions of the contract differ, and a requirement that only one of them contains is not "
    f"a regression: {VERSION} (the earlier report); 9.0.0 (the later report)."
)
PROFILES = (
    "The profiles differ, and a more thorough profile can find more: quick (the earlier report); "
    "standard (the later report)."
)
ORDER = (
    "The first report comes from a later run of the same target than the second; the earlier "
    "report should be given first."
)


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ({}, {"contract_version": "9.0.0", "contract_sha256": "0" * 64}, VERSIONS),
        (
            {},
            {"contract_sha256": "0" * 64},
            f"All contracts have the version {VERSION}, but the files differ.",
        ),
        ({"profile": "quick"}, {}, PROFILES),
        (
            {},
            {"interrupted": True},
            "The later report: the run was interrupted; what it did not judge is an error.",
        ),
        (
            {"conclusion": Conclusion.ERROR, "reason": "Nothing\nlistens."},
            {},
            "The earlier report: the target could not be tested: Nothing\\u000alistens.",
        ),
        (
            SAME_RUN,
            SAME_RUN,
            "The earlier report and the later report come from the same run, 0123456789ab.",
        ),
        (LATER, {}, ORDER),
        (LATER, {"target": "https://other/api"}, None),
        ({"seed": 1}, {"seed": 2}, None),
    ],
)
def test_notes(before: dict[str, Any], after: dict[str, Any], note: str | None) -> None:
    first, second = judged(**before), judged(**{"run_id": "ba9876543210", **after})
    assert compare(first, second).notes == (() if note is None else (note,))


def test_a_level_that_changed() -> None:
    (verdict,) = failing("SHAPE-06", only=["SHAPE-06"]).verdicts
    raised = replace(verdict, requirement=replace(verdict.requirement, level=Level.MUST))
    before, after = report((verdict,)), report((raised,), contract_version="9.0.0")
    (row,) = compare(before, after).rows
    assert (row.latest.level, row.former_level) == (Level.MUST, Level.SHOULD)
    # The failure is the same as before.
    assert compare(before, after).exit_code == 0
    (row,) = compare(before, before).rows
    assert row.former_level is None


def test_more_than_two_are_shown_side_by_side() -> None:
    whole = compare(RIGHT, WRONG, failing("HTTP-01", later=2))
    assert whole.exit_code == 0
    number = len(LAW.requirements)
    assert whole.reason == (
        f"The 3 reports differ in 2 of {number} requirements: HTTP-01, MODEL-01."
    )
    assert whole.titles == ("2026-02-02", "2026-02-03", "2026-02-04")
    data = checked(json.render(whole))
    assert (data["verdict"], data["changes"]) == (None, None)
    assert "change" not in data["requirements"][0]
    assert [row["id"] for row in data["requirements"] if row["differs"]] == ["HTTP-01", "MODEL-01"]
    alike = compare(RIGHT, RIGHT, judged(only=["HTTP"]))
    assert alike.reason == "The 3 reports agree on every requirement."


def test_files_and_reports_can_be_compared(tmp_path: Path) -> None:
    before, after = written(tmp_path, before=RIGHT, after=WRONG)
    whole = compare(tmp_path / before, str(tmp_path / after))
    assert whole.exit_code == 1
    assert whole.sides[0].file == str(tmp_path / before)
    assert compare(tmp_path / before, WRONG).rows == whole.rows


@pytest.mark.parametrize(
    ("reports", "options", "told"),
    [
        ([RIGHT], {}, "at least two reports"),
        ([RIGHT] * 51, {}, "at most 50 reports"),
        ([RIGHT] * 2, {"fail_on": "may"}, "fail_on must be one of must, should, not 'may'"),
        (["none.json", RIGHT], {}, "there is no report none.json"),
    ],
)
def test_bad_arguments(reports: list[Any], options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        compare(*reports, **options)


def test_a_failure_that_spread_is_a_regression_and_says_where() -> None:
    views = tuple(
        View(query, {}, asked=1, answered=1, providers=1)
        for query in ("category=EMAIL", "category=GIT", "category=CLOUD")
    )
    wires = [view.query for view in views]
    one = failing("FILTER-04", views=views, queries={"FILTER-04": wires[:1]})
    every = failing("FILTER-04", views=views, queries={"FILTER-04": wires})
    whole = compare(one, every)
    assert whole.exit_code == 1
    assert whole.reason == "FILTER-04 spread to GIT, CLOUD."
    assert changes(whole) == {"FILTER-04": "spread"}
    (row,) = whole.regressions
    assert parts.kinds(row) == "now also for ?category=GIT, ?category=CLOUD"
    assert checked(json.render(whole))["changes"]["spread"] == 1
    back = compare(every, one)
    assert back.exit_code == 0
    assert changes(back) == {"FILTER-04": "shrunk"}
    assert checked(json.render(back))["verdict"] == "no-regression"
