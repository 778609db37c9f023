"""Structure of the HTML report: requirements, and the matrix of documented queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.evidence.statistics import View
from conformance.report.render.differences import Part, marked
from conformance.report.render.parts import KNOWN, Mark, frequency
from conformance.report.report import Report

SIGNS = {Mark.GOOD: "✓", Mark.WARN: "?", Mark.BAD: "✗", Mark.TROUBLE: "!", Mark.OTHER: "≠"}
"""Beside the verdict."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The result of a requirement as readers see it, which is finer than its outcome."""

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
"""In order of importance for the reader."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, with the differences marked."""

    request: str
    observed: tuple[Part, ...]
    expected: tuple[Part, ...]
    seen: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Card:
    """A requirement with its result and its findings."""

    verdict: Verdict
    kind: Kind
    shown: tuple[Shown, ...]

    @property
    def id(self) -> str:
        """The id of the requirement, which is also its anchor in the page."""
        return self.verdict.requirement.id


@dataclass(frozen=True, slots=True)
class Family:
    """The requirements of a family, and the number of each kind."""

    name: str
    title: str
    cards: tuple[Card, ...]
    numbers: tuple[tuple[Kind, int], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A documented query in the matrix, and the requirements that its responses broke."""

    view: View
    broken: tuple[Card, ...]
    mark: Mark
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """Documented queries that differ only in the value of the last parameter."""

    values: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix of the documented queries.

    ``side`` holds the parameters whose values label the rows, ``top`` the parameter whose values
    (``columns``) label the columns. ``elsewhere`` holds the requirements that only other queries
    broke.
    """

    side: tuple[str, ...]
    top: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    elsewhere: tuple[Card, ...]


def cards(report: Report) -> tuple[Card, ...]:
    """Return the requirements in the order of the contract."""
    found = []
    for verdict in report.verdicts:
        counts = report.counts_against(verdict)
        kind = kind_of(verdict.outcome, known=verdict.known is not None, counts=counts)
        found.append(Card(verdict, kind, tuple(map(shown, verdict.findings))))
    return tuple(found)


def kind_of(outcome: Outcome, *, known: bool, counts: bool = True) -> Kind:
    """Return the kind of a result; a failure may be known, or not count because of its level."""
    if outcome is not Outcome.FAILED:
        return OTHERS[outcome]
    if known:
        return ACCEPTED
    return FAILED if counts else NOT_MET


def shown(finding: Finding) -> Shown:
    """Return a finding with the differences marked."""
    observed, expected = marked(finding.observed, finding.expected)
    return Shown(finding.request_line, observed, expected, frequency(finding), finding)


def families(found: tuple[Card, ...], titles: Mapping[str, str]) -> tuple[Family, ...]:
    """Group requirements by family; ``titles`` maps the names of families to their titles."""
    grouped = groupby(found, key=lambda card: card.verdict.requirement.family)
    parts = ((name, tuple(group)) for name, group in grouped)
    return tuple(Family(name, titles.get(name, ""), group, numbers(group)) for name, group in parts)


def numbers(found: tuple[Card, ...]) -> tuple[tuple[Kind, int], ...]:
    """Return the number of requirements of each kind that occurs."""
    counts = Counter(card.kind for card in found)
    return tuple((kind, counts[kind]) for kind in KINDS if counts[kind])


def broken(found: tuple[Card, ...]) -> tuple[Card, ...]:
    """Return the failed requirements; those that make the target non-conformant come first."""
    failed = [card for card in found if card.verdict.outcome is Outcome.FAILED]
    return tuple(sorted(failed, key=lambda card: KINDS.index(card.kind)))


def grid(report: Report, found: tuple[Card, ...]) -> Grid | None:
    """Return the matrix of the documented queries; ``None`` if none of them was sent."""
    if not report.views:
        return None
    failed = broken(found)
    # After an error, a query without a finding may still be broken.
    whole = all(card.verdict.outcome is not Outcome.ERROR for card in found)
    cells = [_cell(view, failed, whole=whole) for view in report.views]
    *side, top = report.views[0].values
    columns = tuple(dict.fromkeys(_value(view, top) for view in report.views))
    rows = groupby(cells, key=lambda cell: tuple(_value(cell.view, name) for name in side))
    return Grid(
        tuple(side),
        top,
        columns,
        tuple(Row(values, tuple(group)) for values, group in rows),
        tuple(card for card in failed if not card.verdict.queries),
    )


def _value(view: View, parameter: str) -> str:
    value = view.values[parameter]
    return "absent" if value is None else value


def _cell(view: View, failed: tuple[Card, ...], *, whole: bool) -> Cell:
    shows = tuple(card for card in failed if view.query in card.verdict.queries)
    if shows:
        kind = shows[0].kind
        return Cell(view, shows, kind.mark, kind.sign, "broken")
    if not view.asked:
        return Cell(view, (), Mark.OTHER, "-", "not sent")
    if not whole:
        return Cell(view, (), Mark.TROUBLE, "!", "not judged")
    if not view.decided:
        return Cell(view, (), Mark.OTHER, "-", "not decided")
    return Cell(view, (), Mark.GOOD, "✓", "no violation")
