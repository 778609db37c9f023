"""Render a comparison of reports as one self-contained HTML page without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.report.compare import parts
from conformance.report.compare.changes import Change, Weight
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.parts import ABSENT, LABELS, UPSHOTS, WAYS, Entry
from conformance.report.compare.side import Cell
from conformance.report.render import templating
from conformance.report.render.html_parts import SIGNS, Kind, Shown, kind_of, shown
from conformance.report.render.parts import Mark

OPENED = 3
"""Number of changes that are open when the page is loaded."""
MARKS = {
    Upshot.REGRESSION: Mark.BAD,
    Upshot.NO_REGRESSION: Mark.GOOD,
    Upshot.UNTOLD: Mark.TROUBLE,
    None: Mark.OTHER,
}
NOT_JUDGED = Kind(ABSENT, Mark.OTHER, "·")
_GOOD = frozenset({Change.NEWLY_PASSING, Change.EVIDENCE_GAINED})
_NEUTRAL = frozenset({Change.ADDED, Change.GONE, Change.UNDECIDED_OTHERWISE, None})


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a requirement in one report; ``letter`` marks equal kinds of failure."""

    cell: Cell | None
    kind: Kind
    letter: str


def render(comparison: Comparison) -> str:
    """Return a page that loads nothing, and in which everything from a report stays text."""
    differing = [row for row in comparison.rows if row.differs]
    sections = [("Differences", "differences", differing)] if differing else []
    opened: list[Row] = []
    if comparison.is_pair:
        changes = list(parts.differing(comparison))
        sections = [(LABELS[kind].capitalize(), str(kind), [*rows]) for kind, rows in changes]
        opened = [row for _, rows in changes for row in rows][:OPENED]
    mark = MARKS[comparison.upshot]
    return templating.page(
        "compare.html",
        styles=("report.css", "compare.css"),
        comparison=comparison,
        parts=parts,
        headline=UPSHOTS[comparison.upshot].capitalize(),
        mark=mark,
        sign_of_all=SIGNS[mark],
        which=parts.which(comparison),
        entries=list(_entries(comparison)),
        shared=parts.legend(comparison).shared,
        sections=sections,
        opened={row.id for row in opened},
        differing=differing,
        alike=[row for row in comparison.rows if not row.differs],
        mark_of=_mark,
        results=_results,
        example=_example,
        pieces=pieces,
        ways=WAYS if parts.lettered(comparison) else "",
    )


def pieces(title: str) -> list[str]:
    """Split a title after slashes and dots, where a line may be broken."""
    return re.findall(r"[^/.]*[/.]+|[^/.]+", title)


def _entries(comparison: Comparison) -> Iterator[tuple[str, Entry]]:
    """Yield the title of each report, and its entry without the facts that the title contains."""
    for title, entry in zip(comparison.titles, parts.legend(comparison).entries, strict=True):
        said = title.split(", ")
        yield title, replace(entry, facts=tuple(one for one in entry.facts if one not in said))


def _example(row: Row) -> Shown | None:
    """Return the finding of the last report that has one."""
    findings = [cell.finding for cell in row.cells if cell is not None and cell.finding]
    return shown(findings[-1]) if findings and row.change is not Change.KNOWN_CHANGED else None


def _mark(row: Row) -> Mark:
    if row.weight is Weight.REGRESSION:
        return Mark.BAD
    if row.weight is Weight.UNTOLD:
        return Mark.TROUBLE
    if row.change in _GOOD:
        return Mark.GOOD
    return Mark.OTHER if row.change in _NEUTRAL else Mark.WARN


def _results(row: Row) -> Sequence[_Result]:
    return [
        _Result(cell, kind_of(cell.outcome, known=cell.known is not None), letter)
        if cell is not None
        else _Result(None, NOT_JUDGED, letter)
        for cell, letter in zip(row.cells, parts.letters(row), strict=True)
    ]
