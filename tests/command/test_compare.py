"""The command `compare`: on reports of two versions of a server, and on what is no report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.canned.comparisons import checked
from support.processes.command import Result, call, read_report, run

import conformance
from conformance.cli.completion import VARIABLE
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS
from conformance.report.render import json as as_json

URL = "https://staging.example.com/api"
BROKEN = "filter-category-ignored"


def judged(
    folder: Path, name: str, server: ReferenceServer, later: int = 0, **options: Any
) -> None:
    """Judge a server, and write the report as one of a server elsewhere, so many days later."""
    with (
        EmbeddedServer(server) as embedded,
        conformance.Target(embedded.url, credential=server.issue_token()) as target,
    ):
        report = conformance.run(target, profile="quick", **options)
    # Reports tell whole seconds, in which several of these runs may begin.
    report = replace(report, started=report.started + timedelta(days=later))
    text = as_json.render(report).replace(report.target, URL)
    (folder / name).write_text(text, "utf-8")
    read_report(folder / name)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with reports of two versions of a server."""
    folder = tmp_path_factory.mktemp("reports")
    (fault,) = [fault for fault in FAULTS if fault.name == BROKEN]
    judged(folder, "before.json", ReferenceServer())
    judged(folder, "after.json", fault.make(), later=1)
    judged(folder, "filters.json", fault.make(), later=2, only=["FILTER"])
    return folder


def test_a_regression(reports: Path, tmp_path: Path) -> None:
    files = ("--json", "c.json", "--markdown", "c.md", "--html", "c.html")
    names = (str(reports / "before.json"), str(reports / "after.json"))
    result = run("compare", *names, *files, cwd=tmp_path)
    assert result.code == 1
    assert not result.err
    assert "FILTER-01 newly failing MUST passed → failed" in result.words
    assert f"both {URL}, contract" in result.words
    assert "reproduce curl -sS -H" in result.words
    whole = checked((tmp_path / "c.json").read_text("utf-8"))
    assert whole["verdict"] == "regression"
    newly = {one["id"] for one in whole["requirements"] if one["change"] == "newly-failing"}
    (fault,) = [fault for fault in FAULTS if fault.name == BROKEN]
    assert set(fault.breaks) <= newly
    assert all(name in fault.breaks or fault.permits(name) for name in newly)
    assert result.words.endswith(f"REGRESSION {whole['reason']}")
    assert (tmp_path / "c.md").read_text("utf-8").startswith("## ❌ Regression")
    assert "FILTER-01" in (tmp_path / "c.html").read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {"c.json", "c.md", "c.html"}


def test_a_server_that_was_mended(reports: Path) -> None:
    result = run("compare", "after.json", "before.json", "--json", "-", cwd=reports)
    assert result.code == 0
    whole = checked(result.out)
    assert whole["verdict"] == "no-regression"
    assert whole["changes"]["newly-passing"] == 4
    assert [report["file"] for report in whole["reports"]] == ["after.json", "before.json"]
    assert "FILTER-01 newly passing" in result.err
    assert "The first report comes from a later run" in " ".join(result.err.split())


def test_three_are_shown_side_by_side(reports: Path) -> None:
    result = run("compare", "before.json", "after.json", "filters.json", cwd=reports)
    assert result.code == 0
    assert "FILTER-01 MUST passed failed failed" in result.words
    assert "SIDE BY SIDE" in result.out


Call = Callable[..., Result]


