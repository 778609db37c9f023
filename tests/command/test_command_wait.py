"""``run --wait``: a server that is started only after the command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.processes.command import Running, read_report, run, running
from support.servers.plain import answering, closed_port

WORDS = ("--only", "HTTP", "--profile", "quick", "--json", "r.json")


@contextmanager
def _process(*words: str, cwd: Path) -> Iterator[Running]:
    process = running(*words, cwd=cwd)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _note(report: dict[str, Any]) -> str:
    return str(next(note for note in report["notes"] if "--wait" in note))


def _requests(note: str) -> int:
    return int(note.partition("--wait, ")[2].split()[0])


@pytest.mark.slow
def test_a_server_that_starts_after_the_command(tmp_path: Path) -> None:
    port = str(closed_port())
    run_words = ("run", f"http://127.0.0.1:{port}", *WORDS, "--wait", "60")
    with _process(*run_words, cwd=tmp_path) as process:
        assert process.stderr is not None
        assert "waiting up to 60 s for the server to answer" in process.stderr.readline()
        with _process("serve", "--port", port, "--variation", "caller-open-to-all", cwd=tmp_path):
            out, _ = process.communicate(timeout=60)
            report = read_report(tmp_path / "r.json")
            usual = run(*run_words[:-2], cwd=tmp_path)
    assert process.returncode == usual.code == 0, out
    # All that was sent is counted, and the rest is what the run sends without any waiting.
    waited = _requests(_note(report))
    assert report["requests"] == read_report(tmp_path / "r.json")["requests"] + waited


@pytest.mark.parametrize(("absent", "word"), [(503, "503"), (None, "lost connection")])
def test_a_gateway_before_its_server_is_there(
    tmp_path: Path, absent: int | None, word: str
) -> None:
    asked: list[dict[str, str]] = []

    def respond(_: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked.append(headers)
        if len(asked) <= 2:
            if absent is None:
                raise ConnectionAbortedError
            return absent, {}, b""
        return 404, {}, path.encode()

    with answering(respond) as (url, journal):
        result = run("run", url, *WORDS, "--wait", "60", cwd=tmp_path)
    report = read_report(tmp_path / "r.json")
    # It goes on as usual with what is there now.
    assert result.code == 1
    assert "has no /api/integrations/provider" in result.words
    assert "3 requests): 2 " in _note(report)
    assert word in _note(report)
    assert report["requests"] == len(journal.requests)
    assert "x-authorization" not in asked[0]
    assert asked[0]["user-agent"].startswith("conductor-conformance/")
    assert report["runId"] in asked[0]["user-agent"]


def test_a_server_that_does_not_come(tmp_path: Path) -> None:
    result = run("run", f"http://127.0.0.1:{closed_port()}", *WORDS, "--wait", "1", cwd=tmp_path)
    report = read_report(tmp_path / "r.json")
    assert result.code == 3
    assert "The server did not respond within 1 s (--wait): " in report["reason"]
    assert "start it earlier or wait longer" in report["reason"]
    assert 2 <= report["requests"] <= 5
    assert report["summary"]["error"] == len(report["requirements"])


def test_an_interrupted_wait(tmp_path: Path) -> None:
    running: list[Running] = []
    begun = threading.Event()

    def respond(*_: object) -> tuple[int, dict[str, str], bytes]:
        assert begun.wait(60)
        running[0].send_signal(signal.SIGINT)
        return 503, {}, b""

    with (
        answering(respond) as (url, journal),
        _process("run", url, *WORDS, "--wait", "600", cwd=tmp_path) as process,
    ):
        running.append(process)
        begun.set()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert read_report(tmp_path / "r.json")["interrupted"] is True
    assert len(journal.requests) == 1


def test_a_rehearsal_does_not_wait(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    result = run("run", url, "--dry-run", "--wait", "600", cwd=tmp_path)
    assert result.code == 0
    assert "Nothing was sent." in result.words
