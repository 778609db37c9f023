"""Structure and wording that the renderers of comparisons share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.checks.verdict import Finding, Outcome
from conformance.core.text import clipped, listed, visible
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.side import Cell, Side
from conformance.report.compare.titles import file_names, marks, times
from conformance.report.render.parts import HEADLINES, KNOWN, ranges, request_line

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
"""Changes that are shown for each requirement; other changes are grouped."""
UPSHOTS = {
    Upshot.REGRESSION: "regression",
    Upshot.NO_REGRESSION: "no regression",
    Upshot.UNTOLD: "inconclusive",
    None: "side by side",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WAYS = "Reports with the same letter fail in the same way."
LONGEST = 200
"""Characters of a text; longer texts are cut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One report in the legend; ``facts`` are those that differ among the reports."""

    mark: str
    file: str
    facts: tuple[str, ...]
    started: str
    headline: str
    counts: str


@dataclass(frozen=True, slots=True)
class Legend:
    """The compared reports, and the facts that they share."""

    entries: tuple[Entry, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Requirements with the same outcomes for the same reason."""

    ids: tuple[str, ...]
    outcomes: str
    reason: str

    @property
    def names(self) -> str:
        """The ids, with consecutive ones as ranges."""
        return ", ".join(ranges(self.ids))


def word(cell: Cell | None) -> str:
    """Return the result of a requirement in one report, in a word or two."""
    if cell is None:
        return ABSENT
    return KNOWN if cell.failed and cell.known is not None else str(cell.outcome)


def words(row: Row) -> tuple[str, ...]:
    """Return the result of a requirement in each report.

    If the reports have different kinds of failure, equal letters mark reports with the same kinds.
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


def lettered(comparison: Comparison) -> bool:
    """Return whether ``words`` adds a letter to the result of any requirement."""
    return any(words(row) != tuple(map(word, row.cells)) for row in comparison.rows)


def cut(text: str) -> str:
    """Return a text of a report as one printable line of bounded length."""
    return clipped(visible(text[: LONGEST + 1]), LONGEST)


@dataclass(frozen=True, slots=True)
class LaterResult:
    """Details of a requirement in the later report, as one printable line of bounded length each.

    ``known`` is the reason why the failure does not count, ``kinds`` the fingerprints that differ
    from the earlier report; both may be empty. ``finding`` is an example of a failure.
    """

    id: str
    known: str
    kinds: str
    finding: Finding | None

    @property
    def request(self) -> str:
        """Method, path and query of the finding's request."""
        return "" if self.finding is None else request_line(self.finding)


def later_result(row: Row) -> LaterResult:
    """Return the details of a requirement in the later report.

    A failure that merely became known, or is no longer known, has no ``finding``.
    """
    finding = None if row.change is Change.KNOWN_CHANGED else row.latest.finding
    return LaterResult(
        id=row.id,
        known=cut(row.latest.known or ""),
        kinds=kinds(row),
        finding=None if finding is None else _shortened(finding),
    )


def _shortened(finding: Finding) -> Finding:
    """Return a finding with its texts cut; the command is kept as a whole."""
    return replace(
        finding,
        message=cut(finding.message),
        observed=cut(finding.observed),
        pointer=cut(finding.pointer),
        expected=cut(finding.expected),
    )


def legend(comparison: Comparison) -> Legend:
    """Return the compared reports, with the facts that differ and those that they share."""
    sides = comparison.sides
    facts: Sequence[Callable[[Side], str]] = (
        lambda side: cut(side.target),
        lambda side: f"contract {cut(side.contract)}",
        lambda side: f"profile {side.profile}",
        lambda side: f"tool {cut(side.tool)}",
    )
    shared = [fact(sides[0]) for fact in facts if len({fact(side) for side in sides}) == 1]
    names = file_names([side.file for side in sides])
    entries = [
        Entry(
            mark=mark,
            file=cut(name),
            facts=tuple(fact(side) for fact in facts if fact(side) not in shared),
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
    """Return the level of a requirement, and its former level if that was different."""
    former = row.former_level
    return str(row.latest.level) + (f" (was {former})" if former else "")


def standing(row: Row) -> str:
    """Return the level of a requirement, with a remark if its new failure does not count."""
    return f"{level(row)}, does not count" if row.uncounted else level(row)


def number(rows: Sequence[Row]) -> str:
    """Return the number of requirements as text, and how many of them do not count."""
    uncounted = sum(row.uncounted for row in rows)
    if not uncounted:
        return str(len(rows))
    if uncounted == len(rows):
        return f"{len(rows)}, not counted"
    return f"{len(rows)}, {uncounted} of them not counted"


def kinds(row: Row) -> str:
    """Return new and gone fingerprints as text; empty if there are none."""
    groups = (("new", row.new_kinds), ("gone", row.gone_kinds))
    return "; ".join(f"{label} {_fingerprints(some)}" for label, some in groups if some)


def _fingerprints(kinds: Sequence[str]) -> str:
    noun = "fingerprint" if len(kinds) == 1 else "fingerprints"
    return f"{noun} {listed(kinds)}"


def together(rows: Iterable[Row]) -> tuple[Together, ...]:
    """Group requirements by outcomes and reason, in the order of their first members."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        before, after = row.cells
        present = [cell for cell in (before, after) if cell is not None]
        outcomes = transition(row) if len(present) > 1 else word(present[0])
        reason = present[-1].reason if present[-1].open else ""
        grouped.setdefault((outcomes, reason), []).append(row.id)
    return tuple(Together(tuple(ids), *key) for key, ids in grouped.items())


def alike(comparison: Comparison) -> tuple[Together, ...]:
    """Return the requirements that do not differ, grouped by result."""
    grouped: dict[str, list[str]] = {}
    for row in comparison.rows:
        if not row.differs:
            grouped.setdefault(word(row.latest), []).append(row.id)
    order = [*map(str, Outcome), KNOWN]
    return tuple(Together(tuple(grouped[one]), one, "") for one in order if one in grouped)


def differing(comparison: Comparison) -> Iterator[tuple[Change, tuple[Row, ...]]]:
    """Yield each kind of change that occurred, with its requirements; the worst comes first."""
    for kind in LABELS:
        rows = comparison.changed(kind)
        if rows:
            yield kind, rows