@pytest.fixture
def called(reports: Path) -> Call:
    """Call the command in the folder of the reports."""
    return partial(call, cwd=reports)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "compare needs at least two reports"),
        (["before.json"], "compare needs at least two reports"),
        (["before.json", "none.json"], "there is no report none.json; `run --json FILE` writes"),
        (["before.json", "."], "cannot read the report .: Is a directory"),
        (
            ["before.json", "text.json"],
            "text.json is not a report: it is not JSON at character 0",
        ),
        (
            ["before.json", "half.json"],
            "half.json is not a report: the JSON text is cut short at",
        ),
        (
            ["before.json", "wide.json"],
            "wide.json is not a report: byte 0 is not UTF-8",
        ),
        (
            ["next.json", "before.json"],
            'next.json is not a report: its schemaVersion is "2.0", but',
        ),
        (["before.json", "after.json", "--json", "-", "--markdown", "-"], "cannot both go to '-'"),
        (["before.json", "after.json", "--markdown", "no/a.md"], "cannot write no/a.md"),
        (["before.json"] * 3 + ["--fail-on", "should"], "--fail-on compares two reports"),
        (["before.json"] * 3 + ["--require-evidence"], "--require-evidence compares two reports"),
        (["before.json"] * 51, "at most 50 reports"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(
    called: Call, reports: Path, words: list[str], told: str
) -> None:
    text = (reports / "before.json").read_text("utf-8")
    (reports / "text.json").write_text("not JSON", "utf-8")
    (reports / "half.json").write_text(text[: len(text) // 2], "utf-8")
    (reports / "wide.json").write_text(text, "utf-16")
    later = {**json.loads(text), "schemaVersion": "2.0"}
    (reports / "next.json").write_text(json.dumps(later), "utf-8")
    result = called("compare", *words)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()


def test_a_run_that_could_not_test(called: Call, reports: Path) -> None:
    whole = json.loads((reports / "before.json").read_text("utf-8"))
    for judged in whole["requirements"]:
        judged.update(outcome="error", reason="nothing listens there")
    whole.update(verdict="error", reason="Nothing listens there.")
    (reports / "error.json").write_text(json.dumps(whole), "utf-8")
    result = called("compare", "before.json", "error.json")
    assert result.code == 3
    assert "The later report: the target could not be tested: Nothing listens" in result.words
    assert "INCONCLUSIVE No regression was found, but a run ended early" in result.words
    assert called("compare", "error.json", "after.json").code == 3
    # Whatever it was not able to judge, nothing failed in the later one.
    assert called("compare", "error.json", "before.json").code == 0


def test_gates_by_level_and_by_evidence(called: Call, reports: Path) -> None:
    whole = json.loads((reports / "before.json").read_text("utf-8"))
    worse = json.loads(json.dumps(whole))
    failed = json.loads((reports / "after.json").read_text("utf-8"))
    findings = next(one["findings"] for one in failed["requirements"] if one["findings"])
    for judged in worse["requirements"]:
        if judged["id"] == "SHAPE-06":
            judged.update(outcome="failed", findings=findings)
        if judged["id"] == "FILTER-04":
            judged.update(outcome="inconclusive", reason="no inactive provider")
    (reports / "worse.json").write_text(json.dumps(worse), "utf-8")
    plain = called("compare", "before.json", "worse.json")
    assert plain.code == 0
    assert "evidence lost FILTER-04: passed → inconclusive: no inactive provider" in plain.words
    strict = called("compare", "before.json", "worse.json", "--fail-on", "should")
    assert strict.code == 1
    assert "1 requirement is newly failing: SHAPE-06." in strict.words
    evident = called("compare", "before.json", "worse.json", "--require-evidence")
    assert evident.code == 1
    assert (
        "Evidence is required, but was lost for FILTER-04; SHAPE-06 fails now but does not count."
    ) in evident.words


def test_a_shell_completes_the_names_of_files(called: Call) -> None:
    line = {"COMP_WORDS": "conductor-conformance compare before.json aft", "COMP_CWORD": "3"}
    result = called("compare", env={VARIABLE: "bash_complete", **line})
    assert (result.code, result.out) == (0, "file,aft\n")


def test_a_full_disk_does_not_hide_the_result(called: Call) -> None:
    result = called("compare", "before.json", "after.json", "--json", "/dev/full")
    assert result.code == 2
    assert "REGRESSION" in result.out
    assert "Cannot write /dev/full: No space left on device" in result.err
