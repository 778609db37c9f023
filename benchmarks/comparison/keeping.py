"""What came of each judgement, and a file of JSON lines that lets an interruption lose nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from comparison.tool import FAILED

SAFE = ("GET", "HEAD", "OPTIONS")
"""The methods that only read, of those that servers know what to do with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool said of one server.

    ``found`` names what it found, where its report does. ``requests`` are those that reached the
    server, by method. ``processor`` is the time in seconds that it computed, ``megabytes`` are
    those of its process at the peak. ``problem`` says why there is no verdict, if so.
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
        """Whether it said that the server is wrong."""
        return self.verdict == FAILED

    @property
    def writes(self) -> int:
        """The number of requests that do more than read."""
        return sum(number for method, number in self.requests.items() if method not in SAFE)


class Kept:
    """The judgements of this and earlier runs; a judgement counts for one fingerprint only."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a line that an interruption cut short is as if it were not."""
        self._path = path
        self._results: dict[tuple[str, str, str], Result] = {}
        text = path.read_text("utf-8") if path.exists() else ""
        # What was cut short keeps a line to itself.
        self._before = "" if text.endswith("\n") or not text else "\n"
        for line in text.splitlines():
            with suppress(ValueError, TypeError, KeyError):
                self._remember(*_parsed(line))

    def find(self, fingerprint: str, tool: str, name: str) -> Result | None:
        """Return what a tool said of the server of this name, if it was asked already."""
        return self._results.get((fingerprint, tool, name))

    def add(self, fingerprint: str, result: Result) -> None:
        """Remember a result, and write it down at once; a later one of the same counts."""
        self._remember(fingerprint, result)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"fingerprint": fingerprint, **asdict(result)})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{self._before}{line}\n")
        self._before = ""

    def _remember(self, fingerprint: str, result: Result) -> None:
        self._results[fingerprint, result.tool, result.name] = result


def _parsed(line: str) -> tuple[str, Result]:
    members = json.loads(line)
    fingerprint = str(members.pop("fingerprint"))
    return fingerprint, Result(**{**members, "found": tuple(members["found"])})
