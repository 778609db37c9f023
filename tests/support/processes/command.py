"""Running the command, as a process of its own or within this one."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from conformance.cli import main
from support.processes.warm import warm
from support.repository import ROOT

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
    """Run the command to its end in a process of its own; no test of it may show a traceback."""
    whole = environment(env)
    if any(name.startswith("PYTHON") for name in env or {}):
        # Python itself has to start with it.
        result = started(words, cwd, whole)
    else:
        result = Result(*warm().run(words, cwd=cwd, env=whole, deadline=DEADLINE))
    assert "Traceback" not in result.out + result.err
    return result


def started(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Result:
    """Run the command to its end in a process that imports everything anew."""
    done = subprocess.run(
        arguments(*words),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def call(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process, for tests that are about what it says and nothing else.

    That is a second faster. It is not for interruptions, for what is still running at the end, and
    for anything about the streams themselves.
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
    assert "Traceback" not in out + err
    assert isinstance(ended.value.code, int)
    return Result(ended.value.code, out, err)


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
