"""How a comparison of reports is divided and worded, for the renderers that show it to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.checks.verdict import Finding, Outcome
from conformance.core.text import clipped, visible
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.side import Cell, Side
from conformance.report.compare.titles import file_names, marks, times
from conformance.report.render.parts import HEADLINES, KNOWN, ranges

ABSENT = "not judged"
LABELS = {
    Change.NEWLY_FAILING: "newly failing",
    Change.EVIDENCE_LOST: "evidence lost",
    Change.OTHER_FAILURE: "failing in another way",
    Change.KNOWN_CHANGED: "known to fail in one report only",
    Change.UNCONFIRMED: "failure not confirmed",
    Change.NEWLY_PASSING: "newly passing",
    Change.EVIDENCE_GAINED: "now decided",
    Change.UNDECIDED_OTHERWISE: "not decided for another reason",
    Change.ADDED: "only in the later report",
    Change.GONE: "only in the earlier report",
}
ONE_BY_ONE = frozenset(
    {Change.NEWLY_FAILING, Change.OTHER_FAILURE, Change.KNOWN_CHANGED, Change.NEWLY_PASSING}
)
"""What is told of each requirement by itself; of the others several are told together."""
UPSHOTS = {
    Upshot.REGRESSION: "regression",
    Upshot.NO_REGRESSION: "no regression",
    Upshot.UNTOLD: "cannot be told",
    None: "side by side",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WAYS = "A letter tells which reports have the same ways to fail."
LONGEST = 200
"""Characters of a text; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One report in the legend; ``facts`` are those that not all reports have in common."""

    mark: str
    file: str
    facts: tuple[str, ...]
    started: str
    headline: str
    counts: str


@dataclass(frozen=True, slots=True)
class Legend:
    """Which reports are compared, and what they have in common."""

    entries: tuple[Entry, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Requirements of which the same became, for the same reason."""

    ids: tuple[str, ...]
    outcomes: str
    reason: str

    @property
    def names(self) -> str:
        """The ids, runs of neighbours shortened."""
        return ", ".join(ranges(self.ids))


def word(cell: Cell | None) -> str:
    """Return what a report says of a requirement, in a word or two."""
    if cell is None:
        return ABSENT
    return KNOWN if cell.failed and cell.known is not None else str(cell.outcome)


def words(row: Row) -> tuple[str, ...]:
    """Return what each report says of a requirement.

    Where it fails in different ways, a letter tells which reports have the same ones.
    """
    ways = dict.fromkeys(
        frozenset(cell.fingerprints) for cell in row.cells if cell is not None and cell.fingerprints
    )
    letters = dict(zip(ways, LETTERS, strict=False)) if len(ways) > 1 else {}
    found = []
    for cell in row.cells:
        way = frozenset() if cell is None else frozenset(cell.fingerprints)
        found.append(f"{word(cell)} {letters[way]}" if way in letters else word(cell))
    return tuple(found)


def cut(text: str) -> str:
    """Return a text of a report in one line that prints and is not too long."""
    return clipped(visible(text[: LONGEST + 1]), LONGEST)


def shortened(finding: Finding) -> Finding:
    """Return a finding whose texts are not too long, and whose command is whole."""
    return replace(
        finding,
        message=cut(finding.message),
        observed=cut(finding.observed),
        pointer=cut(finding.pointer),
        expected=cut(finding.expected),
    )


def legend(comparison: Comparison) -> Legend:
    """Return which reports are compared, and what tells them apart."""
    sides = comparison.sides
    told: Sequence[Callable[[Side], str]] = (
        lambda side: cut(side.target),
        lambda side: f"contract {cut(side.contract)}",
        lambda side: f"profile {side.profile}",
        lambda side: f"tool {cut(side.tool)}",
    )
    shared = [tell(sides[0]) for tell in told if len({tell(side) for side in sides}) == 1]
    names = file_names([side.file for side in sides])
    entries = [
        Entry(
            mark=mark,
            file=cut(name),
            facts=tuple(tell(side) for tell in told if tell(side) not in shared),
            started=f"{started} UTC",
            headline="interrupted" if side.interrupted else HEADLINES[side.conclusion],
            counts=_counts(side.cells.values()),
        )
        for mark, name, started, side in zip(marks(sides), names, times(sides), sides, strict=True)
    ]
    return Legend(tuple(entries), tuple(shared))


def _counts(cells: Iterable[Cell]) -> str:
    words = [word(cell) for cell in cells]
    known = [*Outcome, KNOWN]
    return ", ".join(f"{words.count(one)} {one}" for one in known if one in words)


def transition(row: Row) -> str:
    """Return the outcomes of a requirement in two reports."""
    before, after = row.cells
    return f"{word(before)} → {word(after)}"


def level(row: Row) -> str:
    """Return the level of a requirement, and the one that it had before."""
    former = row.former_level
    return str(row.latest.level) + (f" (was {former})" if former else "")


def standing(row: Row) -> str:
    """Return the level of a requirement, and whether its new failure does not count."""
    return f"{level(row)}, does not count" if row.uncounted else level(row)


def number(rows: Sequence[Row]) -> str:
    """Return the number of requirements of which the same became, and how many do not count."""
    uncounted = sum(row.uncounted for row in rows)
    if not uncounted:
        return str(len(rows))
    verb = "does" if uncounted == 1 else "do"
    return f"{len(rows)}, of which {uncounted} {verb} not count"


def kinds(row: Row) -> str:
    """Say by which fingerprints the ways to fail differ; empty where they do not."""
    told = (("new", row.new_kinds), ("gone", row.gone_kinds))
    return "; ".join(f"{what} {', '.join(some[:6])}" for what, some in told if some)


def together(rows: Iterable[Row]) -> tuple[Together, ...]:
    """Return requirements of which the same became together, in the order of the first ones."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        before, after = row.cells
        present = [cell for cell in (before, after) if cell is not None]
        outcomes = transition(row) if len(present) > 1 else word(present[0])
        reason = present[-1].reason if present[-1].open else ""
        grouped.setdefault((outcomes, reason), []).append(row.id)
    return tuple(Together(tuple(ids), *key) for key, ids in grouped.items())


def alike(comparison: Comparison) -> tuple[Together, ...]:
    """Return what does not differ, by what is said of it."""
    grouped: dict[str, list[str]] = {}
    for row in comparison.rows:
        if not row.differs:
            grouped.setdefault(word(row.latest), []).append(row.id)
    order = [*map(str, Outcome), KNOWN]
    return tuple(Together(tuple(grouped[one]), one, "") for one in order if one in grouped)


def differing(comparison: Comparison) -> Iterator[tuple[Change, tuple[Row, ...]]]:
    """Yield what became of requirements from the earlier report to the later, worst first."""
    for kind in LABELS:
        rows = comparison.changed(kind)
        if rows:
            yield kind, rows
