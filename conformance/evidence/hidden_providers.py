"""Inactive providers that another view of this endpoint shows, and the unfiltered one does not."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract.model import Operator
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import by_name
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import Comparison, believable, comparisons, differences


def unlisted_inactive(evidence: Evidence) -> dict[str, Comparison]:
    """Return by name the inactive providers that the unfiltered view lacks every time.

    With each comes the comparison that shows it. Only queries of documented parameters count, of
    supported categories: what others select may be anything.
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
        # What has no name, or that of another, may be the one that seems to be missing.
        if not is_added or name in present or len(present) < len(comparison.unfiltered.value):
            continue
        if by_name(comparison.exchange)[name].get(switch.property) is False:
            found.setdefault(name, comparison)
    return found


def hidden_inactive(evidence: Evidence) -> dict[str, tuple[Exchange, Exchange]]:
    """Return the inactive providers that only *Get All Integrations* shows, every time.

    With each come the unfiltered view without it and the answer that shows it.
    """
    seen = list(hidden_sightings(evidence))
    believed = believable([set(missing) for _, missing in seen])
    return {
        name: (span.before, missing[name])
        for span, missing in seen
        for name in believed & missing.keys()
    }


def hidden_sightings(evidence: Evidence) -> Iterator[tuple[Span, dict[str, Exchange]]]:
    """Yield each steady span with the inactive providers that only *Get All Integrations* has."""
    path = evidence.contract.related["allIntegrations"]
    for span in evidence.steady_spans:
        present = by_name(span.before)
        # What has no name, or that of another, may be the one that seems to be missing.
        if len(present) < len(span.before.value):
            continue
        for exchange in span.exchanges:
            if exchange.request.path == path and exchange.listing:
                yield (
                    span,
                    {
                        name: exchange
                        for name, provider in by_name(exchange).items()
                        if provider.get("enabled") is False
                        and name not in present
                        and name not in evidence.restless.providers
                    },
                )
