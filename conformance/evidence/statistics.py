"""Statistics of a run: response times, and how often each documented query was sent."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract.filter_oracle import readings
from conformance.contract.query import Query, documented
from conformance.core.memo import remembered

if TYPE_CHECKING:
    from conformance.evidence.evidence import Evidence


BOUNDS = tuple(float(f"{10 ** (number / 10):.3g}") for number in range(-40, 41))
"""Bounds of the bins in seconds, ten per factor of ten, equally spaced on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The number of responses that took at least ``start`` and less than ``end`` seconds."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """The distribution of response times, in seconds.

    ``ninetieth`` and ``ninety_ninth`` are percentiles. The ``bins`` are contiguous from the
    shortest to the longest time; their bounds are the same in every run.
    """

    count: int
    shortest: float
    median: float
    ninetieth: float
    ninety_ninth: float
    longest: float
    bins: tuple[Bin, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``spec/report.schema.json`` describes."""
        return {
            "count": self.count,
            "shortest": self.shortest,
            "median": self.median,
            "p90": self.ninetieth,
            "p99": self.ninety_ninth,
            "longest": self.longest,
            "bins": [{"from": one.start, "to": one.end, "count": one.count} for one in self.bins],
        }


def response_times(evidence: Evidence) -> Times | None:
    """Summarise the times of all complete responses to reads with the accepted credential.

    Return ``None`` if there are none.
    """
    return summarize(read.elapsed for read in evidence.reads if read.trouble is None)


def summarize(seconds: Iterable[float]) -> Times | None:
    """Summarise response times, given in seconds; return ``None`` if there are none."""
    ordered = sorted(max(one, BOUNDS[0]) for one in seconds)
    if not ordered:
        return None
    # Quantiles by the nearest-rank method.
    shortest, median, ninetieth, ninety_ninth, longest = (
        round(ordered[max(math.ceil(share * len(ordered)) - 1, 0)], 6)
        for share in (0, 0.5, 0.9, 0.99, 1)
    )
    numbers = Counter(min(bisect_right(BOUNDS, one), len(BOUNDS) - 1) for one in ordered)
    bins = tuple(
        Bin(BOUNDS[number - 1], BOUNDS[number], numbers[number])
        for number in range(min(numbers), max(numbers) + 1)
    )
    return Times(len(ordered), shortest, median, ninetieth, ninety_ninth, longest, bins)


@dataclass(frozen=True, slots=True)
class View:
    """A documented query and a summary of its responses.

    ``query`` is the query string. ``values`` maps the contract's filter parameters, in their order,
    to their values, ``None`` if absent. ``asked`` counts the reads with the accepted credential,
    ``answered`` the complete 200 responses to them. ``providers`` is the length of the last of
    these, ``None`` if it is not an array or there is none. ``decided`` is true if a mistake in one
    of its filters would have changed its result.
    """

    query: str
    values: Mapping[str, str | None]
    asked: int
    answered: int
    providers: int | None
    decided: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``spec/report.schema.json`` describes."""
        return asdict(self)


def views(evidence: Evidence) -> tuple[View, ...]:
    """Return a summary of every documented query, in the contract's order.

    The result is empty if none of them was sent.
    """
    found = []
    parameters = [item.parameter for item in evidence.contract.filters]
    for query in documented(evidence.contract):
        reads = [read for read in evidence.documented if read.query == query]
        complete = [read for read in reads if read.ok]
        values = {name: dict(query.pairs).get(name) for name in parameters}
        last = complete[-1] if complete else None
        providers = len(last.value) if last is not None and last.listing else None
        decided = providers is not None and _is_decided(evidence, query)
        found.append(View(query.wire, values, len(reads), len(complete), providers, decided))
    return tuple(found) if any(view.asked for view in found) else ()


def _is_decided(evidence: Evidence, query: Query) -> bool:
    """Whether each filter of a documented query leaves out a provider that the others select."""
    known = [dict(kind) for kind in _kinds(evidence)]
    (reading,) = readings(evidence.contract, query)
    narrow = [one for one in reading.conditions if one.true_only or one.equal_to is not None]
    return bool(known) and all(
        any(
            condition.keeps(provider) is False
            and all(other.keeps(provider) for other in narrow if other is not condition)
            for provider in known
        )
        for condition in narrow
    )


@remembered
def _kinds(evidence: Evidence) -> frozenset[tuple[tuple[str, object], ...]]:
    """Return the distinct values that the filters look at, of all providers."""
    names = [item.property for item in evidence.contract.filters]
    return frozenset(
        tuple((name, provider.get(name)) for name in names)
        for provider in evidence.providers.values()
        if all(isinstance(provider.get(name), str | bool) for name in names)
    )
