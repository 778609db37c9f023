"""Which queries each part of a run sends."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query, documented, unfiltered
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import kinds
from conformance.runner.cluster import Scale, Words
from conformance.runner.plan import Plan
from conformance.runner.unusual_queries import (
    EXPANSION_PARAMETERS,
    SEPARATORS,
    near_miss_categories,
    unusual,
    unusual_kinds,
    variants,
)

PROBED = 0.5
"""Size limit of generated queries, as a share of a large unfiltered response; none is required."""


class Queries:
    """The queries of a plan for a cluster of this scale; ``left_out`` counts those not sent.

    ``words`` are those of the cluster, by default of a cluster without providers.
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
    def notes(self) -> tuple[str, ...]:
        """Notes for the report about the queries that were left out."""
        if not self._scale.large:
            return ()
        size = max(1, self._scale.whole >> 20)
        note = (
            f"The responses are large ({size:,} MiB for all providers), so {self.left_out:,} "
            "queries that repeat others or are equivalent to them were left out; the evidence of "
            "each requirement says what was checked."
        )
        return (note,)

    def turns(self, view: Exchange | None) -> tuple[Query, ...]:
        """Return the queries in sequence: the bare query after queries with all parameters.

        The values of the parameters change together, which shows as much about each. The two
        categories are ones with active providers in the unfiltered ``view``, if there are any.
        """
        item = self._contract.filter_by(Operator.EQUALS)
        flag = self._contract.filter_by(Operator.ONLY_WHEN_TRUE)
        fields = item.property, flag.property
        found = [] if view is None else [dict(kind) for kind in kinds(view, fields)]
        states = [(kind[item.property], kind[flag.property]) for kind in found]
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
        """Return the documented queries without the unfiltered one, which is sent between parts."""
        whole = unfiltered(self._contract)
        return tuple(query for query in self._plain if query != whole)

    def variants(self) -> tuple[Query, ...]:
        """Return equivalent spellings of the documented queries."""
        return self._fitting(variants(self._plain))

    def categories(self) -> tuple[Query, ...]:
        """Return queries for unsupported categories, inactive providers included."""
        return tuple(_unsupported(self._contract, self._words))

    def expansions(self) -> tuple[Query, ...]:
        """Return queries with undocumented parameters that may make a server embed models."""
        return self._fitting(_expansions(self._scale.base()))

    def malformed(self) -> Query:
        """Return one of the unusual queries, with a malformed boolean."""
        return unusual_kinds(self._contract, self._scale.base(), self._words)[0][0]

    def inputs(self) -> tuple[Query, ...]:
        """Return unusual queries."""
        if not self._scale.large:
            return unusual(self._contract, self._words)
        kinds = unusual_kinds(self._contract, self._scale.base(), self._words)
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
        """Return every documented query in a new order, those without a category twice."""
        narrow = self._contract.filter_by(Operator.EQUALS).parameter
        wide = [query for query in self._plain if not query.values(narrow)]
        everything = [*self._plain, *wide]
        order = random.Random(f"{self._plan.seed} {number}")  # noqa: S311 - an order, not a secret
        return self._fitting(order.sample(everything, len(everything)))

    def _fitting(
        self, queries: Iterable[Query], *, share: float = 1.0, fewest: int = 4
    ) -> tuple[Query, ...]:
        every = tuple(queries)
        kept = self._scale.fitting(every, share=share, fewest=fewest)
        self.left_out += len(every) - len(kept)
        return kept


def written_by_hand(contract: Contract) -> frozenset[Query]:
    """Return every query that is not generated, for a cluster without providers.

    Queries made from the words of a cluster are not included; they depend on its first response.
    """
    plain = documented(contract)
    unsupported = _unsupported(contract, Words.of(contract))
    expansions = _expansions(unfiltered(contract))
    return frozenset((*plain, *variants(plain), *unsupported, *expansions, *unusual(contract)))


def _unsupported(contract: Contract, words: Words) -> Iterator[Query]:
    """Add the parameters of the unfiltered query, so that a loose filter shows most."""
    item = contract.filter_by(Operator.EQUALS)
    rest = unfiltered(contract).pairs
    for value in near_miss_categories(words):
        yield Query.of(((item.parameter, value), *rest))
    # Separators that are not percent-encoded, which some frameworks split at.
    first, second, _ = words.known
    for separator in SEPARATORS:
        yield Query(f"{item.parameter}={first}{separator}{second}&{Query.of(rest).wire}")


def _expansions(base: Query) -> Iterator[Query]:
    for parameter in EXPANSION_PARAMETERS:
        yield Query(f"{base.wire}&{parameter}")
