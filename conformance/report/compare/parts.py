"""Structure and wording that the renderers of comparisons share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.verdict import Finding
from conformance.contract.query import Query
from conformance.core.text import listed
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.side import Cell, Side
from conformance.report.compare.titles import file_names, marks, times
from conformance.report.render.parts import (
    ABOUT_CLIENTS,
    ABOUT_SERVERS,
    HEADLINES,
    KNOWN,
    RESULTS,
    cut,
    ranges,
    shortened,
)

ABSENT = "not judged"
LABELS = {
    Change.NEWLY_FAILING: "newly failing",
    Change.SPREAD: "spread to other queries",
    Change.EVIDENCE_LOST: "evidence lost",
    Change.OTHER_FAILURE: "failing in another way",
    Change.KNOWN_CHANGED: "known to fail in one report only",
    Change.SHRUNK: "failing for fewer queries",
    Change.UNCONFIRMED: "failure not confirmed",
    Change.NEWLY_PASSING: "newly passing",
    Change.EVIDENCE_GAINED: "now decided",
    Change.UNDECIDED_OTHERWISE: "not decided for another reason",
    Change.ADDED: "only in the later report",
    Change.GONE: "only in the earlier report",
}
ONE_BY_ONE = frozenset(
    {
        Change.NEWLY_FAILING,
        Change.SPREAD,
        Change.OTHER_FAILURE,
        Change.KNOWN_CHANGED,
        Change.SHRUNK,
        Change.NEWLY_PASSING,
    }
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One report in the legend; ``facts`` are those that differ among the reports."""

    mark: str
    file: str
    facts: tuple[str, ...]
    started: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Legend:
    """The compared reports, and the facts that they share."""

    entries: tuple[Entry, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Requirements with the same outcomes for the same reason."""

    names: str
    """The ids, with consecutive ones as ranges."""
    outcomes: str
    reason: str = ""


def word(cell: Cell | None) -> str:
    """Return the result of a requirement in one report, in a word or two."""
    if cell is None:
        return ABSENT
    return KNOWN if cell.failed and cell.known is not None else str(cell.outcome)


def letters(row: Row) -> tuple[str, ...]:
    """Return equal letters for reports with the same kinds of failure.

    A letter is empty if the report lists no kinds; all are if no two reports have different kinds.
    """
    found = [
        frozenset((*cell.fingerprints, *cell.queries) if cell and cell.fingerprints else ())
        for cell in row.cells
    ]
    ways = dict.fromkeys(filter(None, found))
    known = dict(zip(ways, LETTERS, strict=False)) if len(ways) > 1 else {}
    return tuple(known.get(way, "") for way in found)


def words(row: Row) -> tuple[str, ...]:
    """Return the result of a requirement in each report, with its letter if it has one."""
    pairs = zip(row.cells, letters(row), strict=True)
    return tuple(f"{word(cell)} {letter}".rstrip() for cell, letter in pairs)


def lettered(comparison: Comparison) -> bool:
    """Return whether the result of any requirement has a letter."""
    return any(any(letters(row)) for row in comparison.rows)


def example(row: Row) -> Finding | None:
    """Return a failure in the later report, cut to size.

    There is none for a failure that merely became known, or is no longer known.
    """
    finding = None if row.change is Change.KNOWN_CHANGED else row.latest.finding
    return finding and shortened(finding)


def of_clients(comparison: Comparison) -> bool:
    """Return whether all reports are about clients."""
    return all(side.of_client for side in comparison.sides)


def labels(comparison: Comparison, row: Row) -> tuple[str, str]:
    """Return the labels of the two parts of a finding before what is expected."""
    pairs = zip(comparison.sides, row.cells, strict=True)
    of_client = any(side.of_client for side, cell in pairs if cell is not None)
    return ABOUT_CLIENTS if of_client else ABOUT_SERVERS


def legend(comparison: Comparison) -> Legend:
    """Return the compared reports, with the facts that differ and those that they share."""
    sides = comparison.sides
    facts: Sequence[Callable[[Side], str]] = (
        lambda side: cut(side.target),
        lambda side: f"contract {cut(side.contract)}",
        # Only runs on servers have a profile.
        lambda side: "" if side.of_client else f"profile {side.profile}",
        lambda side: f"tool {cut(side.tool)}",
    )
    shared = [fact(sides[0]) for fact in facts if len({fact(side) for side in sides}) == 1]
    shared = [text for text in shared if text]
    names = file_names([side.file for side in sides])
    entries = [
        Entry(
            mark=mark,
            file=cut(name),
            facts=tuple(fact(side) for fact in facts if fact(side) and fact(side) not in shared),
            started=f"{started} UTC",
            verdict=_verdict(side),
        )
        for mark, name, started, side in zip(marks(sides), names, times(sides), sides, strict=True)
    ]
    return Legend(tuple(entries), tuple(shared))


def _verdict(side: Side) -> str:
    numbers = Counter(map(word, side.cells.values()))
    counts = ", ".join(f"{numbers[one]} {one}" for one in RESULTS if one in numbers)
    result = "baseline does not fit" if side.misfit else HEADLINES[side.conclusion]
    return f"{'interrupted' if side.interrupted else result}: {counts}"


def which(comparison: Comparison) -> str:
    """Return the word for all reports together."""
    return "both" if comparison.is_pair else "all"


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
    """Return new and gone queries and fingerprints as text; empty if there are none."""
    queries = (("now also for", row.new_queries), ("no longer for", row.gone_queries))
    groups = (("new", row.new_kinds), ("gone", row.gone_kinds))
    return "; ".join(
        [
            *(
                f"{label} {listed([str(Query(one)) for one in some])}"
                for label, some in queries
                if some
            ),
            *(
                f"{label} fingerprint{'s' if len(some) > 1 else ''} {listed(some)}"
                for label, some in groups
                if some
            ),
        ]
    )


def together(rows: Iterable[Row]) -> tuple[Together, ...]:
    """Group requirements by outcomes and reason, in the order of their first members."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        before, after = row.cells
        present = [cell for cell in (before, after) if cell is not None]
        outcomes = transition(row) if len(present) > 1 else word(present[0])
        reason = present[-1].reason if present[-1].open else ""
        grouped.setdefault((outcomes, reason), []).append(row.id)
    return tuple(Together(ranges(ids), *key) for key, ids in grouped.items())


def alike(comparison: Comparison) -> tuple[Together, ...]:
    """Return the requirements that do not differ, grouped by result."""
    grouped: dict[str, list[str]] = {}
    for row in comparison.rows:
        if not row.differs:
            grouped.setdefault(word(row.latest), []).append(row.id)
    return tuple(Together(ranges(grouped[one]), one) for one in RESULTS if one in grouped)


def differing(comparison: Comparison) -> Iterator[tuple[Change, tuple[Row, ...]]]:
    """Yield each kind of change that occurred, with its requirements; the worst comes first."""
    for kind in LABELS:
        rows = comparison.changed(kind)
        if rows:
            yield kind, rows
