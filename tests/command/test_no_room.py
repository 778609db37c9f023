"""A full disk: one sentence, exit 2, the verdict all the same, and nothing that is half written."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.processes.command import Result, read_report, started
from support.servers.plain import answering

JSON = {"Content-Type": "application/json"}
ROOM = "; free up space or choose another path."
LEADS = "; free up space where it is redirected to, or redirect it elsewhere."


def limited() -> None:
    """Let files become shorter than any report."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


@pytest.fixture
def full() -> Iterator[int]:
    """Open a device that is always full."""
    with open("/dev/full", "w") as stream:  # noqa: PTH123 - a device
        yield stream.fileno()


def judged(*words: str, cwd: Path, **streams: Any) -> Result:
    """Judge an empty server."""
    with answering(lambda *_: (200, JSON, b"[]")) as (url, _):
        known = ("run", url, "--profile", "quick", "--only", "HTTP")
        return started(*known, *words, cwd=cwd, **streams)


def complaints(text: str) -> list[str]:
    """Return what is said to be wrong, and make sure that nothing was thrown at anyone."""
    assert "Exception ignored" not in text
    return [line for line in text.splitlines() if line.startswith("Error: ")]


@pytest.mark.slow
@pytest.mark.parametrize(("option", "old"), [("--json", None), ("--html", "old")])
def test_no_room_for_a_report(tmp_path: Path, option: str, old: str | None) -> None:
    if old is not None:
        (tmp_path / "report").write_text(old)
    done = judged(option, "report", cwd=tmp_path, preexec_fn=limited)
    assert done.code == 2, done.out + done.err
    assert complaints(done.err) == [f"Error: Cannot write report: File too large{ROOM}"]
    assert "CONFORMANT" in done.out
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == ({} if old is None else {"report": old})


def test_no_room_on_a_device(tmp_path: Path) -> None:
    done = judged("--json", "/dev/full", "--junit", "r.xml", cwd=tmp_path)
    assert done.code == 2
    said = f"Error: Cannot write /dev/full: No space left on device{ROOM}"
    assert complaints(done.err) == [said]
    assert "CONFORMANT" in done.out
    # The other report is there all the same.
    assert ElementTree.parse(tmp_path / "r.xml").getroot().tag == "testsuites"  # noqa: S314 - written by the command


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--json", "-"]])
def test_no_room_for_what_is_printed(tmp_path: Path, words: list[str], full: int) -> None:
    done = judged(*words, cwd=tmp_path, stdout=full)
    assert done.code == 2, done.err
    said = f"Error: Cannot write to standard output: No space left on device{LEADS}"
    assert complaints(done.err) == [said]
    assert ("CONFORMANT" in done.err) == bool(words)


def test_no_room_for_messages_changes_no_verdict(tmp_path: Path, full: int) -> None:
    done = judged("--json", "r.json", cwd=tmp_path, stderr=full)
    assert done.code == 0, done.out
    assert "CONFORMANT" in done.out
    assert read_report(tmp_path / "r.json")["verdict"] == "conformant"


def test_no_room_for_a_list(tmp_path: Path, full: int) -> None:
    done = started("list", cwd=tmp_path, stdout=full)
    assert done.code == 2
    said = f"Error: Cannot write to standard output: No space left on device{LEADS}"
    assert complaints(done.err) == [said]
