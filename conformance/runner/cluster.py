"""How large the answers of a cluster are, and what is asked of one whose answers are large.

A question may be asked of any view that could show the mistake, and most mistakes show in a small
one as well. So where the unfiltered answer is large, what repeats it, or asks for it in other
words, is asked of the smallest category that has both active and inactive providers, and of each
kind of question only as much as fits a share of what the unfiltered answer takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.contract.model import Contract, Operator
from conformance.contract.oracle import readings
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
        named = next(item for item in self.contract.filters if item.operator is Operator.EQUALS)
        flag = next(
            item for item in self.contract.filters if item.operator is Operator.ONLY_WHEN_TRUE
        )
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
