"""Render a comparison of reports as one self-contained HTML page without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.core.text import counted
from conformance.report.compare.changes import Change, Weight
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.parts import (
    ABSENT,
    LABELS,
    UPSHOTS,
    WAYS,
    Entry,
    differing,
    kinds,
    legend,
    lettered,
    level,
    number,
    standing,
    word,
    words,
)
from conformance.report.compare.side import Cell
from conformance.report.render import templating
from conformance.report.render.html_parts import ACCEPTED, FAILED, OTHERS, Kind, Mark, Shown, shown
from conformance.report.report import TOOL

OPENED = 3
"""Number of changes that are open when the page is loaded."""
MARKS = {
    Upshot.REGRESSION: Mark.BAD,
    Upshot.NO_REGRESSION: Mark.GOOD,
    Upshot.UNTOLD: Mark.TROUBLE,
    None: Mark.OTHER,
}
SIGNS = {Mark.GOOD: "✓", Mark.BAD: "✗", Mark.TROUBLE: "!", Mark.OTHER: "≠"}
NOT_JUDGED = Kind(ABSENT, Mark.OTHER, "·")
_GOOD = frozenset({Change.NEWLY_PASSING, Change.EVIDENCE_GAINED})
_NEUTRAL = frozenset({Change.ADDED, Change.GONE, Change.UNDECIDED_OTHERWISE})


@dataclass(frozen=True, slots=True)
class _Side:
    """The result of a requirement in one report; ``letter`` marks equal kinds of failure."""

    title: str
    cell: Cell | None
    kind: Kind
    letter: str


@dataclass(frozen=True, slots=True)
class _Card:
    """A requirement that the reports disagree about; ``example`` is the last report's finding."""

    row: Row
    level: str
    mark: Mark
    shown: tuple[_Side, ...]
    example: Shown | None


@dataclass(frozen=True, slots=True)
class _Section:
    """Requirements with the same change; ``number`` is how many, and how many do not count."""

    label: str
    anchor: str
    number: str
    cards: tuple[_Card, ...]


def render(comparison: Comparison) -> str:
    """Return a page that loads nothing, and in which everything from a report stays text."""
    sections = list(_sections(comparison))
    cards = [card for section in sections for card in section.cards]
    mark = MARKS[comparison.upshot]
    return templating.page(
        "compare.html",
        styles=("report.css", "compare.css"),
        comparison=comparison,
        headline=UPSHOTS[comparison.upshot].capitalize(),
        mark=mark,
        sign_of_all=SIGNS[mark],
        entries=list(_entries(comparison)),
        shared=legend(comparison).shared,
        sections=sections,
        opened={card.row.id for card in cards[:OPENED]} if comparison.is_pair else set(),
        rows=list(_tables(comparison)),
        level=level,
        kinds=kinds,
        pieces=pieces,
        ways=WAYS if lettered(comparison) else "",
        counted=counted,
        tool=TOOL,
    )


def pieces(title: str) -> list[str]:
    """Split a title after slashes and dots, where a line may be broken."""
    return re.findall(r"[^/.]*[/.]+|[^/.]+", title)


def _entries(comparison: Comparison) -> Iterator[tuple[str, Entry]]:
    """Yield the title of each report, and its entry without the facts that the title contains."""
    for title, entry in zip(comparison.titles, legend(comparison).entries, strict=True):
        parts = title.split(", ")
        yield title, replace(entry, facts=tuple(one for one in entry.facts if one not in parts))


def _sections(comparison: Comparison) -> Iterator[_Section]:
    if comparison.is_pair:
        for kind, rows in differing(comparison):
            cards = tuple(_card(comparison, row) for row in rows)
            yield _Section(LABELS[kind].capitalize(), str(kind), number(rows), cards)
        return
    rows = tuple(row for row in comparison.rows if row.differs)
    if rows:
        cards = tuple(_card(comparison, row) for row in rows)
        yield _Section("Differences", "differences", number(rows), cards)


def _tables(comparison: Comparison) -> Iterator[tuple[str, list[tuple[Row, tuple[_Side, ...]]]]]:
    """Yield the two parts of the table of all requirements: different and equal results."""
    which = "both" if comparison.is_pair else "all"
    for name, differs in (("Differences", True), (f"The same in {which}", False)):
        rows = [row for row in comparison.rows if row.differs is differs]
        yield name, [(row, _sides(comparison, row)) for row in rows]


def _card(comparison: Comparison, row: Row) -> _Card:
    example = None
    if row.change is not Change.KNOWN_CHANGED:
        findings = [cell.finding for cell in row.cells if cell is not None and cell.finding]
        example = shown(findings[-1]) if findings else None
    return _Card(row, standing(row), _mark(row), _sides(comparison, row), example)


def _mark(row: Row) -> Mark:
    if row.weight is Weight.REGRESSION:
        return Mark.BAD
    if row.weight is Weight.UNTOLD:
        return Mark.TROUBLE
    if row.change in _GOOD:
        return Mark.GOOD
    return Mark.OTHER if row.change in _NEUTRAL or row.change is None else Mark.WARN


def _sides(comparison: Comparison, row: Row) -> tuple[_Side, ...]:
    return tuple(
        _Side(title, cell, kind_of(cell), text.removeprefix(word(cell)).strip())
        for title, cell, text in zip(comparison.titles, row.cells, words(row), strict=True)
    )


def kind_of(cell: Cell | None) -> Kind:
    """Return the kind of result that a requirement has in a report."""
    if cell is None:
        return NOT_JUDGED
    if cell.failed:
        return FAILED if cell.known is None else ACCEPTED
    return OTHERS[cell.outcome]
