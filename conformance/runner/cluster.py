"""A cluster as its first response shows it: how large it is, and words of its providers.

A query may be sent with any filter that could show the mistake, and most mistakes show in a small
result as well. Where the unfiltered response is large, repetitions and equivalent queries therefore
use the smallest category that has active and inactive providers, and each kind of query gets a
share of the size of the unfiltered response.

Words for queries come from providers, because a mistake shows only where providers are. A value
close to a category that no provider has selects nothing, however loosely the server compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.contract.model import Contract, Operator
from conformance.contract.oracle import folded, readings
from conformance.contract.query import Query, unfiltered
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import Kind, filtered_by, kinds

ADAPTED = 8 << 20
"""Bytes of the unfiltered answer, that of some twenty thousand providers, beyond which less is
asked."""
HEAVY = 1 << 20
"""Bytes of an expected answer beyond which nothing else is asked at the same time."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of a cluster's views, by its unfiltered answer.

    ``whole`` is that of the unfiltered answer in bytes, ``kinds`` how many providers there are of
    each kind, of which all are taken to be of one size.
    """

    contract: Contract
    whole: int = 0
    kinds: Mapping[Kind, int] | None = None

    @classmethod
    def of(cls, contract: Contract, read: Exchange | None) -> Scale:
        """Take the measure of a cluster by an answer to the unfiltered query."""
        if read is None or not read.listing or read.length <= HEAVY:
            return cls(contract)
        found = kinds(read, filtered_by(contract))
        return cls(contract, read.length, {kind: len(alike) for kind, alike in found.items()})

    @property
    def large(self) -> bool:
        """Whether the answers are so large that fewer questions are asked."""
        return self.whole > ADAPTED

    def expected(self, query: Query) -> int:
        """Return the bytes of the largest right answer to a query."""
        if not self.kinds:
            return 0
        every = sum(self.kinds.values())
        most = max(
            sum(number for kind, number in self.kinds.items() if reading.keeps(dict(kind)))
            for reading in readings(self.contract, query)
        )
        return self.whole * most // max(every, 1)

    def base(self) -> Query:
        """Return the query that other questions are made from: all providers, or those of a part.

        In a large cluster that is the smallest category with active and inactive providers, or if
        there is none, the smallest that is not empty.
        """
        whole = unfiltered(self.contract)
        named = self.contract.filter_by(Operator.EQUALS)
        flag = self.contract.filter_by(Operator.ONLY_WHEN_TRUE)
        sizes = []
        for category in named.supported if self.large else ():
            query = Query.of([(named.parameter, category), *whole.pairs])
            size = self.expected(query)
            states = {
                dict(kind)[flag.property]
                for kind in self.kinds or {}
                if dict(kind)[named.property] == category
            }
            if size:
                sizes.append((len(states & {True, False}) < 2, size, query.wire, query))
        return min(sizes)[-1] if sizes else whole

    def fitting(self, queries: Iterable[Query], *, share: float, fewest: int) -> tuple[Query, ...]:
        """Return the questions of one kind that are asked, in their order.

        In a large cluster these are the ones with the smallest answers, as many as fit into
        ``share`` of an unfiltered answer, and the ``fewest`` in any case.
        """
        every = tuple(queries)
        if not self.large:
            return every
        room = self.whole * share
        kept: set[int] = set()
        for number in sorted(range(len(every)), key=lambda place: self.expected(every[place])):
            size = self.expected(every[number])
            if size > room and len(kept) >= fewest:
                break
            room -= size
            kept.add(number)
        return tuple(query for number, query in enumerate(every) if number in kept)


INERT = re.compile(r"[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*")
"""What is asked back: whoever named a provider must not write the query of whoever tests it."""
LONGEST = 60
TYPE, NAME = "openai", "openAI"
"""Those of the documentation's example."""


@dataclass(frozen=True, slots=True)
class Words:
    """The supported categories, which of them providers have, and a type and a name of some.

    ``odd`` are categories of providers that are not supported. Where nothing was seen the contract
    and the documentation's example have to do.
    """

    supported: tuple[str, ...]
    seen: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    type: str = TYPE
    name: str = NAME

    @classmethod
    def of(cls, contract: Contract, read: Exchange | None = None) -> Words:
        """Take the words from an answer to the unfiltered query."""
        item = contract.filter_by(Operator.EQUALS)
        providers = () if read is None or not read.listing else read.providers
        categories = {
            value for one in providers if isinstance(value := one.get(item.property), str)
        }
        taken = {folded(value) for value in (*item.supported, *categories)}

        def shortest(member: str, otherwise: str) -> str:
            values = {value for one in providers if isinstance(value := one.get(member), str)}
            fitting = [value for value in values if _inert(value) and folded(value) not in taken]
            return min(fitting, key=lambda value: (len(value), value), default=otherwise)

        return cls(
            item.supported,
            seen=tuple(value for value in item.supported if value in categories),
            odd=tuple(sorted(filter(_inert, categories.difference(item.supported)))),
            type=shortest("type", TYPE),
            name=shortest("name", NAME),
        )

    @property
    def known(self) -> tuple[str, str, str]:
        """Three supported categories: one of several words, another, and the last one.

        They are such as providers have, as far as there are so many, and differ if they can.
        """
        if not self.seen:
            first = self.supported[0]
        else:
            first = next((value for value in self.seen if "_" in value), self.seen[0])
        start = self.supported.index(first)
        following = (*self.supported[start + 1 :], *self.supported[:start])
        others = [value for value in following if value in self.seen] or following or (first,)
        last = (self.seen or self.supported)[-1]
        return first, others[0], last if last != first else others[0]

    @property
    def near(self) -> tuple[str, str]:
        """Two categories that others are made from, such as providers have if they can be."""
        first, second, _ = self.known
        return (self.odd[0], first) if self.odd and not self.seen else (first, second)

    @property
    def shortest(self) -> str:
        """The shortest category that providers have."""
        return min(self.seen or self.odd or self.supported, key=len)

    @property
    def ordinal(self) -> int:
        """A place in the contract's list at which, counted from 0 or 1, stands one that is seen."""
        first = self.supported.index(self.known[0])
        seen = self.seen or self.supported
        both = (
            place
            for place in range(1, len(self.supported))
            if self.supported[place] in seen and self.supported[place - 1] in seen
        )
        return next(both, first)


def _inert(value: str) -> bool:
    return len(value) <= LONGEST and INERT.fullmatch(value) is not None
