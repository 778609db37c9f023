"""Comparing a filtered answer with what the unfiltered view makes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import getitem
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from conformance.contract.oracle import Reading, is_documented, only_known_parameters, readings
from conformance.contract.query import Query
from conformance.core.text import clipped, pointer, shown_at, visible
from conformance.evidence.churn import ordered, written_alike
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import by_name, filtered_by, names_by_kind, repeated_names
from conformance.evidence.spans import Span

_Key = TypeVar("_Key")

CONFIRMATIONS = 5
"""Comparisons on end that have to show a difference before it is believed.

Between two reads of the unfiltered view a provider can change and change back; that it does so
every time is no longer change.
"""
KEPT_CHANGING = "the target kept changing while it was read, so its answers could not be compared"
UNREADABLE = "the unfiltered view could not be read, so nothing could be compared with it"


@dataclass(frozen=True, slots=True)
class Alteration:
    """A documented member that reads differently in two views of the same provider."""

    name: str
    member: str
    place: int
    here: Any
    there: Any
    here_absent: bool
    there_absent: bool

    @property
    def within(self) -> tuple[str, ...]:
        """Names of the members of members, down to the one that differs."""
        return _path(self.here, self.there)

    def in_words(self) -> str:
        """How the two views differ, without content of ``configuration``."""
        if not self.within:
            return f"is {self.shown_here()}, but {self.shown_there()} in the unfiltered view"
        *way, last = self.within
        here, there = (reduce(getitem, way, value) for value in (self.here, self.there))
        place = f"differs in {visible(clipped(pointer(self.member, *self.within)))}"
        shown_here = self._shown(here.get(last), absent=last not in here)
        shown_there = self._shown(there.get(last), absent=last not in there)
        if shown_here == shown_there:
            return f"{place} ({shown_here} in both views)"
        return f"{place}: {shown_here}, but {shown_there} in the unfiltered view"

    def shown_here(self) -> str:
        """What the filtered answer has, without content of ``configuration``."""
        return self._shown(self.here, absent=self.here_absent)

    def shown_there(self) -> str:
        """What the unfiltered view has, without content of ``configuration``."""
        return self._shown(self.there, absent=self.there_absent)

    def _shown(self, value: Any, *, absent: bool) -> str:
        return "absent" if absent else shown_at(pointer(self.member), value)


@dataclass(frozen=True, slots=True)
class Difference:
    """How an answer differs from the restriction of the unfiltered view; names of providers."""

    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lost or self.added)


@dataclass(frozen=True)
class Comparison:
    """An answer beside the unfiltered view that was the same before and after it."""

    exchange: Exchange
    unfiltered: Exchange
    difference: Difference
    reading: Reading
    members: frozenset[str]

    def alterations(self, members: Iterable[str]) -> Iterator[Alteration]:
        """Yield which of these documented members differ in providers which both views hold."""
        wanted = frozenset(members)
        return (altered for altered in self._alterations if altered.member in wanted)

    @cached_property
    def _alterations(self) -> tuple[Alteration, ...]:
        return tuple(self._altered())

    def _altered(self) -> Iterator[Alteration]:
        there = by_name(self.unfiltered)
        ambiguous = repeated_names(self.unfiltered) | repeated_names(self.exchange)
        for place, provider in enumerate(self.exchange.value):
            name = provider.get("name") if isinstance(provider, dict) else None
            if not isinstance(name, str) or name not in there:
                continue
            other = there[name]
            # In large answers what is the same is the same object.
            if provider is other or name in ambiguous or written_alike(provider, other):
                continue
            for member in sorted(self.members):
                here_value, there_value = provider.get(member), other.get(member)
                absent = member not in provider, member not in other
                if absent[0] != absent[1] or not _alike(member, here_value, there_value):
                    yield Alteration(name, member, place, here_value, there_value, *absent)


def _alike(member: str, one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list) and len(one) != len(other):
        return False
    # Bringing tags into an order takes time, and is seldom needed.
    return written_alike(one, other) or _same(ordered(member, one), ordered(member, other))


def _path(one: Any, other: Any) -> tuple[str, ...]:
    """Return the names that lead to the first difference of two values, as far as objects go."""
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
    # Without recursion, since JSON may be nested more deeply than Python likes to call.
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
        # In Python True equals 1; in JSON it does not.
        elif isinstance(one, bool) is not isinstance(other, bool) or one != other:
            return False
    return True


def comparisons(
    evidence: Evidence, concerns: Callable[[Query], bool] | None = None
) -> tuple[Comparison, ...]:
    """Return each answer to a query of concern that can be compared with a steady unfiltered view.

    Answers that are no array are left out; so are, unless they are asked for, answers to queries
    with parameters that the contract does not know or that stand there twice. Among several legal
    readings the one that fits best is compared.
    """
    if concerns is None:

        def concerns(query: Query) -> bool:
            return only_known_parameters(evidence.contract, query)

    return tuple(one for one in _every(evidence) if concerns(one.exchange.query))


def _every(evidence: Evidence) -> tuple[Comparison, ...]:
    if evidence not in _KNOWN:
        _KNOWN[evidence] = tuple(_compared(evidence))
    return _KNOWN[evidence]


def _compared(evidence: Evidence) -> Iterator[Comparison]:
    # Equal answers to equal queries are compared once.
    known: dict[tuple[Query, int, int], Comparison] = {}
    for span in evidence.steady_spans:
        for exchange in span.exchanges:
            if exchange.request.path or not exchange.listing:
                continue
            key = exchange.query, id(exchange.decoded), id(span.before.decoded)
            if key not in known:
                known[key] = _compare(evidence, span, exchange)
            yield known[key]


_KNOWN: WeakKeyDictionary[Evidence, tuple[Comparison, ...]] = WeakKeyDictionary()
"""Comparisons that were made before: many checks ask for the same ones."""


def _compare(evidence: Evidence, span: Span, exchange: Exchange) -> Comparison:
    candidates = [
        (_difference(reading, span.before, exchange, filtered_by(evidence.contract)), reading)
        for reading in readings(evidence.contract, exchange.query)
    ]
    difference, reading = min(candidates, key=lambda pair: len(pair[0].lost) + len(pair[0].added))
    return Comparison(exchange, span.before, difference, reading, evidence.members)


def _difference(
    reading: Reading, unfiltered: Exchange, exchange: Exchange, members: tuple[str, ...]
) -> Difference:
    here = by_name(exchange).keys()
    lost: set[str] = set()
    added = set(here)
    for kind, names in names_by_kind(unfiltered, members).items():
        keeps = reading.keeps(dict(kind))
        if keeps is True:
            lost |= names - here
        if keeps is not False:
            added -= names
    unknown = repeated_names(unfiltered)
    return Difference(tuple(sorted(lost - unknown)), tuple(sorted(added - unknown)))


def by_query(compared: Iterable[Comparison]) -> dict[Query, list[Comparison]]:
    """Group comparisons by what was asked."""
    groups: dict[Query, list[Comparison]] = defaultdict(list)
    for comparison in compared:
        groups[comparison.exchange.query].append(comparison)
    return dict(groups)


def believable(seen: Sequence[set[_Key]]) -> set[_Key]:
    """Return what is believed of the differences that comparisons of one query showed, in order.

    Each of the last ``CONFIRMATIONS`` has to show one: the same every time, or some every time.
    """
    latest = seen[-CONFIRMATIONS:]
    if len(latest) < CONFIRMATIONS or not all(latest):
        return set()
    return set.intersection(*latest) or set().union(*latest)


def suspicious(seen: Sequence[set[_Key]]) -> bool:
    """Whether the last comparison showed a difference that is not believed yet."""
    return bool(seen) and bool(seen[-1]) and not believable(seen)


def decided(evidence: Evidence, compared: Iterable[Comparison]) -> int:
    """Return for how many queries it is decided whether the answer is as it should be."""
    return sum(
        not suspicious(differences_seen(evidence, group)) for group in by_query(compared).values()
    )


def undecided(evidence: Evidence, compared: Sequence[Comparison]) -> str | None:
    """Return why the comparisons cannot be concluded from, ``None`` if they can."""
    if evidence.changing and decided(evidence, compared) < len(by_query(compared)):
        return KEPT_CHANGING
    if not compared and evidence.changing:
        return KEPT_CHANGING
    if not compared and evidence.spans and not evidence.steady_spans:
        if all(span.before.listing and span.after.listing for span in evidence.spans):
            return KEPT_CHANGING
        return UNREADABLE
    return None


def none_stood_still(evidence: Evidence, names: Collection[str], members: Collection[str]) -> bool:
    """Whether each of these providers was seen to change in some of these documented members.

    Then none of them could have shown that it reads the same in every view.
    """
    restless = {name for name, member in evidence.restless.members if member in members}
    return bool(names) and restless.issuperset(names)


def differences_seen(
    evidence: Evidence, group: Iterable[Comparison]
) -> list[set[tuple[str, bool]]]:
    """Return by comparison the providers that were lost or (true) added, the restless left out."""
    restless = evidence.restless.providers
    return [
        {(name, False) for name in set(comparison.difference.lost) - restless}
        | {(name, True) for name in set(comparison.difference.added) - restless}
        for comparison in group
    ]


def differences(
    evidence: Evidence, compared: Iterable[Comparison]
) -> Iterator[tuple[Comparison, str, bool]]:
    """Yield each provider that an answer lost or, if the last value is true, added."""
    for group in by_query(compared).values():
        seen = differences_seen(evidence, group)
        for name, is_added in sorted(believable(seen)):
            shows = next(
                comparison
                for comparison, found in zip(reversed(group), reversed(seen), strict=True)
                if (name, is_added) in found
            )
            yield shows, name, is_added


def alterations(
    evidence: Evidence, compared: Iterable[Comparison], members: Sequence[str]
) -> Iterator[tuple[Comparison, Alteration]]:
    """Yield each documented member that reads differently in two views; see ``differences``."""
    for group in by_query(compared).values():
        seen = _altered(evidence, group, members)
        for key in sorted(believable([set(found) for found in seen])):
            shows = next(number for number, found in enumerate(seen) if key in found)
            yield group[shows], seen[shows][key]


def _altered(
    evidence: Evidence, group: Iterable[Comparison], members: Iterable[str]
) -> list[dict[tuple[str, str], Alteration]]:
    restless = evidence.restless.members
    return [
        {
            (altered.name, altered.member): altered
            for altered in comparison.alterations(members)
            if (altered.name, altered.member) not in restless
        }
        for comparison in group
    ]


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return what has to be asked again before it can be judged by comparison.

    These are documented queries, plain or in other words, of which no answer could be compared,
    and all queries whose last answer differed from what it should be.
    """
    compared = comparisons(evidence, lambda _: True)
    groups = by_query(compared)
    asked = {exchange.query: exchange.request for exchange in evidence.reads}
    ends = {read.query for read in evidence.unfiltered_reads}
    comparable = {read.query for read in evidence.listings} - groups.keys() - ends
    found = [asked[query] for query in comparable if is_documented(evidence.contract, query)]
    for query, group in groups.items():
        altered = _altered(evidence, group, evidence.members)
        if suspicious(differences_seen(evidence, group)) or suspicious(
            [set(one) for one in altered]
        ):
            found.append(asked[query])
    return tuple(found)
