"""The command `self-test`, as a process: what it prints, its files and its exit codes."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.processes.children import children, exists, wait_until
from support.processes.command import DEADLINE, Running, on_terminal, run, running

from conformance.contract.loader import default_path

SOME = "filter-category-ignored,http-cut-short,living-one-added"
LONG = "living-growing"
"""Has to be waited for, so that there is time to do something to it."""


def workers(process: Running) -> list[int]:
    return [child for child, words in children(process.pid).items() if "selftest.worker" in words]


def checked(text: str) -> dict[str, Any]:
    schema = json.loads((default_path().parent / "self-test.schema.json").read_text("utf-8"))
    result: dict[str, Any] = json.loads(text)
    jsonschema_rs.Draft202012Validator(schema).validate(result)
    return result


@pytest.mark.slow
def test_some_servers_and_every_kind_of_file(tmp_path: Path) -> None:
    files = ("--json", "a.json", "--markdown", "a.md", "--html", "a.html")
    result = run("self-test", "--only", SOME, "--jobs", "2", "--verbose", *files, cwd=tmp_path)
    assert result.code == 0, result.out + result.err
    assert re.search(r"^PASSED  2 faults caught, 1 variation accepted: ", result.out, re.MULTILINE)
    assert re.search(r"^  ok +filter-category-ignored +\d+\.\d s +FILTER-01 ", result.out, re.M)
    assert result.err.startswith("testing 3 servers in 2 processes\n")
    whole = checked((tmp_path / "a.json").read_text("utf-8"))
    assert [fault["name"] for fault in whole["faults"]] == SOME.split(",")[:2]
    assert whole["verdict"] == "passed"
    assert whole["whole"] is False
    assert "filter-category-ignored" in (tmp_path / "a.md").read_text("utf-8")
    assert "filter-category-ignored" in (tmp_path / "a.html").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.json", "a.md"]


@pytest.mark.slow
def test_a_file_on_standard_output_has_it_for_itself(tmp_path: Path) -> None:
    words = ("--only", "http-cut-short", "--profile", "standard", "--seed", "7", "--json", "-")
    result = run("self-test", *words, cwd=tmp_path)
    assert result.code == 0, result.err
    whole = checked(result.out)
    assert (whole["seed"], whole["profile"]) == (7, "standard")
    assert whole["faults"][0]["profile"] == "standard"
    assert "PASSED  1 fault caught: " in result.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "filter-category-ignore"], "did you mean filter-category-ignored"),
        (["--only", "living,§"], "unknown fault or variation '§'"),
        (["--jobs", "0"], "--jobs"),
        (["--json", "-", "--html", "-"], "two reports cannot both go to '-'"),
        (["--markdown", "none/a.md"], "cannot write none/a.md"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is(
    words: list[str], told: str, tmp_path: Path
) -> None:
    result = run("self-test", *words, cwd=tmp_path)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()
    assert "testing" not in result.err


@pytest.mark.slow
def test_an_interruption_tells_what_was_learnt_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    words = ("--only", f"http-cut-short,{LONG}", "--jobs", "2", "--json", str(file))
    process = running("self-test", *words, cwd=tmp_path)
    assert process.stderr is not None
    process.stderr.readline()
    # One of the two is tried, the other takes long.
    assert process.stderr.readline() == "1 of 2 tested, 0 problems\n"
    started = workers(process)
    assert len(started) == 2
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert not err
    assert "INTERRUPTED  1 fault caught, 1 not tested: " in out
    whole = checked(file.read_text("utf-8"))
    assert whole["notTried"] == [LONG]
    assert [fault["name"] for fault in whole["faults"]] == ["http-cut-short"]
    wait_until(lambda: not any(map(exists, started)))


def test_workers_do_not_outlive_a_self_test_that_is_killed(tmp_path: Path) -> None:
    process = running("self-test", "--only", LONG, cwd=tmp_path)
    wait_until(lambda: bool(workers(process)))
    started = workers(process)
    process.kill()
    process.communicate(timeout=DEADLINE)
    wait_until(lambda: not any(map(exists, started)))


@pytest.mark.slow
def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    shown = on_terminal("self-test", "--only", "http-cut-short", cwd=tmp_path)
    assert "0/1" in shown
    assert "PASSED" in shown
    assert "testing 1 server" not in shown
