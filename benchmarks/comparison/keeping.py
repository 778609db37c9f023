"""Results of judgements, stored as JSON lines so that an interruption loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from comparison.tool import FAILED

SAFE = ("GET", "HEAD", "OPTIONS")
"""Common methods that only read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a tool for one server.

    ``found`` has the names of the findings, if the tool's report has them. ``requests`` counts the
    requests that reached the server, by method. ``seconds`` is elapsed time and ``processor`` CPU
    time, both in seconds; ``megabytes`` is the peak memory of the process. ``problem`` is the
    reason why there is no verdict, or empty.
    """

    tool: str
    name: str
    kind: str
    group: str
    verdict: str
    found: tuple[str, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    processor: float = 0.0
    megabytes: float = 0.0
    problem: str = ""

    @property
    def failed(self) -> bool:
        """Whether the tool failed the server."""
        return self.verdict == FAILED

    @property
    def writes(self) -> int:
        """Number of requests that do more than read."""
        return sum(number for method, number in self.requests.items() if method not in SAFE)


class Kept:
    """Judgements of this and earlier runs; each is valid for one fingerprint only."""

    def __init__(self, path: Path) -> None:
        """Read stored judgements; ignore a line that an interruption truncated."""
        self._path = path
        self._results: dict[tuple[str, str, str], Result] = {}
        text = path.read_text("utf-8") if path.exists() else ""
        # A truncated line stays on its own.
        self._before = "" if text.endswith("\n") or not text else "\n"
        for line in text.splitlines():
            with suppress(ValueError, TypeError, KeyError):
                self._remember(*_parsed(line))

    def find(self, fingerprint: str, tool: str, name: str) -> Result | None:
        """Return the stored result of a tool for the server of this name, if any."""
        return self._results.get((fingerprint, tool, name))

    def add(self, fingerprint: str, result: Result) -> None:
        """Store a result and write it at once; a later result replaces an earlier one."""
        self._remember(fingerprint, result)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"fingerprint": fingerprint, **asdict(result)})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{self._before}{line}\n")
        self._before = ""

    def _remember(self, fingerprint: str, result: Result) -> None:
        self._results[fingerprint, result.tool, result.name] = result


def _parsed(line: str) -> tuple[str, Result]:
    fields = json.loads(line)
    fingerprint = str(fields.pop("fingerprint"))
    return fingerprint, Result(**{**fields, "found": tuple(fields["found"])})
