"""Test the comparison of reports: conclusions and caveats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.canned.comparisons import STARTED, checked, compare, judged, written
from support.canned.reports import LAW, report

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import MOST, Comparison, Upshot
from conformance.report.render import json
from conformance.report.report import Conclusion, Report

FAILED, OPEN, ERROR = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
RIGHT = judged()
WRONG = judged({"MODEL-01": FAILED}, later=1)
BROKEN_OFF = judged(
    {"MODEL-01": FAILED}, otherwise=ERROR, later=1, interrupted=True, conclusion=Conclusion.ERROR
)


def changes(whole: Comparison) -> dict[str, str]:
    return {row.id: str(row.change) for row in whole.rows if row.differs}


@pytest.mark.parametrize(
    ("before", "after", "options", "upshot", "code", "reason"),
    [
        (RIGHT, RIGHT, {}, Upshot.NO_REGRESSION, 0, "Nothing changed."),
        (RIGHT, WRONG, {}, Upshot.REGRESSION, 1, "1 requirement is newly failing: MODEL-01."),
        (
            WRONG,
            RIGHT,
            {},
            Upshot.NO_REGRESSION,
            0,
            "Nothing is newly failing. Newly passing: MODEL-01.",
        ),
        (
            RIGHT,
            judged({"SHAPE-06": FAILED, "SHAPE-07": FAILED}),
            {},
            Upshot.NO_REGRESSION,
            0,
            "Nothing that counts is newly failing; SHAPE-06, SHAPE-07 fail now but do not count.",
        ),
        (
            RIGHT,
            judged({"SHAPE-06": FAILED, "HTTP-01": FAILED}),
            {"fail_on": "should"},
            Upshot.REGRESSION,
            1,
            "2 requirements are newly failing: HTTP-01, SHAPE-06.",
        ),
        (
            RIGHT,
            judged({"HTTP-01": FAILED}, known={"HTTP-01": "until 4.2"}),
            {},
            Upshot.NO_REGRESSION,
            0,
            "Nothing that counts is newly failing; HTTP-01 fails now but does not count.",
        ),
        (RIGHT, judged({"FILTER-04": OPEN}), {}, Upshot.NO_REGRESSION, 0, None),
        (
            RIGHT,
            judged({"FILTER-04": OPEN}),
            {"require_evidence": True},
            Upshot.REGRESSION,
            1,
            "Evidence is required, but was lost for FILTER-04.",
        ),
        (
            RIGHT,
            judged({"FILTER-04": OPEN, "HTTP-01": FAILED}),
            {"require_evidence": True},
            Upshot.REGRESSION,
            1,
            (
                "1 requirement is newly failing: HTTP-01; "
                "evidence is required, but was lost for FILTER-04."
            ),
        ),
        (
            RIGHT,
            judged({"HTTP-01": FAILED, "HTTP-02": FAILED, "SHAPE-06": FAILED}),
            {},
            Upshot.REGRESSION,
            1,
            (
                "2 requirements that count are newly failing: HTTP-01, HTTP-02; "
                "SHAPE-06 fails now but does not count."
            ),
        ),
        (
            WRONG,
            judged({"SHAPE-06": FAILED}),
            {},
            Upshot.NO_REGRESSION,
            0,
            (
                "Nothing that counts is newly failing; SHAPE-06 fails now but does not count. "
                "Newly passing: MODEL-01."
            ),
        ),
        (RIGHT, BROKEN_OFF, {}, Upshot.REGRESSION, 1, "1 requirement is newly failing: MODEL-01."),
        (WRONG, BROKEN_OFF, {}, Upshot.UNTOLD, 3, None),
        (BROKEN_OFF, WRONG, {}, Upshot.NO_REGRESSION, 0, None),
        (BROKEN_OFF, judged({"HTTP-01": FAILED}), {}, Upshot.UNTOLD, 3, None),
    ],
)
def test_the_gate(
    before: Report,
    after: Report,
    options: dict[str, Any],
    upshot: Upshot,
    code: int,
    reason: str | None,
) -> None:
    whole = compare(before, after, **options)
    assert whole.upshot is upshot
    assert whole.exit_code == code
    assert reason is None or whole.reason == reason
    assert checked(json.render(whole))["verdict"] == str(upshot)


def test_unknown_regressions_are_listed() -> None:
    whole = compare(RIGHT, judged({"HTTP-01": ERROR, "AUTH-03": ERROR}))
    assert whole.reason == (
        "No regression was found, but a run ended early, so a regression cannot be ruled out for "
        "2 requirements: HTTP-01, AUTH-03."
    )
    many = compare(RIGHT, judged(otherwise=ERROR)).reason
    assert "44 requirements: HTTP-01, " in many
    assert "and 24 more." in many


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
    whole = compare(RIGHT, judged({"SHAPE-06": FAILED, "STABLE-01": FAILED}))
    rows = whole.changed(Change.NEWLY_FAILING)
    assert [row.id for row in rows] == ["STABLE-01", "SHAPE-06"]
    assert [row.id for row in whole.regressions] == ["STABLE-01"]


def test_a_requirement_that_is_not_judged_is_not_a_regression() -> None:
    some = judged({"FILTER-01": FAILED}, only=["FILTER", "AUTH-03"])
    for whole in (compare(RIGHT, some), compare(some, WRONG)):
        assert len(whole.rows) == len(LAW.requirements)
    assert compare(judged(only=["AUTH"]), some).exit_code == 0
    whole = compare(some, judged({"MODEL-01": FAILED, "FILTER-01": FAILED}, later=1))
    assert whole.exit_code == 0
    assert changes(whole)["MODEL-01"] == "added"
    assert whole.notes == (
        (
            "The earlier report: 36 requirements of the same contract were not judged, as with "
            "--only or --skip; a requirement that is not judged is not a regression."
        ),
    )


def test_rows_are_in_the_order_of_the_contract() -> None:
    expected = [row.id for row in compare(RIGHT, RIGHT).rows]
    for some in (judged(only=["FILTER"]), judged(only=["STABLE", "HTTP-02"])):
        assert [row.id for row in compare(some, RIGHT).rows] == expected
        assert [row.id for row in compare(RIGHT, some).rows] == expected


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (
            {},
            {"contract_version": "9.0.0", "contract_sha256": "0" * 64},
            (
                "The versions of the contract differ, and a requirement that only one of them "
                f"contains is not a regression: {RIGHT.contract_version} (the earlier report); "
                "9.0.0 (the later report)."
            ),
        ),
        (
            {},
            {"contract_sha256": "0" * 64},
            f"All contracts have the version {RIGHT.contract_version}, but the files differ.",
        ),
        (
            {"profile": "quick"},
            {},
            (
                "The profiles differ, and a more thorough profile can find more: "
                "quick (the earlier report); standard (the later report)."
            ),
        ),
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
            {"run_id": "0123456789ab"},
            {"run_id": "0123456789ab"},
            "The earlier report and the later report come from the same run, 0123456789ab.",
        ),
        (
            {"started": STARTED + timedelta(hours=1)},
            {},
            (
                "The first report comes from a later run of the same target than the second; "
                "the earlier report should be given first."
            ),
        ),
        ({"started": STARTED + timedelta(hours=1)}, {"target": "https://other/api"}, None),
        ({"seed": 1}, {"seed": 2}, None),
    ],
)
def test_notes(before: dict[str, Any], after: dict[str, Any], note: str | None) -> None:
    first, second = judged(**before), judged(**{"run_id": "ba9876543210", **after})
    assert compare(first, second).notes == (() if note is None else (note,))


def test_a_level_that_changed() -> None:
    (verdict,) = judged({"SHAPE-06": FAILED}, only=["SHAPE-06"]).verdicts
    raised = replace(verdict, requirement=replace(verdict.requirement, level=Level.MUST))
    before, after = report((verdict,)), report((raised,), contract_version="9.0.0")
    (row,) = compare(before, after).rows
    assert (row.latest.level, row.former_level) == (Level.MUST, Level.SHOULD)
    # The failure is the same as before.
    assert compare(before, after).exit_code == 0
    (row,) = compare(before, before).rows
    assert row.former_level is None


def test_more_than_two_are_shown_side_by_side() -> None:
    whole = compare(RIGHT, WRONG, judged({"HTTP-01": FAILED}, later=2))
    assert whole.upshot is None
    assert whole.exit_code == 0
    number = len(LAW.requirements)
    differ = f"The 3 reports differ in 2 of {number} requirements: HTTP-01, MODEL-01."
    assert whole.reason == differ
    assert whole.titles == ("2026-02-02", "2026-02-03", "2026-02-04")
    data = checked(json.render(whole))
    assert data["verdict"] is None
    assert data["changes"] is None
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
        ([], {}, "at least two reports"),
        ([RIGHT], {}, "at least two reports"),
        ([RIGHT] * (MOST + 1), {}, f"at most {MOST} reports"),
        ([RIGHT] * 2, {"fail_on": "may"}, "fail_on must be one of must, should, not 'may'"),
        (["none.json", RIGHT], {}, "there is no report none.json"),
    ],
)
def test_bad_arguments(reports: list[Any], options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        compare(*reports, **options)
