"""Whether a parameter of one query still counts in the next, which does not have it.

Servers that keep what was asked with the connection, the thread, or all of it in one place let a
query without ``activeOnly`` take that of the query before. Asked at once, this looks like a cluster
that changes; asked one after the other, the answers follow the query before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from conformance.contract.model import Contract
from conformance.contract.oracle import is_documented, readings
from conformance.contract.query import Query, unfiltered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange

FEWEST_PAIRS = 3
"""Queries in turn, of two values, after which the bare query has to follow each time."""
FEWEST_WRONG = 2
"""Bare queries whose answers have to be wrong by that."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A bare query, and the one that was asked before it with nothing in between."""

    before: Exchange
    bare: Exchange


def pairs_in_turn(evidence: Evidence) -> Iterator[Pair]:
    """Yield bare queries asked straight after one that has all parameters, while nothing else was.

    So they went over one connection, unless the server closed it.
    """
    names = {item.parameter for item in evidence.contract.filters}
    reads = sorted(evidence.all_exchanges, key=lambda read: read.sent)
    for before, bare in pairwise(reads):
        alone = before.answered == before.sent + 1 and bare.answered == bare.sent + 1
        if not alone or bare.sent != before.answered + 1 or not _is_read(before, bare):
            continue
        given = {name for name, _ in before.query.pairs}
        if (
            given == names
            and not bare.query.wire
            and is_documented(evidence.contract, before.query)
        ):
            yield Pair(before, bare)


def _is_read(*exchanges: Exchange) -> bool:
    return all(
        one.listing and one.request.method == "GET" and not one.request.path for one in exchanges
    )


def carried(evidence: Evidence) -> Mapping[str, tuple[Pair, ...]]:
    """Return the parameters that count in the next query, with the pairs that are wrong by it."""
    if evidence not in _KNOWN:
        pairs = tuple(pairs_in_turn(evidence))
        found = {
            item.parameter: _wrong(evidence.contract, item.parameter, pairs)
            for item in evidence.contract.filters
        }
        _KNOWN[evidence] = {name: wrong for name, wrong in found.items() if wrong}
    return _KNOWN[evidence]


_KNOWN: WeakKeyDictionary[Evidence, Mapping[str, tuple[Pair, ...]]] = WeakKeyDictionary()
"""What was found before: several checks ask for it."""


def lacks_carried(evidence: Evidence, query: Query) -> bool:
    """Whether a query lacks a parameter that it may have got from the one before it."""
    return any(not query.values(name) for name in carried(evidence))


def _wrong(contract: Contract, name: str, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    given = {pair.before.query.values(name) for pair in pairs}
    if len(pairs) < FEWEST_PAIRS or len(given) < 2:
        return ()
    if not all(_follows(contract, name, pair) for pair in pairs):
        return ()
    known = [provider for pair in pairs for provider in pair.before.providers]
    wrong = tuple(pair for pair in pairs if _is_wrong(contract, name, pair, known))
    return wrong if len(wrong) >= FEWEST_WRONG else ()


def _follows(contract: Contract, name: str, pair: Pair) -> bool:
    """Whether the bare answer holds nothing that the parameter of the query before leaves out."""
    alone = _with(unfiltered(contract), name, pair)
    (reading,) = readings(contract, alone)
    return bool(pair.bare.providers) and all(
        reading.keeps(provider) is True for provider in pair.bare.providers
    )


def _is_wrong(
    contract: Contract, name: str, pair: Pair, known: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the bare answer lacks or has a provider, and the parameter explains it."""
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
