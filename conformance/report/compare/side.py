"""What a comparison knows of one report, whose texts are cut where no run writes as much."""

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
"""Characters of a command; of a longer one nothing is kept, since half of one is of no use."""
OPEN = frozenset({Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR})
"""Outcomes that say neither yes nor no."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one report says of one requirement.

    ``known`` is the reason why the failure does not count, from a baseline. ``fingerprints`` are
    those of its kinds of failure; a report that lists none says nothing of them. ``finding`` is the
    first one.
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
        """Whether the requirement is broken, known or not."""
        return self.outcome is Outcome.FAILED

    @property
    def open(self) -> bool:
        """Whether it was not decided."""
        return self.outcome in OPEN


@dataclass(frozen=True, slots=True)
class Side:
    """One of the reports that are compared; ``file`` is empty for a report that is in no file."""

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
        """How many of the failures are known from a baseline."""
        return sum(cell.failed and cell.known is not None for cell in self.cells.values())

    @property
    def families(self) -> tuple[str, ...]:
        """The families of which it judges a requirement, in its order."""
        return tuple(dict.fromkeys(name.rpartition("-")[0] for name in self.cells))

    def counts(self) -> Counter[Outcome]:
        """Return how many requirements came to each outcome; known failures are failures."""
        return Counter(cell.outcome for cell in self.cells.values())


def side(report: Mapping[str, Any], file: str = "") -> Side:
    """Return what a comparison knows of a report that fits ``spec/report.schema.json``."""
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
    members = ("message", "query", "pointer", "observed", "expected")
    command = found["curl"] if len(found["curl"]) <= LONGEST_COMMAND else ""
    return Finding(curl=command, **{name: clipped(found[name], LONGEST) for name in members})
