"""Recognise a wrong response that would be the right one to another documented query."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.contract.filter_oracle import readings
from conformance.contract.query import Query, documented
from conformance.core.memo import remembered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange
from conformance.evidence.providers import by_name, filtered_by, names_by_kind


def belongs_to(evidence: Evidence, exchange: Exchange) -> Query | None:
    """Return the first documented query to which a response is right, if it is not to its own.

    The result is ``None`` for a response without providers, which is right to many queries, and for
    one to a refused credential.
    """
    request = exchange.request
    shown = frozenset(by_name(exchange)) if exchange.listing else frozenset()
    if not shown or request.path or request.access.kind is not AccessKind.GRANTED:
        return None
    results = _results(evidence)
    if shown == results.get(evidence.plain_of(request.query)):
        return None
    return next((query for query, names in results.items() if names == shown), None)


@remembered
def _results(evidence: Evidence) -> Mapping[Query, frozenset[str]]:
    """Return the names of the providers that each documented query selects from the cluster."""
    if not evidence.unfiltered_reads:
        return {}
    contract = evidence.contract
    groups = names_by_kind(evidence.unfiltered_reads[-1], filtered_by(contract))
    results = {}
    for query in documented(contract):
        (reading,) = readings(contract, query)
        chosen = (names for kind, names in groups.items() if reading.keeps(dict(kind)))
        results[query] = frozenset[str]().union(*chosen)
    return results
