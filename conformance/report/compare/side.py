"""One report of a comparison, with texts cut to the lengths that runs write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.checks.verdict import Finding, Outcome
from conformance.contract.model import Level
from conformance.core.text import clipped
from conformance.report.report import Conclusion

LONGEST = 2_000
"""Characters of a text."""
LONGEST_COMMAND = 10_000
"""Characters of a command; a longer one is dropped, because half a command is useless."""
OPEN = frozenset({Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR})
"""Outcomes of requirements that were not decided."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of one requirement in one report.

    ``known`` is the reason from a baseline why the failure does not count. ``fingerprints``
    identify the kinds of failure; they are empty if the report does not list them. ``finding`` is
    the first finding.
    """

    level: Level
    statement: str
    outcome: Outcome
    reason: str
    known: str | None = None
    fingerprints: tuple[str, ...] = ()
    finding: Finding | None = None

    @property
    def failed(self) -> bool:
        """Whether the requirement failed, as a known failure or not."""
        return self.outcome is Outcome.FAILED

    @property
    def open(self) -> bool:
        """Whether the requirement was not decided."""
        return self.outcome in OPEN


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared reports; ``file`` is empty for a report that was not read from a file."""

    file: str
    target: str
    started: datetime
    duration: float
    seed: int
    profile: str
    tool: str
    contract: str
    sha256: str
    conclusion: Conclusion
    reason: str
    interrupted: bool
    requests: int
    run_id: str
    cells: Mapping[str, Cell]

    @property
    def known(self) -> int:
        """The number of failures that a baseline lists."""
        return sum(cell.failed and cell.known is not None for cell in self.cells.values())

    @property
    def families(self) -> tuple[str, ...]:
        """The families that the report contains, in its order."""
        return tuple(dict.fromkeys(name.rpartition("-")[0] for name in self.cells))

    def counts(self) -> Counter[Outcome]:
        """Return the number of requirements with each outcome; known failures count as failures."""
        return Counter(cell.outcome for cell in self.cells.values())


def side(report: Mapping[str, Any], file: str = "") -> Side:
    """Return a report for a comparison from JSON that fits ``spec/report.schema.json``."""
    return Side(
        file=file,
        target=clipped(report["target"]["url"], LONGEST),
        started=datetime.fromisoformat(report["started"]),
        duration=float(report["durationSeconds"]),
        seed=int(report["seed"]),
        profile=report["profile"],
        tool=clipped(report["tool"]["version"], LONGEST),
        contract=clipped(report["contract"]["version"], LONGEST),
        sha256=report["contract"]["sha256"],
        conclusion=Conclusion(report["verdict"]),
        reason=clipped(report["reason"], LONGEST),
        interrupted=report["interrupted"],
        requests=int(report["requests"]),
        run_id=report.get("runId", ""),
        cells={judged["id"]: _cell(judged) for judged in report["requirements"]},
    )


def _cell(judged: Mapping[str, Any]) -> Cell:
    first = next(iter(judged["findings"]), None)
    known = judged.get("known")
    return Cell(
        level=Level(judged["level"]),
        statement=clipped(judged["statement"], LONGEST),
        outcome=Outcome(judged["outcome"]),
        reason=clipped(judged["reason"], LONGEST),
        known=None if known is None else clipped(known["reason"], LONGEST),
        fingerprints=tuple(judged.get("fingerprints", ())),
        finding=None if first is None else _finding(first),
    )


def _finding(found: Mapping[str, str]) -> Finding:
    fields = ("message", "query", "pointer", "observed", "expected")
    command = found["curl"] if len(found["curl"]) <= LONGEST_COMMAND else ""
    return Finding(curl=command, **{name: clipped(found[name], LONGEST) for name in fields})
