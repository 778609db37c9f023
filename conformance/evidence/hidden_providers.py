"""Find inactive providers that the unfiltered list lacks and another response contains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.contract.model import Operator
from conformance.contract.query import Query
from conformance.core.memo import remembered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import by_name
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import Comparison, comparisons, confirmed, differences


@remembered
def unlisted_inactive(evidence: Evidence) -> Mapping[str, Comparison]:
    """Return the inactive providers that the unfiltered list always lacks and another result has.

    The mapping is by name; the value is a comparison that proves it. Only queries with documented
    parameters and supported categories count, since others may select anything.
    """
    filters = {item.parameter: item for item in evidence.contract.filters}
    switch = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE)

    def concerns(query: Query) -> bool:
        return all(
            name in filters
            and (filters[name].operator is not Operator.EQUALS or value in filters[name].supported)
            for name, value in query.pairs
        )

    found: dict[str, Comparison] = {}
    for comparison, name, is_added in differences(evidence, comparisons(evidence, concerns)):
        present = by_name(comparison.unfiltered)
        # An element without a name, or with a repeated one, may be the missing provider.
        if not is_added or name in present or len(present) < len(comparison.unfiltered.value):
            continue
        if by_name(comparison.exchange)[name].get(switch.property) is False:
            found.setdefault(name, comparison)
    return found


def hidden_inactive(evidence: Evidence) -> dict[str, tuple[Exchange, Exchange]]:
    """Return the inactive providers that *Get All Integrations* always has and the list lacks.

    The mapping is by name; the value is the unfiltered list without the provider and the response
    that contains it.
    """
    seen = list(hidden_sightings(evidence))
    proven = confirmed([set(missing) for _, missing in seen])
    return {
        name: (span.before, missing[name])
        for span, missing in seen
        for name in proven & missing.keys()
    }


def hidden_sightings(evidence: Evidence) -> Iterator[tuple[Span, dict[str, Exchange]]]:
    """Yield each steady span with the inactive providers that only *Get All Integrations* has.

    These are mapped from name to response, and empty if there are none.
    """
    path = evidence.contract.related["allIntegrations"]
    for span in evidence.steady_spans:
        present = by_name(span.before)
        # An element without a name, or with a repeated one, may be the missing provider.
        if len(present) < len(span.before.value):
            continue
        for exchange in span.exchanges:
            if exchange.request.path == path and exchange.listing:
                inactive = [
                    n for n, one in by_name(exchange).items() if one.get("enabled") is False
                ]
                known = present.keys() | evidence.observed_changes.providers
                yield span, {name: exchange for name in inactive if name not in known}
