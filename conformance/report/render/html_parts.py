"""How a report is divided for its HTML page: requirements, and the two pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.evidence.statistics import View
from conformance.report.render.differences import Part, marked
from conformance.report.render.parts import KNOWN, asked
from conformance.report.report import Report


class Mark(StrEnum):
    """The colours by meaning, which are classes of ``base.css``."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    TROUBLE = "trouble"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Kind:
    """What became of a requirement, as a reader sees it: finer than its outcome."""

    name: str
    mark: Mark
    sign: str


FAILED = Kind("failed", Mark.BAD, "✗")
NOT_MET = Kind("not met", Mark.WARN, "✗")
ACCEPTED = Kind(KNOWN, Mark.WARN, "✗")
OTHERS = {
    Outcome.ERROR: Kind("error", Mark.TROUBLE, "!"),
    Outcome.INCONCLUSIVE: Kind("inconclusive", Mark.OTHER, "?"),
    Outcome.NOT_APPLICABLE: Kind("not applicable", Mark.OTHER, "-"),
    Outcome.PASSED: Kind("passed", Mark.GOOD, "✓"),
}
KINDS = (FAILED, NOT_MET, ACCEPTED, *OTHERS.values())
"""In the order of what a reader looks for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, with the differences marked."""

    asked: str
    observed: tuple[Part, ...]
    expected: tuple[Part, ...]
    finding: Finding


@dataclass(frozen=True, slots=True)
class Card:
    """A requirement and what is to be said of it."""

    verdict: Verdict
    kind: Kind
    shown: tuple[Shown, ...]

    @property
    def id(self) -> str:
        """Its id, which is its address in the page, too."""
        return self.verdict.requirement.id


@dataclass(frozen=True, slots=True)
class Family:
    """The requirements of a family, and how many there are of each kind."""

    name: str
    title: str
    cards: tuple[Card, ...]
    numbers: tuple[tuple[Kind, int], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A documented query in the matrix: what its answers broke, if anything."""

    view: View
    broken: tuple[Card, ...]
    mark: Mark
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """The documented queries that have all values in common but the last."""

    values: tuple[str | None, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix of the documented queries.

    ``side`` are the parameters whose values stand at the side, ``top`` is the one whose ``columns``
    stand above. ``elsewhere`` are requirements that were broken, but by no documented query.
    """

    side: tuple[str, ...]
    top: str
    columns: tuple[str | None, ...]
    rows: tuple[Row, ...]
    elsewhere: tuple[Card, ...]


def cards(report: Report) -> tuple[Card, ...]:
    """Return the requirements in the order of the contract."""
    return tuple(
        Card(verdict, kind_of(report, verdict), tuple(map(_shown, verdict.findings)))
        for verdict in report.verdicts
    )


def kind_of(report: Report, verdict: Verdict) -> Kind:
    """Return what became of a requirement."""
    if verdict.outcome is not Outcome.FAILED:
        return OTHERS[verdict.outcome]
    if verdict.known is not None:
        return ACCEPTED
    return FAILED if report.counts_against(verdict) else NOT_MET


def _shown(finding: Finding) -> Shown:
    observed, expected = marked(finding.observed, finding.expected)
    return Shown(asked(finding), observed, expected, finding)


def families(found: tuple[Card, ...], titles: Mapping[str, str]) -> tuple[Family, ...]:
    """Return the requirements by family; ``titles`` are those of the families by name."""
    grouped = groupby(found, key=lambda card: card.verdict.requirement.family)
    parts = ((name, tuple(group)) for name, group in grouped)
    return tuple(Family(name, titles.get(name, ""), group, numbers(group)) for name, group in parts)


def numbers(found: tuple[Card, ...]) -> tuple[tuple[Kind, int], ...]:
    """Return how many requirements there are of each kind, without those that have none."""
    counts = Counter(card.kind for card in found)
    return tuple((kind, counts[kind]) for kind in KINDS if counts[kind])


def broken(found: tuple[Card, ...]) -> tuple[Card, ...]:
    """Return the failed requirements, first those that make the target non-conformant."""
    failed = [card for card in found if card.verdict.outcome is Outcome.FAILED]
    return tuple(sorted(failed, key=lambda card: KINDS.index(card.kind)))


def grid(report: Report, found: tuple[Card, ...]) -> Grid | None:
    """Return the matrix of the documented queries; ``None`` where none of them was asked."""
    if not report.views:
        return None
    failed = broken(found)
    # What was not judged at all may be broken as well.
    whole = all(card.verdict.outcome is not Outcome.ERROR for card in found)
    cells = [_cell(view, failed, whole=whole) for view in report.views]
    *side, top = report.views[0].values
    columns = tuple(dict.fromkeys(view.values[top] for view in report.views))
    rows = groupby(cells, key=lambda cell: tuple(cell.view.values[name] for name in side))
    return Grid(
        tuple(side),
        top,
        columns,
        tuple(Row(values, tuple(group)) for values, group in rows),
        tuple(card for card in failed if not card.verdict.queries),
    )


def _cell(view: View, failed: tuple[Card, ...], *, whole: bool) -> Cell:
    shows = tuple(card for card in failed if view.query in card.verdict.queries)
    if shows:
        kind = shows[0].kind
        return Cell(view, shows, kind.mark, kind.sign, "broken")
    if not view.asked:
        return Cell(view, (), Mark.OTHER, "-", "not asked")
    if not whole:
        return Cell(view, (), Mark.TROUBLE, "!", "not judged")
    return Cell(view, (), Mark.GOOD, "✓", "nothing wrong")


def described(values: tuple[str | None, ...]) -> Iterator[str]:
    """Yield the values of a row or column; one that is absent is said to be."""
    for value in values:
        yield "absent" if value is None else value
