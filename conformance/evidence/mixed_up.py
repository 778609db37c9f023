"""Detect caches that return the stored response of another query.

Such a cache makes every filter look broken. Requests that a cache must not respond to
(``Request.fresh``) tell: their URLs are unique, so a response to one that comes from a cache
belongs to another query; and where the cache lets them pass, they get the right result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from conformance.contract.filter_oracle import readings
from conformance.contract.query import Query
from conformance.core.memo import remembered
from conformance.core.text import format_value
from conformance.evidence.carry_over import lacks_carried
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import filtered_by, kinds

CACHE_HEADERS = ("x-cache", "x-cache-status", "x-proxy-cache", "cf-cache-status", "x-cache-hits")
"""Headers that say whether a response is stored: those of CDNs, and common ones of own caches."""


def stored(exchange: Exchange) -> str | None:
    """Return the header that says that a response comes from a cache, ``None`` without one."""
    age = (exchange.header("age") or "").strip()
    if age.isdecimal() and age.strip("0"):
        return f"Age: {int(age[:9])}"
    for name in CACHE_HEADERS:
        value = (exchange.header(name) or "").strip().lower()
        if value.startswith("hit") or (name == "x-cache-hits" and value.strip("0").isdecimal()):
            return f"{name}: {value[:20]}"
    return None


@remembered
def of_another_url(evidence: Evidence) -> Exchange | None:
    """Return a stored response to a URL that was never requested before."""
    return next((read for read in evidence.reads if read.request.fresh and stored(read)), None)


@remembered
def mixed_up(evidence: Evidence) -> Mapping[Query, Exchange]:
    """Return documented queries that a cache mixes up, each with a wrong response.

    Every response to the query that a cache may give holds a provider that the query excludes, and
    every other one is right.
    """
    groups: dict[Query, list[Exchange]] = defaultdict(list)
    for read in evidence.documented_listings:
        groups[read.query].append(read)
    found = {}
    for query, reads in groups.items():
        fresh = [read for read in reads if read.request.fresh]
        others = [read for read in reads if not read.request.fresh]
        wrong = [read for read in others if excluded(evidence, read) is not None]
        if wrong and fresh and all(excluded(evidence, read) is None for read in fresh):
            found[query] = wrong[0]
    return found


def are_mixed_up(evidence: Evidence) -> bool:
    """Whether a cache mixes up queries, so that its responses say nothing about filters."""
    return bool(mixed_up(evidence)) or of_another_url(evidence) is not None


def is_misdirected(evidence: Evidence, query: Query) -> bool:
    """Whether responses to a query may belong to another one, so that they say nothing of it."""
    return lacks_carried(evidence, query) or are_mixed_up(evidence)


def excluded(evidence: Evidence, read: Exchange) -> str | None:
    """Return the name of a provider in a result that its query excludes, ``None`` without one."""
    (reading,) = readings(evidence.contract, read.query)
    for kind, alike in kinds(read, filtered_by(evidence.contract)).items():
        if reading.keeps(dict(kind)) is False:
            return format_value(alike[0].get("name"))
    return None
