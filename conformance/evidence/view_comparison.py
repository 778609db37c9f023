"""Compare filtered results with the unfiltered list that was read before and after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from operator import getitem
from typing import Any, TypeVar, cast

from conformance.contract.filter_oracle import (
    Reading,
    is_documented,
    only_known_parameters,
    readings,
)
from conformance.contract.query import Query
from conformance.core.memo import remembered
from conformance.core.strict_json import Element
from conformance.core.text import clipped, format_value_at, pointer, visible
from conformance.evidence.churn import ordered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import by_name, filtered_by, names_by_kind, repeated_names
from conformance.evidence.spans import Span

_Key = TypeVar("_Key")

CONFIRMATIONS = 5
"""Comparisons in a row that must show a difference before it counts.

Between two reads of the unfiltered list, a provider may change and change back. It does not do so
every time.
"""
KEPT_CHANGING = "the target kept changing while it was read, so its responses could not be compared"
BEHIND = "some results differed, but not past caches: a cache or one of several backends may be old"
UNREADABLE = "the unfiltered list could not be read, so nothing could be compared with it"


@dataclass(frozen=True, slots=True)
class Alteration:
    """A documented field whose value differs between a result and the unfiltered list.

    ``name`` is the name of the provider and ``place`` its index in the result. ``filtered`` and
    ``unfiltered`` are the two values, ``None`` if absent.
    """

    name: str
    field: str
    place: int
    filtered: Any
    unfiltered: Any
    filtered_absent: bool
    unfiltered_absent: bool

    @property
    def within(self) -> tuple[str, ...]:
        """Names of the nested fields that lead to the first difference within two objects."""
        return _path(self.filtered, self.unfiltered)

    def describe(self) -> str:
        """Describe the difference as a clause, without content of ``configuration``."""
        if not self.within:
            filtered, unfiltered = self.format_filtered(), self.format_unfiltered()
            return f"is {filtered}, but {unfiltered} in the unfiltered list"
        *way, last = self.within
        here, there = (reduce(getitem, way, value) for value in (self.filtered, self.unfiltered))
        place = f"differs in {visible(clipped(pointer(self.field, *self.within)))}"
        filtered = self._format(here.get(last), absent=last not in here)
        unfiltered = self._format(there.get(last), absent=last not in there)
        if filtered == unfiltered:
            return f"{place} ({filtered} in both results)"
        return f"{place}: {filtered}, but {unfiltered} in the unfiltered list"

    def format_filtered(self) -> str:
        """Return the value in the result as text, without content of ``configuration``."""
        return self._format(self.filtered, absent=self.filtered_absent)

    def format_unfiltered(self) -> str:
        """Return the value in the unfiltered list as text, without content of ``configuration``."""
        return self._format(self.unfiltered, absent=self.unfiltered_absent)

    def _format(self, value: Any, *, absent: bool) -> str:
        return "absent" if absent else format_value_at(pointer(self.field), value)


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of the providers that a result wrongly lacks (``lost``) or contains (``added``)."""

    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lost or self.added)


@dataclass(frozen=True)
class Comparison:
    """A result compared with the unfiltered list, which was equal before and after it.

    ``reading`` is the meaning of the query that fits the result best, and ``difference`` what
    deviates from it. ``fields`` are the documented fields of a provider.
    """

    exchange: Exchange
    unfiltered: Exchange
    difference: Difference
    reading: Reading
    fields: frozenset[str]

    def alterations(self, fields: Iterable[str]) -> Iterator[Alteration]:
        """Yield the differences in these documented fields of providers that are in both."""
        wanted = frozenset(fields)
        return (altered for altered in self._alterations if altered.field in wanted)

    @property
    def _alterations(self) -> tuple[Alteration, ...]:
        # Later evidence has the same results again, and their values may be long.
        memo, key = self.exchange.memo, (_alterations, self.unfiltered.decoded.digest, self.fields)
        if key not in memo:
            memo[key] = tuple(_alterations(self.exchange, self.unfiltered, self.fields))
        return cast("tuple[Alteration, ...]", memo[key])


