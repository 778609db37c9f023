"""A comparison of reports as one HTML page that needs nothing else, not even a script."""

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
    level,
    number,
    standing,
    word,
    words,
)
from conformance.report.compare.side import Cell
from conformance.report.render import templating
from conformance.report.render.differences import Part, marked
from conformance.report.render.html_parts import ACCEPTED, FAILED, OTHERS, Kind, Mark
from conformance.report.render.parts import asked
from conformance.report.report import TOOL

OPENED = 3
"""Changes that are open to begin with."""
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
class _Shown:
    """What one report says of a requirement; ``letter`` tells its ways to fail apart."""

    title: str
    cell: Cell | None
    kind: Kind
    letter: str


@dataclass(frozen=True, slots=True)
class _Example:
    """A finding of the last report that has one, with the differences marked."""

    asked: str
    observed: tuple[Part, ...]
    expected: tuple[Part, ...]
    pointer: str
    curl: str


@dataclass(frozen=True, slots=True)
class _Card:
    """A requirement of which the reports say different things."""

    row: Row
    level: str
    mark: Mark
    shown: tuple[_Shown, ...]
    example: _Example | None


@dataclass(frozen=True, slots=True)
class _Section:
    """What became of several requirements alike; ``number`` tells how many, and what counts."""

    label: str
    anchor: str
    number: str
    cards: tuple[_Card, ...]


def render(comparison: Comparison) -> str:
    """Return a page that asks for nothing, and in which whatever a report says stays text."""
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
        ways=WAYS if any(one.letter for card in cards for one in card.shown) else "",
        counted=counted,
        tool=TOOL,
    )


def pieces(title: str) -> list[str]:
    """Divide a title behind its slashes and dots, where a line may be broken."""
    return re.findall(r"[^/.]*[/.]+|[^/.]+", title)


def _entries(comparison: Comparison) -> Iterator[tuple[str, Entry]]:
    """Yield the title of each report, and what there is to say that the title does not."""
    for title, entry in zip(comparison.titles, legend(comparison).entries, strict=True):
        told = title.split(", ")
        yield title, replace(entry, facts=tuple(one for one in entry.facts if one not in told))


def _sections(comparison: Comparison) -> Iterator[_Section]:
    if comparison.is_pair:
        for kind, rows in differing(comparison):
            cards = tuple(_card(comparison, row) for row in rows)
            yield _Section(LABELS[kind].capitalize(), str(kind), number(rows), cards)
        return
    rows = tuple(row for row in comparison.rows if row.differs)
    if rows:
        cards = tuple(_card(comparison, row) for row in rows)
        yield _Section("What differs", "differences", number(rows), cards)


def _tables(comparison: Comparison) -> Iterator[tuple[str, list[tuple[Row, tuple[_Shown, ...]]]]]:
    """Yield the parts of the table of all requirements: what differs, and what does not."""
    which = "both" if comparison.is_pair else "all"
    for name, differs in (("What differs", True), (f"The same in {which}", False)):
        rows = [row for row in comparison.rows if row.differs is differs]
        yield name, [(row, _shown(comparison, row)) for row in rows]


def _card(comparison: Comparison, row: Row) -> _Card:
    example = None
    if row.change is not Change.KNOWN_CHANGED:
        failing = [cell for cell in row.cells if cell is not None and cell.finding is not None]
        example = _example(failing[-1]) if failing else None
    return _Card(row, standing(row), _mark(row), _shown(comparison, row), example)


def _mark(row: Row) -> Mark:
    if row.weight is Weight.REGRESSION:
        return Mark.BAD
    if row.weight is Weight.UNTOLD:
        return Mark.TROUBLE
    if row.change in _GOOD:
        return Mark.GOOD
    return Mark.OTHER if row.change in _NEUTRAL or row.change is None else Mark.WARN


def _shown(comparison: Comparison, row: Row) -> tuple[_Shown, ...]:
    return tuple(
        _Shown(title, cell, kind_of(cell), told.removeprefix(word(cell)).strip())
        for title, cell, told in zip(comparison.titles, row.cells, words(row), strict=True)
    )


def kind_of(cell: Cell | None) -> Kind:
    """Return what a report says of a requirement, as a reader sees it."""
    if cell is None:
        return NOT_JUDGED
    if cell.failed:
        return FAILED if cell.known is None else ACCEPTED
    return OTHERS[cell.outcome]


def _example(cell: Cell) -> _Example:
    assert cell.finding is not None  # noqa: S101 - see `_card`
    finding = cell.finding
    observed, expected = marked(finding.observed, finding.expected)
    return _Example(asked(finding), observed, expected, finding.pointer, finding.curl)
