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
from itertools import pairwise

from conformance.contract.filter_oracle import folded, readings
from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query, unfiltered
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import Kind, filtered_by, kinds

ADAPTED = 8 << 20
"""Bytes of the unfiltered response beyond which fewer queries are sent: about 20,000 providers."""
HEAVY = 1 << 20
"""Bytes of an expected response beyond which its request is sent alone."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of a cluster's results, estimated from its unfiltered response.

    ``whole`` is the size of that response in bytes, ``kinds`` the number of providers of each kind;
    all providers count as equally large.
    """

    contract: Contract
    whole: int = 0
    kinds: Mapping[Kind, int] | None = None

    @classmethod
    def of(cls, contract: Contract, read: Exchange | None) -> Scale:
        """Estimate the scale from a response to the unfiltered query."""
        if read is None or not read.listing or read.length <= HEAVY:
            return cls(contract)
        found = kinds(read, filtered_by(contract))
        return cls(contract, read.length, {kind: len(alike) for kind, alike in found.items()})

    @property
    def large(self) -> bool:
        """Whether the responses are so large that fewer queries are sent."""
        return self.whole > ADAPTED

    def expected(self, query: Query) -> int:
        """Return the size in bytes of the largest correct response to a query."""
        if not self.kinds:
            return 0
        every = sum(self.kinds.values())
        most = max(
            sum(number for kind, number in self.kinds.items() if reading.keeps(dict(kind)))
            for reading in readings(self.contract, query)
        )
        return self.whole * most // max(every, 1)

    def base(self) -> Query:
        """Return the query that others are derived from: all providers, or those of a category.

        In a large cluster, it is the smallest category with active and inactive providers, or
        without one, the smallest category that is not empty.
        """
        whole = unfiltered(self.contract)
        named = self.contract.filter_by(Operator.EQUALS)
        flag = self.contract.filter_by(Operator.ONLY_WHEN_TRUE)
        known = [dict(kind) for kind in self.kinds or {}]
        sizes = []
        for category in named.supported if self.large else ():
            query = Query.of([(named.parameter, category), *whole.pairs])
            states = {one[flag.property] for one in known if one[named.property] == category}
            if size := self.expected(query):
                sizes.append((not states >= {True, False}, size, query.wire, query))
        return min(sizes)[-1] if sizes else whole

    def fitting(self, queries: Iterable[Query], *, share: float, fewest: int) -> tuple[Query, ...]:
        """Return the queries of one kind that are sent, in their order.

        In a large cluster, they are those with the smallest results: as many as fit into ``share``
        of the unfiltered response, and at least ``fewest``.
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
"""Words that are safe to send back: provider names must not inject anything into queries."""
LONGEST = 60
TYPE, NAME = "openai", "openAI"
"""The type and name in the documentation's example."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words for queries: categories, and the type and name of some provider.

    ``supported`` are the contract's categories, ``seen`` those of them that providers have, and
    ``odd`` categories of providers that are not supported. Without providers, the words come from
    the contract and the documentation's example.
    """

    supported: tuple[str, ...]
    seen: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    type: str = TYPE
    name: str = NAME

    @classmethod
    def of(cls, contract: Contract, read: Exchange | None = None) -> Words:
        """Take the words from a response to the unfiltered query."""
        item = contract.filter_by(Operator.EQUALS)
        providers = () if read is None or not read.listing else read.providers

        def texts(member: str) -> set[str]:
            return {value for one in providers if isinstance(value := one.get(member), str)}

        categories = texts(item.property)
        taken = {folded(value) for value in (*item.supported, *categories)}

        def shortest(member: str, otherwise: str) -> str:
            fitting = [one for one in texts(member) if _inert(one) and folded(one) not in taken]
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

        Categories that providers have are preferred, and they are distinct if possible.
        """
        usual = self.seen or self.supported
        first = next((value for value in self.seen if "_" in value), usual[0])
        start = self.supported.index(first)
        following = (*self.supported[start + 1 :], *self.supported[:start])
        others = [value for value in following if value in self.seen] or following or (first,)
        return first, others[0], usual[-1] if usual[-1] != first else others[0]

    @property
    def near_misses(self) -> tuple[str, str]:
        """Two categories to derive near misses from; those that providers have are preferred."""
        first, second, _ = self.known
        return (self.odd[0], first) if self.odd and not self.seen else (first, second)

    @property
    def shortest(self) -> str:
        """The shortest category that providers have."""
        return min(self.seen or self.odd or self.supported, key=len)

    @property
    def ordinal(self) -> int:
        """A position in the contract's list that is a seen category, counted from 0 or from 1."""
        first = self.supported.index(self.known[0])
        seen = self.seen or self.supported
        pairs = enumerate(pairwise(self.supported), 1)
        return next((place for place, pair in pairs if set(pair) <= set(seen)), first)


def _inert(value: str) -> bool:
    return len(value) <= LONGEST and INERT.fullmatch(value) is not None