def _alterations(
    exchange: Exchange, unfiltered: Exchange, fields: Iterable[str]
) -> Iterator[Alteration]:
    there = by_name(unfiltered)
    ambiguous = repeated_names(unfiltered) | repeated_names(exchange)
    for place, provider in enumerate(exchange.value):
        name = provider.get("name") if isinstance(provider, Element) else None
        if not isinstance(name, str) or name not in there:
            continue
        other = there[name]
        if name in ambiguous or provider.canonical == other.canonical:
            continue
        for field in sorted(fields):
            value, other_value = provider.get(field), other.get(field)
            absent = field not in provider, field not in other
            if absent[0] != absent[1] or not _same(ordered(provider, field), ordered(other, field)):
                yield Alteration(name, field, place, value, other_value, *absent)


def _path(one: Any, other: Any) -> tuple[str, ...]:
    """Return the names of nested fields that lead to the first difference between objects."""
    path: list[str] = []
    while isinstance(one, dict) and isinstance(other, dict):
        differing = sorted(
            name
            for name in one.keys() | other.keys()
            if name not in one or name not in other or not _same(one[name], other[name])
        )
        if not differing:
            break
        path.append(differing[0])
        if differing[0] not in one or differing[0] not in other:
            break
        one, other = one[differing[0]], other[differing[0]]
    return tuple(path)


def _same(one: Any, other: Any) -> bool:
    # Not recursive, since the nesting may exceed Python's recursion limit.
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += ((one[key], other[key]) for key in one)
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        # In Python True equals 1; in JSON it does not. NaN is unlike itself.
        elif isinstance(one, bool) is not isinstance(other, bool) or (
            one != other and (one == one or other == other)
        ):
            return False
    return True


def comparisons(
    evidence: Evidence, concerns: Callable[[Query], bool] | None = None
) -> tuple[Comparison, ...]:
    """Return a comparison for each result that lies in a steady span.

    Responses that are not arrays are left out. If a query has several legal readings, the result
    is compared with the one that fits it best. If ``concerns`` does not say which queries to
    include, they are those whose parameters are all known to the contract and not repeated.
    """
    if concerns is None:

        def concerns(query: Query) -> bool:
            return only_known_parameters(evidence.contract, query)

    chosen = (places for query, places in _places_by_query(evidence).items() if concerns(query))
    every = _all_comparisons(evidence)
    return tuple(every[place] for place in sorted(chain.from_iterable(chosen)))


@remembered
def _places_by_query(evidence: Evidence) -> Mapping[Query, Sequence[int]]:
    places: dict[Query, list[int]] = defaultdict(list)
    for place, comparison in enumerate(_all_comparisons(evidence)):
        places[comparison.exchange.query].append(place)
    return places


@remembered
def _all_comparisons(evidence: Evidence) -> tuple[Comparison, ...]:
    found = []
    # Equal responses to equal queries are compared once.
    known: dict[tuple[Query, bytes, bytes], Comparison] = {}
    for span in evidence.steady_spans:
        for exchange in span.exchanges:
            if exchange.request.path or not exchange.listing:
                continue
            key = exchange.query, exchange.decoded.digest, span.before.decoded.digest
            if key not in known:
                known[key] = _compare(evidence, span, exchange)
            found.append(known[key])
    return tuple(found)


def _compare(evidence: Evidence, span: Span, exchange: Exchange) -> Comparison:
    candidates = [
        (_difference(reading, span.before, exchange, filtered_by(evidence.contract)), reading)
        for reading in readings(evidence.contract, exchange.query)
    ]
    difference, reading = min(candidates, key=lambda pair: len(pair[0].lost) + len(pair[0].added))
    return Comparison(exchange, span.before, difference, reading, evidence.documented_fields)


