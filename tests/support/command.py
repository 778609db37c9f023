"""Running the command as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

DEADLINE = 120
"""Seconds; generous, only against hanging."""
SCHEMA = Path(__file__).resolve().parents[2] / "spec" / "report.schema.json"


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
    """Run the command to its end; no test of it may show a traceback."""
    done = subprocess.run(
        arguments(*words),
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in result.out + result.err
    return result


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
