"""What is forked from a warm process is the command, as if it had been started by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes.command import DEADLINE, environment, started
from support.processes.warm import Warm, warm


@pytest.mark.parametrize(
    "words",
    [
        ["list", "FILTER"],
        ["explain", "FILTER-99"],
        ["run", "ftp://host"],
        ["nothing"],
        ["compare", "none.json", "none.json"],
        ["run", "--show-config"],
    ],
)
def test_it_says_and_does_the_same(tmp_path: Path, words: list[str]) -> None:
    env = environment({"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9/given"})
    fresh = started(words, tmp_path, env)
    found = warm().run(words, cwd=tmp_path, env=env, deadline=DEADLINE)
    assert found == (fresh.code, fresh.out, fresh.err)


def test_nothing_is_handed_on_from_one_run_to_the_next(tmp_path: Path) -> None:
    env = environment()
    (tmp_path / "pyproject.toml").write_text("[tool.conductor-conformance]\nx = 1\n", "utf-8")
    (tmp_path / "other").mkdir()
    assert warm().run(["run"], cwd=tmp_path, env=env, deadline=DEADLINE)[0] == 2
    elsewhere = ["run", "http://127.0.0.1:9", "--show-config"]
    code, out, _ = warm().run(elsewhere, cwd=tmp_path / "other", env=env, deadline=DEADLINE)
    assert code == 0
    assert "Settings (no file)" in out


def test_what_hangs_is_killed_and_the_next_one_runs(tmp_path: Path) -> None:
    env = environment()
    process = Warm()
    try:
        with pytest.raises(TimeoutError):
            process.run(["serve", "--port", "0"], cwd=tmp_path, env=env, deadline=0.5)
        assert process.run(["--version"], cwd=tmp_path, env=env, deadline=DEADLINE)[0] == 0
    finally:
        process.close()


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from support.processes.warm import warm; "
        "print(warm().process)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).resolve().parents[1])],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
