"""Evidence in which some of the answers are what a fuzzer made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from support.canned.exchanges import evidence, exchange

from conformance.contract.loader import load
from conformance.contract.query import Query, documented, unfiltered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span
from conformance.target.refused_credentials import forms

LAW = load()
WHOLE = unfiltered(LAW)
VIEWS = tuple(query for query in documented(LAW) if query != WHOLE)
REPHRASED = (Query("activeOnly=true&category=AI_MODEL"), Query("%61ctiveOnly=fals%65"))
UNUSUAL = tuple(
    Query(wire)
    for wire in (
        "activeOnly=maybe",
        "category=NONE",
        "category=",
        "activeOnly=true&activeOnly=false",
        "size=1",
        "category=%F0%9F%92%A5%00%22",
    )
)
NAMES = ("openAI", "pinecone")
"""Providers of the canned cluster that siblings are asked about."""
STRANGERS = tuple(form.access for form in forms("an-opaque-token"))
STATUSES = (200, 200, 404, 500)

# Bits of a layout: which answers of a run are the odd one. The last two choose its status.
IN_WHOLE, IN_VIEWS, IN_SIBLINGS, TO_STRANGERS, TO_UNUSUAL, NOW_AND_THEN = (
    1 << bit for bit in range(6)
)
EVERYWHERE = NOW_AND_THEN - 1


SIBLINGS = (
    LAW.related["allIntegrations"],
    *(LAW.related[of].replace("{name}", name) for of in ("provider", "models") for name in NAMES),
)


def gathered(layout: int, body: bytes, headers: Mapping[str, str] | None = None) -> Evidence:
    """Return the evidence of a run that got this body in the places that ``layout`` names."""
    status = STATUSES[layout >> 6]

    def odd(query: Query, **members: Any) -> Exchange:
        return exchange(body, query, status=status, headers=headers, **members)

    replaced: dict[str, Exchange] = {}
    extra: list[Exchange] = []
    refusals: list[Exchange] = []
    if layout & IN_WHOLE:
        replaced[WHOLE.wire] = odd(WHOLE)
    if layout & IN_VIEWS:
        replaced |= {query.wire: odd(query) for query in VIEWS}
        extra += [odd(query) for query in REPHRASED]
    if layout & IN_SIBLINGS:
        extra += [odd(Query(), path=path) for path in SIBLINGS]
    if layout & TO_UNUSUAL:
        extra += [odd(query) for query in UNUSUAL]
    if layout & TO_STRANGERS:
        refusals += [odd(Query(), access=access) for access in STRANGERS]
    whole = evidence(*extra, replaced=replaced, refusals=tuple(refusals), contract=LAW)
    if layout & NOW_AND_THEN:
        return replace(whole, spans=_mixed(whole.spans))
    return whole


def _mixed(odd: Sequence[Span]) -> tuple[Span, ...]:
    """Let every other span be right, and one be different at its two ends."""
    right = evidence(contract=LAW).spans
    spans = [pair[number % 2] for number, pair in enumerate(zip(odd, right, strict=True))]
    spans.append(Span(odd[0].before, odd[0].exchanges, right[0].after))
    return tuple(spans)
