"""Inactive providers that another view of this endpoint shows, and the unfiltered one does not."""

from __future__ import annotations

from conformance.contract.loader import Operator
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.providers import by_name
from conformance.evidence.view_comparison import Comparison, comparisons, differences


def unlisted_inactive(evidence: Evidence) -> dict[str, Comparison]:
    """Return by name the inactive providers that the unfiltered view lacks every time.

    With each comes the comparison that shows it. Only queries of documented parameters count, of
    supported categories: what others select may be anything.
    """
    filters = {item.parameter: item for item in evidence.contract.filters}
    switch = next(
        item for item in evidence.contract.filters if item.operator is Operator.ONLY_WHEN_TRUE
    )

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
