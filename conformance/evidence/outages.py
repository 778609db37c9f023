"""Failures that a part of the server had for a while, such as one replica while it was deployed.

They have nothing to do with the requests that met them, and are not the responses of the server
that is judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice

from conformance.contract.filter_oracle import is_documented
from conformance.core.memo import remembered
from conformance.evidence.evidence import Evidence, as_sent
from conformance.evidence.exchange import (
    UNSUPPORTED_STATUSES,
    Access,
    AccessKind,
    Exchange,
    Request,
)
from conformance.evidence.refusals import is_not_acceptable
from conformance.evidence.spans import enclosed

COINCIDENCE = 0.001
"""Most of the servers that fail at random whose failures may be taken for an outage.

HTTP-01 is inconclusive for them, so they do not get a green verdict either.
"""
FEW, SHORT = 5, 0.25
"""So few failures prove neither; they may be taken for an outage if they lie within this share of
the run."""
MOST_MORE = 300
"""Most further requests, so that the failures turn out to lie within a short time or not."""
TRIED = 8
"""Requests that are repeated first; the others are not repeated until all of these succeed."""


def may_be_failure(exchange: Exchange, *, is_list: bool, lists: bool, documented: bool) -> bool:
    """Whether a response may come from something in front of a server, or a part of it, that fails.

    ``is_list`` tells whether the body is a list, ``lists`` whether the first response of the run
    was one, ``documented`` whether the query is.
    """
    request, status = exchange.request, exchange.status
    head = request.method == "HEAD"
    if request.path or exchange.transient or (head and status in UNSUPPORTED_STATUSES):
        return False
    if request.access.kind is not AccessKind.GRANTED:
        return not (exchange.refused or is_list)
    if status == 200:
        return not head and lists and not is_list
    return 300 <= status < 400 or status >= 500 or documented


def to_repeat(evidence: Evidence, *, first: bool) -> tuple[Request, ...]:
    """Return the requests that failed and did not succeed later; of the ``first``, only a few."""
    open_ones = (one.request for one in _failures(evidence) if not _passed(evidence, one))
    distinct = tuple({as_sent(one): one for one in open_ones}.values())
    return distinct[:: -(-len(distinct) // TRIED)] if first and distinct else distinct


def may_pass(evidence: Evidence, failed: Iterable[Request]) -> bool:
    """Whether one of these requests ever succeeded, or one with the same kind of credential."""
    refused = {one.request.access.kind for one in evidence.refusals if one.refused}
    return any(
        request.access.kind in refused
        or any(
            one.conclusive and not _is_failure(evidence, one)
            for one in evidence.responses_to(request)
        )
        for request in failed
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """The failures that passed, by ``sent``, and the places in ``every`` between which they lie."""

    passed: frozenset[int]
    every: tuple[Exchange, ...]
    begin: int
    end: int

    @property
    def requests(self) -> int:
        return self.end - self.begin

    @property
    def is_coincidence(self) -> bool:
        """Whether failures at random may lie within so short a time."""
        number, share = len(self.passed), self.requests / len(self.every)
        if number <= FEW:
            return share > SHORT
        return number * share ** (number - 1) > COINCIDENCE


def _window(evidence: Evidence) -> _Window | None:
    failures = [one for one in _failures(evidence) if _passed(evidence, one)]
    passed = frozenset(one.sent for one in failures)
    # A server may fail at random for refused credentials only, or for the accepted one.
    concerned = {_is_granted(one) for one in failures}
    every = [one for one in _every(evidence) if _is_granted(one) in concerned]
    every.sort(key=lambda one: one.sent)
    places = [place for place, one in enumerate(every) if one.sent in passed]
    if not places:
        return None
    return _Window(passed, tuple(every), places[0], places[-1] + 1)


def more(evidence: Evidence) -> tuple[Request, ...]:
    """Return further requests that show whether failures lie within a short time."""
    window = _window(evidence)
    if window is None or not window.is_coincidence:
        return ()
    number = len(window.passed)
    longer = 1 / SHORT if number <= FEW else (number / COINCIDENCE) ** (1 / (number - 1))
    needed = math.ceil(window.requests * longer) - len(window.every)
    if needed > MOST_MORE:
        return ()
    usual = [one.request for one in window.every if is_documented(evidence.contract, one.query)]
    return tuple(islice(cycle(usual), needed))


def without_outage(evidence: Evidence) -> Evidence:
    """Return the evidence without failures that all lie within a short time and passed.

    A server that fails at random does so all the time: unless there are few, the probability that
    its failures are so close to each other is at most ``COINCIDENCE``. One that fails on each first
    request is none with an outage.
    """
    window = _window(evidence)
    if window is None or window.is_coincidence:
        return evidence
    begin, end = window.begin, window.end
    if len(window.passed) > FEW and not _some_new_ones_succeed(
        evidence, window.every[:begin], window.every[begin:end]
    ):
        return evidence

    def kept(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
        return tuple(one for one in exchanges if one.sent not in window.passed)

    ends = {one.sent: one for span in evidence.spans for one in (span.before, span.after)}
    return replace(
        evidence,
        spans=enclosed(
            kept(ends.values()), kept(chain.from_iterable(one.exchanges for one in evidence.spans))
        ),
        unanchored=kept(evidence.unanchored),
        refusals=kept(evidence.refusals),
        head_requests=kept(evidence.head_requests),
        negotiated=kept(evidence.negotiated),
        passed_over=tuple(one for one in window.every if one.sent in window.passed),
    )


def _some_new_ones_succeed(
    evidence: Evidence, before: Sequence[Exchange], within: Sequence[Exchange]
) -> bool:
    """Whether a request sent for the first time succeeded, or one failed that had succeeded."""
    known = {as_sent(one.request) for one in before}
    return any(
        (as_sent(one.request) in known) is _is_failure(evidence, one)
        for one in within
        if is_documented(evidence.contract, one.query)
    )


def _is_granted(exchange: Exchange) -> bool:
    return exchange.request.access.kind is AccessKind.GRANTED


def _every(evidence: Evidence) -> list[Exchange]:
    """Return all requests of the endpoint, each once."""
    found = {one.sent: one for one in evidence.all_exchanges if not one.request.path}
    return list(found.values())


@remembered
def _failures(evidence: Evidence) -> tuple[Exchange, ...]:
    return tuple(one for one in _every(evidence) if _is_failure(evidence, one))


def _is_failure(evidence: Evidence, exchange: Exchange) -> bool:
    request = exchange.request
    if request.access.kind is AccessKind.GRANTED:
        if exchange.refused and _likeness(exchange) in _usual_refusals(evidence):
            # A gateway keeps refusals, or the credential is not always accepted.
            return False
        if request.method == "HEAD" and exchange.conclusive and exchange.status == 404:
            # It may mean that the method is not supported, which would last.
            return True
    return not is_not_acceptable(exchange) and may_be_failure(
        exchange,
        is_list=exchange.listing or (exchange.ok and request.access in _accepted(evidence)),
        lists=evidence.opening.listing,
        documented=is_documented(evidence.contract, exchange.query),
    )


@remembered
def _accepted(evidence: Evidence) -> frozenset[Access]:
    """Return the credentials that got a list although they are to be refused."""
    return frozenset(one.request.access for one in evidence.refusals if one.listing)


@remembered
def _usual_refusals(evidence: Evidence) -> frozenset[tuple[int, bytes]]:
    """Return status and digest of the first refusal of each kind of credential.

    Those with another status than the very first are left out. In an outage most refusals may come
    from something in front of the server.
    """
    refused = sorted((one for one in evidence.refusals if one.refused), key=lambda one: one.sent)
    first = {one.request.access.kind: one for one in reversed(refused)}
    return frozenset(_likeness(one) for one in first.values() if one.status == refused[0].status)


def _likeness(exchange: Exchange) -> tuple[int, bytes]:
    return exchange.status, exchange.body_digest


def _passed(evidence: Evidence, failed: Exchange) -> bool:
    """Whether a later response to the same request was none of these."""
    return any(
        one.sent > failed.sent and one.conclusive and not _is_failure(evidence, one)
        for one in evidence.responses_to(failed.request)
    )
