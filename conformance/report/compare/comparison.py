"""Compare reports requirement by requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any

from conformance._version import __version__
from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.core.suggestions import choice
from conformance.core.text import counted, listed
from conformance.errors import UsageError
from conformance.report.compare.caveats import caveats
from conformance.report.compare.changes import Change, Weight, change, new_queries, weight
from conformance.report.compare.side import Cell, Side, read, side
from conformance.report.compare.titles import names, titles
from conformance.report.report import TOOL, FailOn, Report, binding_levels
from conformance.report.spread import named

SCHEMA_VERSION = "1.0"
PAIR = 2
MOST = 50
"""Maximum number of reports in a comparison."""
MOST_NAMED = 20
"""Requirements that a sentence lists by id; the others are counted."""


class Upshot(StrEnum):
    """The result of comparing two reports."""

    REGRESSION = "regression"
    NO_REGRESSION = "no-regression"
    UNTOLD = "untold"
    """No regression was found, but a run ended too early to rule one out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement with a cell for each report; ``None`` if the report does not contain it.

    ``change`` and ``weight`` describe the step from the earlier of two reports to the later one;
    they are not set for more than two reports.
    """

    id: str
    cells: tuple[Cell | None, ...]
    change: Change | None = None
    weight: Weight = Weight.NONE

    @property
    def latest(self) -> Cell:
        """The cell of the last report that contains the requirement."""
        return next(cell for cell in reversed(self.cells) if cell is not None)

    @property
    def former_level(self) -> Level | None:
        """The level in an earlier report, if it differs from the level in the last one."""
        levels = (cell.level for cell in self.cells if cell is not None)
        return next((level for level in levels if level is not self.latest.level), None)

    @property
    def differs(self) -> bool:
        """Whether the reports that contain the requirement disagree about it."""
        if self.change is not None:
            return self.change is not Change.SAME
        first, *others = (cell for cell in self.cells if cell is not None)
        return any(change(first, other) is not Change.SAME for other in others)

    @property
    def uncounted(self) -> bool:
        """Whether it is newly failing but does not count, because of its level or a baseline."""
        return self.change is Change.NEWLY_FAILING and self.weight is Weight.NONE

    @property
    def new_kinds(self) -> tuple[str, ...]:
        """The fingerprints that only the later of two reports has."""
        return _without(self.cells[-1], self.cells[0])

    @property
    def gone_kinds(self) -> tuple[str, ...]:
        """The fingerprints that only the earlier of two reports has."""
        return _without(self.cells[0], self.cells[-1])

    @property
    def new_queries(self) -> tuple[str, ...]:
        """The documented queries for which only the later of two reports shows the failure."""
        return _spread(self.cells[0], self.cells[-1])

    @property
    def gone_queries(self) -> tuple[str, ...]:
        """The documented queries for which only the earlier of two reports shows the failure."""
        return _spread(self.cells[-1], self.cells[0])

    @property
    def spread_to(self) -> str:
        """What the failure spread to, in words; empty if it did not spread."""
        before = self.cells[0]
        return named(before.queries, self.new_queries) if before and self.new_queries else ""


def _without(one: Cell | None, other: Cell | None) -> tuple[str, ...]:
    if one is None or other is None or not (one.fingerprints and other.fingerprints):
        return ()
    return tuple(kind for kind in one.fingerprints if kind not in other.fingerprints)


def _spread(before: Cell | None, after: Cell | None) -> tuple[str, ...]:
    if before is None or after is None or not (before.failed and after.failed):
        return ()
    return new_queries(before, after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reports side by side, in the order in which they were given.

    ``titles`` distinguish the reports; ``rows`` are in the order of the contract. ``upshot`` is
    ``None`` unless there are two reports. ``reason`` is the result in a sentence; ``notes`` are
    caveats.
    """

    sides: tuple[Side, ...]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    fail_on: FailOn
    require_evidence: bool
    upshot: Upshot | None
    reason: str
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """The exit code: 1 for a regression, 3 if one cannot be ruled out, otherwise 0."""
        return {Upshot.REGRESSION: 1, Upshot.UNTOLD: 3}.get(self.upshot or Upshot.NO_REGRESSION, 0)

    @property
    def is_pair(self) -> bool:
        """Whether there are two reports, an earlier and a later one."""
        return len(self.sides) == PAIR

    @property
    def regressions(self) -> tuple[Row, ...]:
        """The requirements for which the later of two reports fails the gate."""
        return tuple(row for row in self.rows if row.weight is Weight.REGRESSION)

    def changed(self, kind: Change) -> tuple[Row, ...]:
        """Return the requirements with this kind of change; those that count come first."""
        found = [row for row in self.rows if row.change is kind]
        return tuple(sorted(found, key=lambda row: row.weight is Weight.NONE))

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison in the shape of ``spec/compare.schema.json``."""
        changes = Counter(row.change for row in self.rows)
        return {
            "schemaVersion": SCHEMA_VERSION,
            "tool": {"name": TOOL, "version": __version__},
            "failOn": str(self.fail_on),
            "requireEvidence": self.require_evidence,
            "verdict": None if self.upshot is None else str(self.upshot),
            "reason": self.reason,
            "notes": list(self.notes),
            "changes": {str(kind): changes[kind] for kind in Change} if self.is_pair else None,
            "reports": [
                _side(title, side) for title, side in zip(self.titles, self.sides, strict=True)
            ],
            "requirements": [self._row(row) for row in self.rows],
        }

    def _row(self, row: Row) -> dict[str, Any]:
        pair = {
            "change": str(row.change),
            "weight": str(row.weight),
            "newFingerprints": list(row.new_kinds),
            "goneFingerprints": list(row.gone_kinds),
            "newQueries": list(row.new_queries),
            "goneQueries": list(row.gone_queries),
        }
        return {
            "id": row.id,
            "level": str(row.latest.level),
            "statement": row.latest.statement,
            "differs": row.differs,
            **(pair if self.is_pair else {}),
            "outcomes": [None if cell is None else _cell(cell) for cell in row.cells],
        }


def _side(title: str, side: Side) -> dict[str, Any]:
    counts = side.counts()
    return {
        "title": title,
        "file": side.file or None,
        "tool": {"version": side.tool},
        "contract": {"version": side.contract, "sha256": side.sha256},
        "target": {"url": side.target},
        "started": side.started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "durationSeconds": side.duration,
        "seed": side.seed,
        "profile": side.profile,
        "verdict": str(side.conclusion),
        "reason": side.reason,
        "interrupted": side.interrupted,
        "requests": side.requests,
        "summary": {
            "passed": counts[Outcome.PASSED],
            "failed": counts[Outcome.FAILED],
            "known": side.known,
            "inconclusive": counts[Outcome.INCONCLUSIVE],
            "notApplicable": counts[Outcome.NOT_APPLICABLE],
            "error": counts[Outcome.ERROR],
        },
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "level": str(cell.level),
        "outcome": str(cell.outcome),
        "known": cell.known,
        "reason": cell.reason,
        "fingerprints": list(cell.fingerprints),
    }


def _ids(sides: Sequence[Side]) -> tuple[str, ...]:
    """Return all ids: by family, in the order of the report with most families, then by number."""
    ordered = sorted(sides, key=lambda side: len(side.families), reverse=True)
    families = list(dict.fromkeys(family for side in ordered for family in side.families))

    def place(name: str) -> tuple[int, int]:
        family, _, number = name.rpartition("-")
        return families.index(family), int(number)

    return tuple(sorted({name for side in sides for name in side.cells}, key=place))


def _conclude(rows: Sequence[Row]) -> tuple[Upshot, str]:
    worse = [row for row in rows if row.weight is Weight.REGRESSION]
    spread: dict[str, list[str]] = {}
    for row in worse:
        if row.spread_to:
            spread.setdefault(row.spread_to, []).append(row.id)
    failing = [row.id for row in worse if row.latest.failed and not row.spread_to]
    lost = [row.id for row in worse if not row.latest.failed]
    untold = [row.id for row in rows if row.weight is Weight.UNTOLD]
    uncounted = [row.id for row in rows if row.uncounted]
    verbs = "fails now but does" if len(uncounted) == 1 else "fail now but do"
    beside = f"{listed(uncounted, MOST_NAMED)} {verbs} not count"
    if worse:
        clauses = []
        if failing:
            plural = len(failing) > 1
            number = counted(len(failing), "requirement")
            counting = f" that count{'' if plural else 's'}" if uncounted else ""
            verb = "are" if plural else "is"
            ids = listed(failing, MOST_NAMED)
            clauses.append(f"{number}{counting} {verb} newly failing: {ids}")
        clauses += [f"{listed(ids, MOST_NAMED)} spread to {to}" for to, ids in spread.items()]
        if lost:
            start = "evidence" if clauses else "Evidence"
            ids = listed(lost, MOST_NAMED)
            clauses.append(f"{start} is required, but was lost for {ids}")
        if uncounted:
            clauses.append(beside)
        return Upshot.REGRESSION, f"{'; '.join(clauses)}."
    if untold:
        return Upshot.UNTOLD, (
            "No regression was found, but a run ended early, so a regression cannot be ruled out "
            f"for {counted(len(untold), 'requirement')}: {listed(untold, MOST_NAMED)}."
        )
    if not any(row.differs for row in rows):
        return Upshot.NO_REGRESSION, "Nothing changed."
    sentence = "Nothing is newly failing"
    if uncounted:
        sentence = f"Nothing that counts is newly failing; {beside}"
    passing = [row.id for row in rows if row.change is Change.NEWLY_PASSING]
    if passing:
        # A separate sentence, so that the two lists do not run together.
        sentence += f". Newly passing: {listed(passing, MOST_NAMED)}"
    return Upshot.NO_REGRESSION, f"{sentence}."


def compare(
    *reports: Report | str | PathLike[str],
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool = False,
) -> Comparison:
    """Compare two or more reports; of two, the first is the earlier one.

    Args:
        reports: the reports, each as a ``Report`` or as the path of a JSON report.
        fail_on: the lowest requirement level whose new failure is a regression.
        require_evidence: whether a requirement that passed and is no longer decided is a
            regression, too.

    Raises:
        UsageError: there are fewer than two reports or more than 50, or one cannot be read.
    """
    if len(reports) < PAIR:
        raise UsageError(
            "compare needs at least two reports, the earlier one first; "
            "`run --json FILE` writes them"
        )
    if len(reports) > MOST:
        raise UsageError(f"compare accepts at most {MOST} reports; give fewer")
    level = choice(FailOn, fail_on, "fail_on")
    sides = [
        side(report.as_dict()) if isinstance(report, Report) else read(Path(report))
        for report in reports
    ]
    rows = tuple(_row(name, sides, level, require_evidence) for name in _ids(sides))
    upshot, reason = _conclude(rows) if len(sides) == PAIR else (None, _differences(rows, sides))
    return Comparison(
        sides=tuple(sides),
        titles=titles(sides),
        rows=rows,
        fail_on=level,
        require_evidence=require_evidence,
        upshot=upshot,
        reason=reason,
        notes=tuple(caveats(sides, names(sides))),
    )


def _row(name: str, sides: Sequence[Side], fail_on: FailOn, require_evidence: bool) -> Row:
    cells = tuple(side.cells.get(name) for side in sides)
    if len(cells) != PAIR:
        return Row(name, cells)
    weighed = weight(*cells, binding=binding_levels(fail_on), require_evidence=require_evidence)
    return Row(name, cells, change(*cells), weighed)


def _differences(rows: Sequence[Row], sides: Sequence[Side]) -> str:
    different = [row.id for row in rows if row.differs]
    if not different:
        return f"The {len(sides)} reports agree on every requirement."
    return (
        f"The {len(sides)} reports differ in {len(different)} of "
        f"{counted(len(rows), 'requirement')}: {listed(different, MOST_NAMED)}."
    )
