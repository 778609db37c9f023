"""A command without output, as daemons start it, and one that is stopped before it has begun."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from support.processes.children import wait_until
from support.processes.command import DEADLINE, arguments, environment, read_report

QUICK = ["demo", "--profile", "quick", "--json", "r.json"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        (">&-", QUICK, 0),
        ("2>&-", ["list", "-x"], 2),
        ("<&- >&- 2>&-", QUICK, 0),
        ("<&- >&- 2>&-", ["list"], 0),
    ],
)
def test_without_output_the_exit_code_is_the_same(
    closed: str, words: list[str], code: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *arguments(*words)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in f"{done.stdout}{done.stderr}"
    if "--json" in words:
        assert read_report(tmp_path / "r.json")["verdict"] == "conformant"


def test_stopped_while_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(
        "import pathlib, time\npathlib.Path('there').touch()\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        arguments("list"),
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(tmp_path)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts jobs in the background with this signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    wait_until(lambda: (tmp_path / "there").exists() or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=DEADLINE) == ("", "")
    assert process.returncode == 130
