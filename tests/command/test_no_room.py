"""A full disk: one sentence, exit 2, the verdict all the same, and nothing that is half written."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.processes.command import DEADLINE, arguments, environment, read_report
from support.servers.plain import answering

JSON = {"Content-Type": "application/json"}


def limited() -> None:
    """Let files become shorter than any report."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


def run_without_room(
    *words: str,
    cwd: Path,
    stdout: str | None = None,
    stderr: str | None = None,
    short_of_room: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Judge an empty server; output goes to these files, files cannot grow."""
    with answering(lambda *_: (200, JSON, b"[]")) as (url, _):
        outputs = [
            subprocess.PIPE if name is None else os.open(name, os.O_WRONLY)
            for name in (stdout, stderr)
        ]
        try:
            return subprocess.run(
                arguments("run", url, "--profile", "quick", "--only", "HTTP", *words),
                cwd=cwd,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=outputs[0],
                stderr=outputs[1],
                encoding="utf-8",
                timeout=DEADLINE,
                check=False,
                preexec_fn=limited if short_of_room else None,
            )
        finally:
            for name, output in zip((stdout, stderr), outputs, strict=True):
                if name is not None:
                    os.close(output)


def complaints(text: str) -> list[str]:
    """Return what is said to be wrong, and make sure that nothing was thrown at anyone."""
    assert "Traceback" not in text
    assert "Exception ignored" not in text
    return [line for line in text.splitlines() if line.startswith("Error: ")]


ROOM = "; free up space or choose another path."
LEADS = "; free up space where it is redirected to, or redirect it elsewhere."


@pytest.mark.parametrize("option", ["--json", "--junit", "--html", "--markdown"])
@pytest.mark.parametrize("old", [None, "old"])
def test_no_room_for_a_report(tmp_path: Path, option: str, old: str | None) -> None:
    if old is not None:
        (tmp_path / "report").write_text(old)
    done = run_without_room(option, "report", cwd=tmp_path, short_of_room=True)
    assert done.returncode == 2, done.stdout + done.stderr
    assert complaints(done.stderr) == [f"Error: Cannot write report: File too large{ROOM}"]
    assert "CONFORMANT" in done.stdout
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == ({} if old is None else {"report": old})


def test_no_room_on_a_device(tmp_path: Path) -> None:
    done = run_without_room("--json", "/dev/full", "--junit", "r.xml", cwd=tmp_path)
    assert done.returncode == 2
    assert complaints(done.stderr) == [
        f"Error: Cannot write /dev/full: No space left on device{ROOM}"
    ]
    assert "CONFORMANT" in done.stdout
    # The other report is there all the same.
    assert ElementTree.parse(tmp_path / "r.xml").getroot().tag == "testsuites"  # noqa: S314 - written by the command


@pytest.mark.parametrize("words", [[], ["--json", "-"]])
def test_no_room_for_what_is_printed(tmp_path: Path, words: list[str]) -> None:
    done = run_without_room(*words, cwd=tmp_path, stdout="/dev/full")
    assert done.returncode == 2, done.stderr
    said = f"Error: Cannot write to standard output: No space left on device{LEADS}"
    assert complaints(done.stderr) == [said]
    assert ("CONFORMANT" in done.stderr) == bool(words)


def test_no_room_for_messages_changes_no_verdict(tmp_path: Path) -> None:
    done = run_without_room("--json", "r.json", cwd=tmp_path, stderr="/dev/full")
    assert done.returncode == 0, done.stdout
    assert "CONFORMANT" in done.stdout
    assert read_report(tmp_path / "r.json")["verdict"] == "conformant"


def test_no_room_for_a_list(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            arguments("list"),
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
    assert done.returncode == 2
    said = f"Error: Cannot write to standard output: No space left on device{LEADS}"
    assert complaints(done.stderr) == [said]
