"""Statistics of a run: response times, and how often each documented query was sent."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract.query import documented

if TYPE_CHECKING:
    from conformance.evidence.evidence import Evidence


BOUNDS = tuple(float(f"{10 ** (number / 10):.3g}") for number in range(-40, 41))
"""Of bins, in seconds: ten to a factor of ten, so that all are told apart equally well."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How many answers took at least ``start`` and less than ``end`` seconds."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """A distribution, in seconds.

    ``ninetieth`` of a hundred answers took no longer than that. The ``bins`` follow each other
    without a gap, from the shortest time to the longest; their bounds are the same in every run.
    """

    count: int
    shortest: float
    median: float
    ninetieth: float
    ninety_ninth: float
    longest: float
    bins: tuple[Bin, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/report.schema.json``."""
        return {
            "count": self.count,
            "shortest": self.shortest,
            "median": self.median,
            "p90": self.ninetieth,
            "p99": self.ninety_ninth,
            "longest": self.longest,
            "bins": [{"from": one.start, "to": one.end, "count": one.count} for one in self.bins],
        }


def of_answers(evidence: Evidence) -> Times | None:
    """Sum up how long the complete answers took that the accepted credential got."""
    return measured(read.elapsed for read in evidence.reads if read.trouble is None)


def measured(seconds: Iterable[float]) -> Times | None:
    """Sum up how long answers took; ``None`` where there were none."""
    ordered = sorted(max(one, BOUNDS[0]) for one in seconds)
    if not ordered:
        return None
    shortest, median, ninetieth, ninety_ninth, longest = (
        round(_share(ordered, share), 6) for share in (0, 0.5, 0.9, 0.99, 1)
    )
    return Times(len(ordered), shortest, median, ninetieth, ninety_ninth, longest, _bins(ordered))


def _share(ordered: Sequence[float], share: float) -> float:
    """Return the least value that this share of all does not exceed (nearest rank)."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _bins(ordered: Sequence[float]) -> tuple[Bin, ...]:
    numbers = Counter(min(bisect_right(BOUNDS, one), len(BOUNDS) - 1) for one in ordered)
    return tuple(
        Bin(BOUNDS[number - 1], BOUNDS[number], numbers[number])
        for number in range(min(numbers), max(numbers) + 1)
    )


@dataclass(frozen=True, slots=True)
class View:
    """A documented query and its answers.

    ``query`` is as on the wire, ``values`` are those of the contract's filter parameters in their
    order, ``None`` for one that is absent. ``asked`` counts reads with the accepted credential,
    ``answered`` those of them with a complete answer of status 200; ``providers`` is the length of
    the last one, ``None`` if it is no array.
    """

    query: str
    values: Mapping[str, str | None]
    asked: int
    answered: int
    providers: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/report.schema.json``."""
        return {
            "query": self.query,
            "values": dict(self.values),
            "asked": self.asked,
            "answered": self.answered,
            "providers": self.providers,
        }


def views(evidence: Evidence) -> tuple[View, ...]:
    """Return every documented query in the contract's order; none if none of them was asked."""
    found = []
    parameters = [item.parameter for item in evidence.contract.filters]
    for query in documented(evidence.contract):
        reads = [read for read in evidence.documented if read.query == query]
        complete = [read for read in reads if read.ok]
        last = complete[-1] if complete else None
        given = dict(query.pairs)
        found.append(
            View(
                query.wire,
                {name: given.get(name) for name in parameters},
                len(reads),
                len(complete),
                len(last.value) if last is not None and last.listing else None,
            )
        )
    return tuple(found) if any(view.asked for view in found) else ()
