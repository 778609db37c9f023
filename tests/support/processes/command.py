"""Running the command, as a process of its own or within this one."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from conformance.cli import main
from support.repository import ROOT

Running = subprocess.Popen[str]
DEADLINE = 120
"""Seconds; generous, only against hanging."""
SCHEMA = ROOT / "spec" / "report.schema.json"


@dataclass(frozen=True)
class Result:
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Standard output without regard to where its lines are broken."""
        return " ".join(self.out.split())

    def complaint(self) -> str:
        """Return the one sentence of a refusal, and make sure that it is one."""
        assert "Traceback" not in self.out + self.err
        lines = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, self.err
        assert not self.out
        return lines[0]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that knows no server and no credential."""
    return {**os.environ, **(extra or {})}


def arguments(*words: str) -> list[str]:
    """Return the words that start the command with this interpreter."""
    return [sys.executable, "-m", "conformance", *words]


def run(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
    """Run the command to its end within this process, which saves the imports.

    It is not for interruptions, for what is still running at the end, and for the streams.
    """
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch, _kept_signals():
        patch.chdir(cwd)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["conductor-conformance", *words])
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        with pytest.raises(SystemExit) as ended:
            main.main()
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    assert isinstance(ended.value.code, int)
    return _checked(Result(ended.value.code, out, err))


def started(*words: str, cwd: Path, env: Mapping[str, str] | None = None, **more: Any) -> Result:
    """Run the command to its end in a process of its own; ``more`` is for ``subprocess.run``."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    done = subprocess.run(
        arguments(*words),
        cwd=cwd,
        env=environment(env),
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
        **(streams | more),
    )
    return _checked(Result(done.returncode, done.stdout or "", done.stderr or ""))


def _checked(result: Result) -> Result:
    assert "Traceback" not in result.out + result.err
    return result


def running(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Running:
    """Start the command; whoever does so has to wait for its end."""
    return subprocess.Popen(
        arguments(*words),
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def on_terminal(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None, columns: int = 0
) -> str:
    """Run the command with a terminal as its output; return what reached it."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    known = {"TERM": "xterm-256color", "COLUMNS": "", **(env or {})}
    process = subprocess.Popen(
        arguments(*words),
        cwd=cwd,
        env=environment(known),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    # Linux reports an error once nobody has the terminal open.
    with suppress(OSError):
        while chunk := os.read(controller, 65536):
            shown += chunk
    os.close(controller)
    assert process.wait(timeout=DEADLINE) == 0
    return shown.decode()


@contextmanager
def _kept_signals() -> Iterator[None]:
    """Undo what the command does to signals."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    handlers = [signal.getsignal(number) for number in numbers]
    hook = sys.unraisablehook
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
        sys.unraisablehook = hook


def read_report(path: Path) -> dict[str, Any]:
    """Read a JSON report and make sure that it has the published shape."""
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    validate(report)
    return report


def validate(report: object) -> None:
    """Validate a report against its published schema."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    errors = list(jsonschema_rs.Draft202012Validator(schema).iter_errors(report))
    assert not errors, [str(error) for error in errors]


def failed(report: Mapping[str, Any], level: str = "MUST") -> set[str]:
    """Return the ids of the failed requirements of a level."""
    return {
        requirement["id"]
        for requirement in report["requirements"]
        if requirement["outcome"] == "failed" and requirement["level"] == level
    }
