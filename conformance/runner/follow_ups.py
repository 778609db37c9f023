"""What a run sends after its plan, because of the responses it got.

Differences are repeated, also past caches; queries that were wrong for a moment are watched; other
endpoints are asked about providers that disappeared.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Protocol

from conformance.evidence import (
    equivalent_queries,
    intermittent,
    outages,
    related_endpoints,
    second_witness,
    view_comparison,
)
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Request
from conformance.evidence.second_witness import FEWEST_PAIRS, LAG, MOST_PAIRS, Account
from conformance.runner.plan import Part

BATCH = 4
"""Queries between two unfiltered reads when requests are repeated on a changing cluster."""
AGAIN = 8
"""Maximum number of times to repeat requests for what is still undecided."""
MOST_CONTESTED = 80
"""Maximum number of requests that are repeated so that no cache responds."""
WAITS = (1.0, 2.0, 4.0)
"""Seconds before failures are repeated once more that may pass."""
MISSED = 2
"""Maximum number of providers that other endpoints are asked about because the list lost them."""
WATCHED_LARGE = 12
"""Maximum number of repetitions after intermittent differences, if responses are large."""


class Gathering(Protocol):
    """The evidence of a run so far, and how to add to it."""

    @property
    def evidence(self) -> Evidence:
        """The evidence gathered so far."""

    @property
    def large(self) -> bool:
        """Whether responses are large."""

    def add_span(self, part: Part, requests: Sequence[Request], *, at_once: bool = True) -> None:
        """Send requests, at once or one at a time, between two unfiltered reads."""

    def repeat(self, part: Part, requests: Sequence[Request]) -> None:
        """Send requests again, with any credential."""

    def pass_over_outage(self) -> None:
        """Leave out what failed in an outage of a part of the server."""

    def add_fresh_span(self, requests: Sequence[Request]) -> int | None:
        """Send requests past all caches; return how many agree with the unfiltered list.

        The result is ``None`` if the server does not allow that.
        """

    def go_past_caches(self) -> None:
        """Send all further requests past caches, if the server allows that."""

    def pause(self, seconds: float) -> None:
        """Send nothing for a while."""


def repeat_failures(gathering: Gathering) -> None:
    """Repeat what failed; what succeeds now may have met an outage of a part of the server."""
    for seconds in (0.0, *WAITS):
        few = outages.to_repeat(gathering.evidence, first=True)
        if not few:
            break
        if seconds:
            gathering.pause(seconds)
        gathering.repeat(Part.AGAIN, few)
        left = outages.to_repeat(gathering.evidence, first=False)
        failed = set(few) & set(left)
        if not failed:
            gathering.repeat(Part.AGAIN, left)
        elif not outages.may_pass(gathering.evidence, failed):
            break
    if not gathering.large:
        gathering.repeat(Part.AGAIN, outages.more(gathering.evidence))
    gathering.pass_over_outage()


def repeat_undecided(gathering: Gathering) -> None:
    """Repeat requests that comparisons left undecided: differences, and what kept changing."""
    for _ in range(AGAIN):
        evidence = gathering.evidence
        compared = (equivalent_queries, view_comparison, related_endpoints)
        again = list(dict.fromkeys(chain(*(one.open_requests(evidence) for one in compared))))
        if not again:
            break
        size = BATCH if evidence.changing else len(again)
        for place in range(0, len(again), size):
            gathering.add_span(Part.AGAIN, again[place : place + size])


def bypass_caches(gathering: Gathering) -> None:
    """Repeat what differs so that no cache responds; what then agrees was stored."""
    contested = view_comparison.contested_requests(gathering.evidence)
    requests = sorted(contested, key=lambda request: not contested[request])[:MOST_CONTESTED]
    for place in range(0, len(requests), BATCH):
        batch = requests[place : place + BATCH]
        agreeing = gathering.add_fresh_span(batch)
        if agreeing is None or not (agreeing or any(map(contested.get, batch))):
            break


def watch(gathering: Gathering) -> None:
    """Repeat queries with momentary deviations, to distinguish mistakes from changes."""
    at_once = intermittent.are_slow(gathering.evidence)
    watched = intermittent.requests_to_watch(gathering.evidence)
    while watched:
        most = WATCHED_LARGE if gathering.large else None
        gathering.add_span(Part.WATCH, watched[:most], at_once=at_once)
        if most:
            break
        watched = intermittent.requests_to_watch(gathering.evidence, again=True)


def ask_others(gathering: Gathering) -> None:
    """Ask other endpoints about providers that disappeared from the list, in turn with it."""
    evidence = gathering.evidence
    names = second_witness.disappeared(evidence)[:MISSED]
    if names and evidence.unfiltered_reads[-1].may_be_stored:
        # Otherwise a cache may lack what exists again.
        gathering.go_past_caches()
    for name in names:
        account = _account(gathering, name)
        if account.missing or account.comes_and_goes:
            break


def _account(gathering: Gathering, name: str) -> Account:
    account = Account(name)
    for request in second_witness.questions(gathering.evidence, name):
        for number in range(MOST_PAIRS):
            if number == FEWEST_PAIRS and not any(account.shown):
                gathering.pause(LAG)
            gathering.add_span(Part.WITNESS, [request])
            account = second_witness.account(gathering.evidence, name)
            if account.decided or not account.readings:
                break
        if account.readings:
            break
    return account
