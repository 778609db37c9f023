"""Which queries each part of a run asks of a cluster."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query, documented, unfiltered
from conformance.evidence.exchange import Exchange
from conformance.runner.cluster import Scale, Words
from conformance.runner.plan import Plan
from conformance.runner.unusual_queries import (
    EXPANSION_PARAMETERS,
    unsupported,
    unusual,
    unusual_kinds,
    variants,
)

PROBED = 0.5
"""Share of generated queries in what a large unfiltered answer takes; none is needed."""


class Questions:
    """What a plan asks of a cluster of this scale; what was ``left_out`` is counted.

    ``words`` are those of the cluster, by default of one in which nothing was seen.
    """

    def __init__(
        self, contract: Contract, plan: Plan, scale: Scale, words: Words | None = None
    ) -> None:
        self._contract = contract
        self._plan = plan
        self._scale = scale
        self._words = words or Words.of(contract)
        self._plain = documented(contract)
        self.left_out = 0

    @property
    def large(self) -> bool:
        """Whether the cluster is so large that less is asked."""
        return self._scale.large

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know about what was not asked."""
        if not self._scale.large:
            return ()
        size = max(1, self._scale.whole >> 20)
        note = (
            f"The answers are large ({size:,} MiB for all providers), so {self.left_out:,} queries "
            "that repeat others or ask the same in other words were left out; what was looked at "
            "stands beside each requirement."
        )
        return (note,)

    def turns(self, view: Exchange | None) -> tuple[Query, ...]:
        """Return what is asked one by one: the bare query behind others, with all parameters.

        Their values change together, which tells as much of each. Of the categories two are taken
        that the unfiltered ``view`` shows active providers of, if there are.
        """
        item, flag = (
            self._contract.filter_by(Operator.EQUALS),
            self._contract.filter_by(Operator.ONLY_WHEN_TRUE),
        )
        found = view.providers if view is not None else ()
        states = {
            (one.get(item.property), one.get(flag.property))
            for one in found
            if isinstance(one.get(item.property), str) and isinstance(one.get(flag.property), bool)
        }
        ranked = sorted(
            item.supported,
            key=lambda value: ((value, True) not in states, (value, False) not in states),
        )
        first, second = ranked[0], ranked[1 % len(ranked)]
        every: list[Query] = []
        for value, switch in ((first, "false"), (second, "true"), (first, "false")):
            every += (Query.of(((item.parameter, value), (flag.parameter, switch))), Query())
        if self._scale.large:
            self.left_out += len(every)
            return ()
        return tuple(every)

    def views(self) -> tuple[Query, ...]:
        """Return the documented queries without the unfiltered one, which is asked all the time."""
        whole = unfiltered(self._contract)
        return tuple(query for query in self._plain if query != whole)

    def variants(self) -> tuple[Query, ...]:
        """Return the documented queries in other words."""
        return self._fitting(variants(self._plain))

    def categories(self) -> tuple[Query, ...]:
        """Return queries for categories that there are not, of inactive providers, too."""
        return tuple(_unsupported(self._contract, self._words))

    def base(self) -> Query:
        """Return the query that others are made from."""
        return self._scale.base()

    def temptations(self) -> tuple[Query, ...]:
        """Return queries that ask for embedded models in ways that no contract knows."""
        return self._fitting(_tempting(self.base()))

    def inputs(self) -> tuple[Query, ...]:
        """Return queries that no documentation shows."""
        if not self._scale.large:
            return unusual(self._contract, self._words)
        kinds = unusual_kinds(self._contract, self.base(), self._words)
        return tuple(query for alike in kinds for query in self._fitting(alike))

    def probes(self) -> tuple[Query, ...]:
        """Return the generated queries."""
        return self._fitting(self._plan.probes, share=PROBED, fewest=0)

    def rounds(self) -> tuple[int, ...]:
        """Return the numbers of the rounds before the last one."""
        numbers = tuple(range(1, self._plan.rounds))
        if self._scale.large:
            self.left_out += len(numbers) * len(self.round(self._plan.rounds))
            return ()
        return numbers

    def round(self, number: int) -> tuple[Query, ...]:
        """Return every documented query, those of all categories twice, in a new order."""
        narrow = [
            item.parameter for item in self._contract.filters if item.operator is Operator.EQUALS
        ]
        wide = [query for query in self._plain if not any(map(query.values, narrow))]
        everything = [*self._plain, *wide]
        order = random.Random(f"{self._plan.seed} {number}")  # noqa: S311 - an order, no secret
        return self._fitting(order.sample(everything, len(everything)))

    def _fitting(
        self, queries: Iterable[Query], *, share: float = 1.0, fewest: int = 4
    ) -> tuple[Query, ...]:
        every = tuple(queries)
        kept = self._scale.fitting(every, share=share, fewest=fewest)
        self.left_out += len(every) - len(kept)
        return kept


def written_by_hand(contract: Contract) -> frozenset[Query]:
    """Return every query of a plan that is not generated, for a cluster of which nothing was seen.

    What is made of words of the cluster is told only by an answer.
    """
    plain = documented(contract)
    return frozenset(
        (
            *plain,
            *variants(plain),
            *_unsupported(contract, Words.of(contract)),
            *_tempting(unfiltered(contract)),
            *unusual(contract),
        )
    )


def _unsupported(contract: Contract, words: Words) -> Iterator[Query]:
    """Join each with the parameters of the unfiltered view, so that most would show."""
    item = contract.filter_by(Operator.EQUALS)
    rest = unfiltered(contract).pairs
    for value in unsupported(words):
        yield Query.of(((item.parameter, value), *rest))


def _tempting(base: Query) -> Iterator[Query]:
    for tempting in EXPANSION_PARAMETERS:
        yield Query(f"{base.wire}&{tempting}")
