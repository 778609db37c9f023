"""What requests with credentials that must be refused got instead of a refusal."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.evidence.exchange import Exchange


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
