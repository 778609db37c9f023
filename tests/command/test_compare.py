"""The command `compare`: files, output and exit codes; what changes mean is tested by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.canned.comparisons import checked, judged, written
from support.processes.command import run

from conformance.checks.verdict import Outcome
from conformance.cli.completion import VARIABLE


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Return a folder with reports of two versions of a server, and of runs that went wrong."""
    failed = {"FILTER-01": Outcome.FAILED}
    before, after = judged(), judged(failed, later=1)
    worse = {"SHAPE-06": Outcome.FAILED, "FILTER-04": Outcome.INCONCLUSIVE}
    error = judged(otherwise=Outcome.ERROR, later=2, reason="Nothing listens there.")
    written(tmp_path, before=before, after=after, worse=judged(worse, later=1), error=error)
    text = (tmp_path / "before.json").read_text("utf-8")
    (tmp_path / "text.json").write_text("not JSON", "utf-8")
    later = {**json.loads(text), "schemaVersion": "2.0"}
    (tmp_path / "next.json").write_text(json.dumps(later), "utf-8")
    return tmp_path


def test_a_regression(reports: Path, tmp_path: Path) -> None:
    files = ("--json", "c.json", "--markdown", "c.md", "--html", "c.html")
    result = run("compare", "before.json", "after.json", *files, cwd=reports)
    assert result.code == 1
    assert not result.err
    assert "FILTER-01 newly failing MUST passed → failed" in result.words
    assert "reproduce curl -sS" in result.words
    whole = checked((tmp_path / "c.json").read_text("utf-8"))
    assert whole["verdict"] == "regression"
    newly = {one["id"] for one in whole["requirements"] if one["change"] == "newly-failing"}
    assert newly == {"FILTER-01"}
    assert result.words.endswith(f"REGRESSION {whole['reason']}")
    assert (tmp_path / "c.md").read_text("utf-8").startswith("## ❌ Regression")
    assert "FILTER-01" in (tmp_path / "c.html").read_text("utf-8")


def test_a_server_that_was_mended(reports: Path) -> None:
    result = run("compare", "after.json", "before.json", "--json", "-", cwd=reports)
    assert result.code == 0
    whole = checked(result.out)
    assert whole["verdict"] == "no-regression"
    assert whole["changes"]["newly-passing"] == 1
    assert [report["file"] for report in whole["reports"]] == ["after.json", "before.json"]
    assert "FILTER-01 newly passing" in result.err
    assert "The first report comes from a later run" in " ".join(result.err.split())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("before.json after.json worse.json", 0, "FILTER-01 MUST passed failed passed"),
        ("before.json worse.json", 0, "evidence lost FILTER-04: passed → inconclusive"),
        ("before.json worse.json --fail-on should", 1, "1 requirement is newly failing: SHAPE-06."),
        ("before.json worse.json --require-evidence", 1, "but was lost for FILTER-04"),
        ("before.json error.json", 3, "INCONCLUSIVE No regression was found, but a run ended"),
        ("error.json after.json", 3, "INCONCLUSIVE"),
        # Whatever it was not able to judge, nothing failed in the later one.
        ("error.json before.json", 0, "NO REGRESSION"),
    ],
)
def test_exit_codes(reports: Path, words: str, code: int, said: str) -> None:
    result = run("compare", *words.split(), cwd=reports)
    assert (result.code, said in result.words) == (code, True), result.words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "compare needs at least two reports"),
        ("before.json none.json", "there is no report none.json; `run --json FILE` writes"),
        ("before.json text.json", "text.json is not a report: it is not JSON at character 0"),
        ("next.json before.json", 'next.json is not a report: its schemaVersion is "2.0", but'),
        ("before.json after.json --json - --markdown -", "cannot both go to '-'"),
        ("before.json after.json --markdown no/a.md", "cannot write no/a.md"),
        ("before.json " * 3 + "--fail-on should", "--fail-on compares two reports"),
        ("before.json " * 51, "at most 50 reports"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(
    reports: Path, words: str, told: str
) -> None:
    result = run("compare", *words.split(), cwd=reports)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()


def test_a_shell_completes_the_names_of_files(reports: Path) -> None:
    line = {"COMP_WORDS": "conductor-conformance compare before.json aft", "COMP_CWORD": "3"}
    result = run("compare", env={VARIABLE: "bash_complete", **line}, cwd=reports)
    assert (result.code, result.out) == (0, "file,aft\n")


def test_a_full_disk_does_not_hide_the_result(reports: Path) -> None:
    result = run("compare", "before.json", "after.json", "--json", "/dev/full", cwd=reports)
    assert result.code == 2
    assert "REGRESSION" in result.out
    assert "Cannot write /dev/full: No space left on device" in result.err
