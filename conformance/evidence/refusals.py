"""What requests with credentials that must be refused got instead of a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange

COINCIDENCE = 0.001
"""Share of the runs in which redirects of anyone at random met refused credentials only."""
FEWEST_TIMES = 3
"""Fewest times that are not one outage, in which responses may seem to be in another order."""


def is_not_acceptable(exchange: Exchange) -> bool:
    """Whether the server has no response of the media type that the request asks for.

    It may say so before it checks the credential (RFC 9110, section 15.5.7, sets no order).
    """
    return exchange.status == 406 and "json" not in exchange.request.accept


def passing(exchanges: Iterable[Exchange]) -> frozenset[Exchange]:
    """Return the errors instead of a refusal that did not recur when the request was repeated.

    They have nothing to do with the credential. A successful response is no error, however rare.
    """
    exchanges = tuple(exchanges)
    refused = {exchange.request for exchange in exchanges if exchange.refused}
    return frozenset(
        exchange
        for exchange in exchanges
        if exchange.request in refused and exchange.status >= 300 and not exchange.refused
    )


def recurring_redirects(evidence: Evidence) -> frozenset[Exchange]:
    """Return redirects that did not recur at once, but again and again, and never with the token.

    In an outage everyone is redirected, so redirects without a refusal between them count once.
    """
    everything = evidence.all_exchanges
    granted = (one for one in everything if one.request.access.kind is AccessKind.GRANTED)
    if any(one.is_redirect for one in granted):
        return frozenset()
    refusals = [one for one in evidence.refusals if not one.request.path]
    refusals.sort(key=lambda one: one.moment)
    times = sum(is_one for is_one, _ in groupby(one.is_redirect for one in refusals))
    share = len(refusals) / len(everything)
    if times < FEWEST_TIMES or share**times > COINCIDENCE:
        return frozenset()
    return frozenset(one for one in passing(refusals) if one.is_redirect)