def _difference(
    reading: Reading, unfiltered: Exchange, exchange: Exchange, fields: tuple[str, ...]
) -> Difference:
    here = by_name(exchange).keys()
    wanted, permitted = _selected(unfiltered, reading, fields)
    unknown = repeated_names(unfiltered)
    lost, added = wanted - here - unknown, here - permitted - unknown
    return Difference(tuple(sorted(lost)), tuple(sorted(added)))


@remembered
def _selected(
    unfiltered: Exchange, reading: Reading, fields: tuple[str, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the providers that a result has to hold, and of those that it may."""
    kept = [
        (reading.keeps(dict(kind)), names)
        for kind, names in names_by_kind(unfiltered, fields).items()
    ]
    wanted = (names for keeps, names in kept if keeps is True)
    permitted = (names for keeps, names in kept if keeps is not False)
    return frozenset().union(*wanted), frozenset().union(*permitted)


def by_query(compared: Iterable[Comparison]) -> dict[Query, list[Comparison]]:
    """Group comparisons by query, in their order."""
    groups: dict[Query, list[Comparison]] = defaultdict(list)
    for comparison in compared:
        groups[comparison.exchange.query].append(comparison)
    return dict(groups)


def confirmed(seen: Sequence[set[_Key]]) -> set[_Key]:
    """Return the confirmed differences, given those of each comparison of one query, in order.

    Each of the last ``CONFIRMATIONS`` comparisons must show a difference. If some differences are
    in all of them, these are confirmed; otherwise all are.
    """
    latest = seen[-CONFIRMATIONS:]
    if len(latest) < CONFIRMATIONS or not all(latest):
        return set()
    return set.intersection(*latest) or set().union(*latest)


def unconfirmed(seen: Sequence[set[_Key]]) -> bool:
    """Whether the last comparison showed a difference, but none is confirmed yet."""
    return bool(seen) and bool(seen[-1]) and not confirmed(seen)


def decided(evidence: Evidence, compared: Iterable[Comparison]) -> int:
    """Return the number of queries whose results certainly differ or certainly agree."""
    return sum(
        not (unconfirmed(differences_seen(evidence, group)) or is_behind(evidence, group))
        for group in by_query(compared).values()
    )


def undecided(
    evidence: Evidence, compared: Sequence[Comparison], fields: Collection[str] = ()
) -> str | None:
    """Return why the comparisons are inconclusive, as a clause; ``None`` if they are conclusive.

    ``fields`` are those that are compared, besides which providers there are.
    """
    groups = by_query(compared).values()
    if any(is_behind(evidence, group, fields) for group in groups):
        return BEHIND
    unsure = not compared or decided(evidence, compared) < len(groups)
    if evidence.changing and unsure:
        return KEPT_CHANGING
    if not compared and evidence.spans and not evidence.steady_spans:
        if all(span.before.listing and span.after.listing for span in evidence.spans):
            return KEPT_CHANGING
        return UNREADABLE
    return None


def is_behind(
    evidence: Evidence, group: Sequence[Comparison], fields: Collection[str] = ()
) -> bool:
    """Whether the results of a query differ in providers or these fields, except past caches."""
    usual = _without_fresh(evidence)
    if usual is evidence or any(map(confirmed, _seen(evidence, group, fields))):
        return False
    before = _groups(usual).get(group[0].exchange.query, [])
    return any(map(confirmed, _seen(usual, before, fields)))


@remembered
def _without_fresh(evidence: Evidence) -> Evidence:
    """Return the evidence as if nothing had been asked past caches."""
    usual = tuple(span for span in evidence.spans if not span.before.request.fresh)
    return replace(evidence, spans=usual) if len(usual) < len(evidence.spans) else evidence


@remembered
def _groups(evidence: Evidence) -> Mapping[Query, list[Comparison]]:
    return by_query(_all_comparisons(evidence))


def all_changed(evidence: Evidence, names: Collection[str], fields: Collection[str]) -> bool:
    """Whether each of these providers changed in some of these documented fields.

    Then none of them can show whether its fields are equal in all results.
    """
    changed = {name for name, field in evidence.observed_changes.fields if field in fields}
    return bool(names) and changed.issuperset(names)


def differences_seen(
    evidence: Evidence, group: Iterable[Comparison]
) -> list[set[tuple[str, bool]]]:
    """Return, per comparison, the providers that were lost (false) or added (true).

    Providers that changed during the run are left out.
    """
    changed = evidence.observed_changes.providers
    return [
        {(name, False) for name in difference.lost if name not in changed}
        | {(name, True) for name in difference.added if name not in changed}
        if (difference := comparison.difference)
        else set()
        for comparison in group
    ]


def differences(
    evidence: Evidence, compared: Iterable[Comparison]
) -> Iterator[tuple[Comparison, str, bool]]:
    """Yield each confirmed difference: the latest comparison with it, the name, whether added."""
    for group in by_query(compared).values():
        seen = differences_seen(evidence, group)
        for name, is_added in sorted(confirmed(seen)):
            shows = next(
                comparison
                for comparison, found in zip(reversed(group), reversed(seen), strict=True)
                if (name, is_added) in found
            )
            yield shows, name, is_added


def alterations(
    evidence: Evidence, compared: Iterable[Comparison], fields: Sequence[str]
) -> Iterator[tuple[Comparison, Alteration]]:
    """Yield each confirmed alteration of one of these fields, with a comparison that shows it.

    Fields of a provider that changed during the run are left out.
    """
    for group in by_query(compared).values():
        seen = _altered(evidence, group, fields)
        for key in sorted(confirmed([set(found) for found in seen])):
            shows = next(number for number, found in enumerate(seen) if key in found)
            yield group[shows], seen[shows][key]


def _altered(
    evidence: Evidence, group: Iterable[Comparison], fields: Iterable[str]
) -> list[dict[tuple[str, str], Alteration]]:
    changed = evidence.observed_changes.fields
    return [
        {
            (altered.name, altered.field): altered
            for altered in comparison.alterations(fields)
            if (altered.name, altered.field) not in changed
        }
        for comparison in group
    ]


def _seen(
    evidence: Evidence, group: Sequence[Comparison], fields: Collection[str]
) -> Iterator[Sequence[set[Any]]]:
    """Yield what differs in each comparison: first providers, then these fields of providers."""
    yield differences_seen(evidence, group)
    yield [set(one) for one in _altered(evidence, group, fields)]


def contested_requests(evidence: Evidence) -> Mapping[Request, bool]:
    """Return the requests with confirmed differences, and whether caches may store the responses.

    A gateway may store even what clients are told not to.
    """
    found = {}
    for group in _groups(evidence).values():
        if any(map(confirmed, _seen(evidence, group, evidence.documented_fields))):
            last = group[-1]
            may = last.exchange.may_be_stored or last.unfiltered.may_be_stored
            found[last.exchange.request] = may
    return found


def agrees(evidence: Evidence, span: Span, exchange: Exchange) -> bool:
    """Whether a result within a span differs in nothing from the unfiltered list."""
    if not exchange.listing or not span.steady(evidence.deciding_fields):
        return False
    comparison = _compare(evidence, span, exchange)
    fields = evidence.documented_fields
    return not comparison.difference and not any(comparison.alterations(fields))


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return the requests to repeat before all comparisons are conclusive.

    These are the documented queries, in any spelling, without a result that could be compared, and
    all queries whose last result showed an unconfirmed difference.
    """
    groups = _groups(evidence)
    asked = {exchange.query: exchange.request for exchange in evidence.reads}
    ends = {read.query for read in evidence.unfiltered_reads}
    comparable = {read.query for read in evidence.listings} - groups.keys() - ends
    found = [asked[query] for query in comparable if is_documented(evidence.contract, query)]
    for query, group in groups.items():
        if any(map(unconfirmed, _seen(evidence, group, evidence.documented_fields))):
            found.append(asked[query])
    return tuple(found)
