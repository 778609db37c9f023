"""The command `self-test`, as a process: what it prints, its files and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.processes.children import children, exists, wait_until
from support.processes.command import DEADLINE, arguments, environment, run

from conformance.contract.loader import default_path

SOME = "filter-category-ignored,http-cut-short,living-one-added"
LONG = "living-growing"
"""Has to be waited for, so that there is time to do something to it."""


def self_test(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        arguments("self-test", *words),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def workers(process: subprocess.Popen[str]) -> list[int]:
    return [child for child, words in children(process.pid).items() if "selftest.worker" in words]


def checked(text: str) -> dict[str, Any]:
    schema = json.loads((default_path().parent / "self-test.schema.json").read_text("utf-8"))
    result: dict[str, Any] = json.loads(text)
    jsonschema_rs.Draft202012Validator(schema).validate(result)
    return result


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
        (["--only", ","], "at least one"),
        (["--jobs", "0"], "--jobs"),
        (["--seed", "-1"], "--seed"),
        (["--profile", "slow"], "--profile"),
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


def test_a_worker_that_is_killed_is_a_problem_of_one_server() -> None:
    # The first of them is killed before its process has done what it begins with, and the second is
    # tried to its end, so that it had better be a short one.
    process = self_test("--only", "living-one-added,living-one-removed", "--jobs", "1")
    wait_until(lambda: bool(workers(process)))
    os.kill(workers(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert "Traceback" not in out + err
    words = " ".join(out.split())
    assert "was not judged: its process was ended by SIGKILL." in words
    assert "FAILED 1 problem: 1 of 2 variations accepted: " in words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_tells_what_was_learnt_and_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    file = tmp_path / "a.json"
    words = ("--only", f"http-cut-short,{LONG}", "--jobs", "2", "--json", str(file))
    process = self_test(*words)
    assert process.stderr is not None
    process.stderr.readline()
    # One of the two is tried, the other takes long.
    assert process.stderr.readline() == "1 of 2 tested, 0 problems\n"
    started = workers(process)
    assert len(started) == 2
    process.send_signal(number)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert not err
    assert "INTERRUPTED  1 fault caught, 1 not tested: " in out
    whole = checked(file.read_text("utf-8"))
    assert whole["notTried"] == [LONG]
    assert [fault["name"] for fault in whole["faults"]] == ["http-cut-short"]
    wait_until(lambda: not any(map(exists, started)))


def test_workers_do_not_outlive_a_self_test_that_is_killed() -> None:
    process = self_test("--only", LONG)
    wait_until(lambda: bool(workers(process)))
    started = workers(process)
    process.kill()
    process.communicate(timeout=DEADLINE)
    wait_until(lambda: not any(map(exists, started)))


def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        arguments("self-test", "--only", "http-cut-short"),
        cwd=tmp_path,
        env=environment({"TERM": "xterm-256color"}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(controller)
    assert process.wait(timeout=DEADLINE) == 0
    assert b"0/1" in shown
    assert b"PASSED" in shown
    assert b"testing 1 server" not in shown
