"""Detect parameters that carry over: a query without them uses those of the previous query.

This happens on servers that store parameters per connection, per thread or globally: a query
without ``activeOnly`` then uses the value of the query before it. With concurrent requests, this
looks like a changing cluster. With one request at a time, each response depends on the previous
query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from conformance.contract.filter_oracle import is_documented, readings
from conformance.contract.model import Contract
from conformance.contract.query import Query, unfiltered
from conformance.core.memo import remembered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange

FEWEST_PAIRS = 3
"""Fewest pairs, with at least two values, all of which must show the value carried over."""
FEWEST_WRONG = 2
"""Fewest pairs in which the response to the bare query must be wrong because of that."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query without parameters, and the query sent directly before it."""

    before: Exchange
    bare: Exchange


def pairs_in_turn(evidence: Evidence) -> Iterator[Pair]:
    """Yield each bare query that directly follows a documented query with all parameters.

    No other request was active during the pair, so both used one connection unless the server
    closed it.
    """
    names = {item.parameter for item in evidence.contract.filters}
    reads = sorted(evidence.all_exchanges, key=lambda read: read.sent)
    for before, bare in pairwise(reads):
        start = before.sent
        alone = (before.answered, bare.sent, bare.answered) == (start + 1, start + 2, start + 3)
        are_reads = all(
            one.listing and one.request.method == "GET" and not one.request.path
            for one in (before, bare)
        )
        given = {name for name, _ in before.query.pairs}
        complete = given == names and is_documented(evidence.contract, before.query)
        if alone and are_reads and complete and not bare.query.wire:
            yield Pair(before, bare)


@remembered
def carried(evidence: Evidence) -> Mapping[str, tuple[Pair, ...]]:
    """Return the parameters that carry over, each with the pairs whose responses are wrong.

    The mapping is empty if there is no such parameter or too little evidence.
    """
    pairs = tuple(pairs_in_turn(evidence))
    names = [item.parameter for item in evidence.contract.filters]
    return {name: wrong for name in names if (wrong := _wrong(evidence.contract, name, pairs))}


def lacks_carried(evidence: Evidence, query: Query) -> bool:
    """Whether a query lacks a parameter that carries over, so that its response may be affected."""
    return any(not query.values(name) for name in carried(evidence))


def _wrong(contract: Contract, name: str, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    given = {pair.before.query.values(name) for pair in pairs}
    if len(pairs) < FEWEST_PAIRS or len(given) < 2:
        return ()
    if not all(_follows(contract, name, pair) for pair in pairs):
        return ()
    known = [provider for pair in pairs for provider in pair.before.providers]
    wrong = tuple(pair for pair in pairs if _explains_error(contract, name, pair, known))
    return wrong if len(wrong) >= FEWEST_WRONG else ()


def _follows(contract: Contract, name: str, pair: Pair) -> bool:
    """Whether the bare query returned only providers that the previous value selects."""
    (reading,) = readings(contract, _with(unfiltered(contract), name, pair))
    found = [reading.keeps(provider) is True for provider in pair.bare.providers]
    return bool(found) and all(found)


def _explains_error(
    contract: Contract, name: str, pair: Pair, known: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the response wrongly lacks or has a provider, which the previous value explains."""
    (own,) = readings(contract, pair.bare.query)
    (narrowed,) = readings(contract, _with(unfiltered(contract), name, pair))
    (widened,) = readings(contract, _with(pair.bare.query, name, pair))
    here = {str(provider.get("name")) for provider in pair.bare.providers}
    missing = any(
        own.keeps(one) is True and narrowed.keeps(one) is False and str(one.get("name")) not in here
        for one in known
    )
    return missing or any(
        own.keeps(one) is False and widened.keeps(one) is True for one in pair.bare.providers
    )


def _with(query: Query, name: str, pair: Pair) -> Query:
    (value,) = pair.before.query.values(name)
    return Query.of((dict(query.pairs) | {name: value}).items())
