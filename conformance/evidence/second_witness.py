"""Ask another endpoint of the server about providers that disappeared from the list.

A provider that is gone there as well was removed. One that still exists there is missing from the
list: the server contradicts itself. The list and the other endpoint are read in turn, so a change
of the cluster meets both alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from urllib.parse import quote

from conformance.contract.query import Query, unfiltered
from conformance.core.memo import remembered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import UNSUPPORTED_STATUSES, Exchange, Request
from conformance.evidence.mixed_up import is_misdirected
from conformance.evidence.providers import by_name, repeated_names

MOST_PAIRS = 80
"""Most readings of the other endpoint, each between two of the list.

One replica of three that lacks the provider shows ten separate gaps in 45 lists on average, and in
81 lists in all but one of a thousand runs.
"""
FEWEST_PAIRS = 10
"""Fewest readings that contradict the list before it is wrong.

Each time that the provider is gone for a moment, the moment meets the list or the other endpoint.
If it is a change, it meets the list ten times and the other endpoint never in one run of a
thousand.
"""
SHARE_MISSING = 0.2
"""Share of the lists that must lack a provider that comes and goes before it is wrong.

A provider that is created again and again is gone from the list for a short part of the time, and
another endpoint may never show it.
"""
LAG = 3.0
"""Seconds after which the list must agree with the other endpoint.

A search index shows a change late: that of Elasticsearch is refreshed every second by default.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A response of the other endpoint, which has the provider or not, and the lists around it."""

    before: Exchange
    witness: Exchange
    after: Exchange
    has: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What another endpoint says of a provider that disappeared from the list.

    ``readings`` are in the order of sending, and empty if no other endpoint could tell.
    """

    name: str
    readings: tuple[Reading, ...] = ()

    def lacks(self, listing: Exchange) -> bool:
        """Whether a list lacks the provider."""
        return self.name not in by_name(listing)

    @property
    def exists(self) -> bool:
        """Whether the other endpoint has the provider every time."""
        return bool(self.readings) and all(reading.has for reading in self.readings)

    @property
    def shown(self) -> tuple[bool, ...]:
        """Whether the list has the provider, for each of its readings in turn."""
        lists = {read.sent: read for one in self.readings for read in (one.before, one.after)}
        return tuple(not self.lacks(lists[sent]) for sent in sorted(lists))

    @property
    def missing(self) -> tuple[Reading, ...]:
        """The readings that show that the list lacks the provider all the time, at the end."""
        found: list[Reading] = []
        for reading in reversed(self.readings):
            if not (self.lacks(reading.before) and self.lacks(reading.after)):
                break
            found.insert(0, reading)
        certain = self.exists and len(found) >= FEWEST_PAIRS
        return tuple(found) if certain and _seconds(found) >= LAG else ()

    @property
    def comes_and_goes(self) -> int:
        """How often the list lacked the provider between readings that have it, if that is wrong.

        The value is 0 if it is not wrong, or not often enough to tell.
        """
        shown = self.shown
        gaps = sum(not there for there, _ in groupby(shown)) if self.exists else 0
        often = gaps >= FEWEST_PAIRS and shown.count(False) >= SHARE_MISSING * len(shown)
        return gaps if often else 0

    @property
    def decided(self) -> bool:
        """Whether further readings would not change what follows from these."""
        if not self.readings:
            return False
        gone = sum(not reading.has for reading in self.readings)
        back = len(self.readings) >= FEWEST_PAIRS and all(self.shown)
        return bool(gone or back or self.missing or self.comes_and_goes)


def disappeared(evidence: Evidence) -> tuple[str, ...]:
    """Return the names of providers that the unfiltered list had and then lacked.

    Those that it lacked most often come first.
    """
    lists = evidence.unfiltered_reads
    ambiguous = frozenset[str]().union(*map(repeated_names, lists))
    lost: set[str] = set()
    for before, after in pairwise(lists):
        if before.decoded.digest != after.decoded.digest:
            lost |= by_name(before).keys() - by_name(after).keys() - ambiguous
    times = {name: sum(name not in by_name(read) for read in lists) for name in lost}
    return tuple(sorted(lost, key=lambda name: (-times[name], name)))


def questions(evidence: Evidence, name: str) -> tuple[Request, ...]:
    """Return the requests to other endpoints that tell whether a provider exists, best first."""
    related = evidence.contract.related
    access, whole = evidence.unfiltered_reads[0].request.access, unfiltered(evidence.contract)
    # Names made of dots would change the path.
    own = quote(name, safe="", errors="replace") if name.strip(".") else ""
    paths = (
        (related["provider"].replace("{name}", own) if own else None, Query()),
        (related["allIntegrations"], whole),
        (related.get("allNames"), whole),
    )
    return tuple(Request(query, access, path=path) for path, query in paths if path)


def tells(exchange: Exchange, name: str) -> bool | None:
    """Whether another endpoint has a provider, ``None`` if the response does not tell."""
    if exchange.ok and isinstance(exchange.value, dict):
        return True if exchange.value.get("name") == name else None
    if exchange.listing:
        words = [one for one in exchange.value if isinstance(one, str)]
        return name in by_name(exchange) or any(
            word == name or word.startswith(f"{name}:") for word in words
        )
    return False if exchange.status in UNSUPPORTED_STATUSES else None


@remembered
def accounts(evidence: Evidence) -> tuple[Account, ...]:
    """Return what other endpoints say of each provider that disappeared from the list."""
    return tuple(account(evidence, name) for name in disappeared(evidence))


def account(evidence: Evidence, name: str) -> Account:
    """Return what another endpoint says of a provider."""
    # A server without the endpoint says "not found" of every provider.
    known = any(_has_one(exchange) or exchange.listing for exchange in evidence.related)
    for request in questions(evidence, name):
        readings = tuple(_readings(evidence, name, request))
        if readings and (known or any(reading.has for reading in readings)):
            return Account(name, readings)
    return Account(name)


def _has_one(exchange: Exchange) -> bool:
    return exchange.ok and isinstance(exchange.value, dict)


def _readings(evidence: Evidence, name: str, request: Request) -> Iterator[Reading]:
    for span in evidence.spans:
        # Others lie between two readings of the list that are not next to each other.
        if len(span.exchanges) == 1 and span.exchanges[0].request == request:
            (witness,) = span.exchanges
            has = tells(witness, name)
            if has is not None and span.before.listing and span.after.listing:
                yield Reading(span.before, witness, span.after, has)


def most_vanished(evidence: Evidence) -> tuple[int, int] | None:
    """Return how many providers are gone at the end, and of how many; ``None`` if few are."""
    lists = evidence.unfiltered_reads
    # A list that is the response to another query says nothing of what is gone.
    if not lists or is_misdirected(evidence, lists[-1].query):
        return None
    fullest = max(lists, key=lambda read: len(by_name(read)))
    gone = by_name(fullest).keys() - by_name(lists[-1]).keys()
    many = 2 * len(gone) > len(by_name(fullest))
    return (len(gone), len(by_name(fullest))) if many else None


def _seconds(readings: Sequence[Reading]) -> float:
    return readings[-1].after.moment - readings[0].before.moment if readings else 0.0
