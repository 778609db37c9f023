"""Comparing a filtered answer with what the unfiltered view makes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from conformance.evidence import Evidence, Span, canonical, ordered
from conformance.exchange import Exchange
from conformance.oracle import Reading, only_known_parameters, readings
from conformance.query import Query
from conformance.text import pointer, shown_at

_Key = TypeVar("_Key")

CONFIRMATIONS = 3
"""Steady spans in which a difference has to be seen if the cluster changes at other times."""


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

    def alterations(self, members: Iterable[str]) -> Iterator[Alteration]:
        """Yield the documented members that differ in providers which both views hold."""
        there = by_name(self.unfiltered)
        for ambiguous in _repeated(self.unfiltered) | _repeated(self.exchange):
            there.pop(ambiguous, None)
        for place, provider in enumerate(self.exchange.value):
            name = provider.get("name") if isinstance(provider, dict) else None
            if not isinstance(name, str) or name not in there:
                continue
            other = there[name]
            for member in members:
                here_value, there_value = provider.get(member), other.get(member)
                absent = member not in provider, member not in other
                if absent[0] != absent[1] or not _same(
                    ordered(member, here_value), ordered(member, there_value)
                ):
                    yield Alteration(name, member, place, here_value, there_value, *absent)


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


def by_name(exchange: Exchange) -> dict[str, Mapping[str, Any]]:
    """Return the providers of an answer that have a name, by it."""
    return {
        provider["name"]: provider
        for provider in exchange.providers
        if _is_name(provider.get("name"))
    }


def _repeated(exchange: Exchange) -> frozenset[str]:
    """Names that several providers of an answer have: it cannot be said which is to be compared."""
    times = Counter(name for element in exchange.providers if _is_name(name := element.get("name")))
    return frozenset(name for name, number in times.items() if number > 1)


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str)


def comparisons(
    evidence: Evidence, concerns: Callable[[Query], bool] = lambda _: True
) -> tuple[Comparison, ...]:
    """Return each answer to a query of concern that can be compared with a steady unfiltered view.

    Answers to queries with parameters that the contract does not know are left out, as are answers
    that are no array. Among several legal readings the one that fits best is compared.
    """
    return tuple(
        _compare(evidence, span, exchange)
        for span in evidence.steady_spans
        for exchange in span.exchanges
        if not exchange.request.path
        and exchange.listing
        and concerns(exchange.query)
        and only_known_parameters(evidence.contract, exchange.query)
    )


def _compare(evidence: Evidence, span: Span, exchange: Exchange) -> Comparison:
    candidates = [
        (_difference(reading, span.before, exchange), reading)
        for reading in readings(evidence.contract, exchange.query)
    ]
    difference, reading = min(candidates, key=lambda pair: len(pair[0].lost) + len(pair[0].added))
    return Comparison(exchange, span.before, difference, reading)


def _difference(reading: Reading, unfiltered: Exchange, exchange: Exchange) -> Difference:
    there, here = by_name(unfiltered), by_name(exchange)
    kept = {name: reading.keeps(provider) for name, provider in there.items()}
    wanted = {name for name, keeps in kept.items() if keeps is True}
    unknown = {name for name, keeps in kept.items() if keeps is None} | _repeated(unfiltered)
    lost = tuple(sorted(wanted - here.keys() - unknown))
    added = tuple(sorted(here.keys() - wanted - unknown))
    return Difference(lost, added)


def by_query(compared: Iterable[Comparison]) -> dict[Query, list[Comparison]]:
    """Group comparisons by what was asked."""
    groups: dict[Query, list[Comparison]] = defaultdict(list)
    for comparison in compared:
        groups[comparison.exchange.query].append(comparison)
    return dict(groups)


def enough(evidence: Evidence, compared: Iterable[Comparison]) -> int:
    """Return for how many queries there are as many comparisons as it takes to believe them."""
    needed = CONFIRMATIONS if evidence.changing else 1
    return sum(len(group) >= needed for group in by_query(compared).values())


def undecided(evidence: Evidence, compared: Sequence[Comparison]) -> str | None:
    """Return why the comparisons cannot be concluded from, ``None`` if they can."""
    if evidence.changing and enough(evidence, compared) < len(by_query(compared)):
        return "the target kept changing while it was read, so its answers could not be compared"
    if not compared and evidence.spans and not evidence.steady_spans:
        if all(span.before.listing and span.after.listing for span in evidence.spans):
            return (
                "the target kept changing while it was read, so its answers could not be compared"
            )
        return "the unfiltered view could not be read, so nothing could be compared with it"
    return None


def differences(
    evidence: Evidence, compared: Iterable[Comparison]
) -> Iterator[tuple[Comparison, str, bool]]:
    """Yield each provider that an answer lost or, if the last value is true, added.

    On a cluster that was never seen to change one look is enough. On a living one the difference
    has to be there every time and several times over, since a provider can change and change back
    between two reads; and of a provider that was seen to change no difference is believed.
    """
    unsettled = _unsettled(evidence)
    for group in by_query(compared).values():
        for is_added in (False, True):
            seen = [
                set(c.difference.added if is_added else c.difference.lost) - unsettled
                for c in group
            ]
            for name in sorted(_believable(evidence, seen)):
                shows = next(c for c, names in zip(group, seen, strict=True) if name in names)
                yield shows, name, is_added


def alterations(
    evidence: Evidence, compared: Iterable[Comparison], members: Sequence[str]
) -> Iterator[tuple[Comparison, Alteration]]:
    """Yield each documented member that reads differently in two views; see ``differences``."""
    unsettled = _unsettled(evidence)
    for group in by_query(compared).values():
        seen = [
            {(a.name, a.member): a for a in c.alterations(members) if a.name not in unsettled}
            for c in group
        ]
        for key in sorted(_believable(evidence, [set(found) for found in seen])):
            shows = next(number for number, found in enumerate(seen) if key in found)
            yield group[shows], seen[shows][key]


def _unsettled(evidence: Evidence) -> frozenset[str]:
    """The providers that read differently in two reads of the unfiltered view, or came or went.

    One that flips faster than it is read can be caught in the same state any number of times.
    """
    if not evidence.changing:
        return frozenset()
    ends = {id(end): end for span in evidence.spans for end in (span.before, span.after)}
    states: dict[str, Counter[str]] = defaultdict(Counter)
    listings = [end for end in ends.values() if end.listing]
    for end in listings:
        for name, provider in by_name(end).items():
            states[name][canonical(provider, evidence.members)] += 1
    return frozenset(
        name for name, seen in states.items() if list(seen.values()) != [len(listings)]
    )


def _believable(evidence: Evidence, seen: Sequence[set[_Key]]) -> set[_Key]:
    if not evidence.changing:
        return set().union(*seen)
    return set.intersection(*seen) if len(seen) >= CONFIRMATIONS else set()
