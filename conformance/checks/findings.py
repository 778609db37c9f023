"""Collect violations: each distinct violation once, with the simplest query that shows it.

Each finding has a curl command that reproduces it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from conformance.checks.curl import curl
from conformance.checks.verdict import Compared, Finding, Observed
from conformance.contract.query import documented
from conformance.core.strict_json import Element
from conformance.core.text import clipped, visible
from conformance.evidence import foreign_response
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange, simplicity

EXAMPLES = 5
LONGEST_NAME = 200
MOST_KEPT = 500
OVERLOOKED = (
    "a response violates the schema in so many places that only the first ones were examined"
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A violation in the simplest response that shows it, and which responses do."""

    rank: tuple[bool, int, int]
    finding: Finding
    exchange: Exchange
    shown_by: set[tuple[int, bytes]]


def _identity(exchange: Exchange) -> tuple[int, bytes]:
    """Return what responses share that show the same violations."""
    return exchange.status, exchange.body_digest


def _element(exchange: Exchange, pointer: str) -> Element | None:
    """Return the provider of a listing in which a place is."""
    place = pointer.split("/")[1] if pointer else ""
    element = exchange.value[int(place)] if exchange.listing and place.isdecimal() else None
    return element if isinstance(element, Element) else None


class Findings:
    """The violations that one check finds: all are counted, a bounded number are kept."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._kept: dict[Hashable, _Kept] = {}
        self._keys: set[int] = set()
        self._shown_by: dict[Exchange, None] = {}
        self._elements: set[bytes] = set()

    def add(
        self,
        key: Hashable,
        exchange: Exchange,
        observed: str,
        expected: str,
        *,
        pointer: str = "",
        provider: str = "",
        against: Exchange | None = None,
    ) -> None:
        """Record a violation; equal ``key`` values of one check count as the same violation.

        ``provider`` is the name of the provider that it is about, if ``pointer`` does not show it,
        and ``against`` the other response if only a comparison of two shows it.
        """
        self._keys.add(hash(key))
        self._shown_by[exchange] = None
        rank = (*simplicity(exchange), len(pointer))
        kept = self._kept.get(key)
        if kept is None and len(self._kept) >= MOST_KEPT:
            return
        shown_by: set[tuple[int, bytes]] = set() if kept is None else kept.shown_by
        shown_by.add(_identity(exchange))
        if kept is not None and kept.rank <= rank:
            return
        element = _element(exchange, pointer)
        if element is not None:
            self._elements.add(element.canonical)
            name = element.get("name")
            provider = provider or (name if isinstance(name, str) else "")
        finding = replace(
            self._finding(exchange, observed, expected, pointer),
            provider=clipped(visible(provider), LONGEST_NAME),
            compared=None if against is None else Compared(against.query.wire, self._curl(against)),
        )
        self._kept[key] = _Kept(rank, finding, exchange, shown_by)

    def _finding(self, exchange: Exchange, observed: str, expected: str, pointer: str) -> Finding:
        request = exchange.request
        sent = f"{request.method} {request.path or self._evidence.contract.path}"
        sent += f"?{exchange.query.wire}" if exchange.query.wire else ""
        credential = ""
        if request.access.kind is not AccessKind.GRANTED:
            credential = request.access.form
            sent += f" with {credential}"
        return Finding(
            message=f"{clipped(visible(sent), 200)}: {observed}; expected {expected}",
            query=exchange.query.wire,
            curl=self._curl(exchange),
            pointer=pointer,
            observed=observed,
            expected=expected,
            method=request.method,
            credential=credential,
        )

    def _curl(self, exchange: Exchange) -> str:
        return curl(
            exchange,
            insecure=self._evidence.insecure,
            headers=self._evidence.headers,
            options=self._evidence.curl_options,
        )

    def observed(
        self,
        measured: Mapping[str, int],
        *,
        unable: str | None = None,
        at_least: bool = False,
        by_body: bool = False,
        by_element: bool = False,
    ) -> Observed:
        """Return the result of the check; the findings with the simplest queries are the examples.

        ``at_least`` means that there may be more violations than were found. ``by_body`` means that
        the check judged only one of several equal responses. ``by_element`` means that it judged
        each element on its own, in one of the responses that contain it.
        """
        ranked = sorted(self._kept.values(), key=lambda kept: kept.rank)
        generated = bool(ranked) and ranked[0].rank[0]
        return Observed(
            measured=measured,
            findings=tuple(map(self._completed, ranked[:EXAMPLES])),
            kept=tuple(kept.finding for kept in ranked if kept.rank[0] is generated),
            generated=generated,
            found=len(self._keys),
            at_least=at_least,
            unable=unable,
            queries=self._queries(by_body=by_body or by_element, by_element=by_element),
        )

    def _completed(self, kept: _Kept) -> Finding:
        other = foreign_response.belongs_to(self._evidence, kept.exchange)
        same = self._evidence.responses_to(kept.exchange.request)
        return replace(
            kept.finding,
            right_for="" if other is None else str(other),
            seen=sum(_identity(one) in kept.shown_by for one in same),
            responses=len(same),
        )

    def _queries(self, *, by_body: bool, by_element: bool) -> tuple[str, ...]:
        """Return the documented queries whose responses show a violation, in contract order."""
        if not self._shown_by:
            return ()
        evidence = self._evidence
        shown = [one for one in self._shown_by if not one.request.path]
        violating = {exchange.query for exchange in shown}
        if by_body:
            alike = {exchange.decoded.digest for exchange in shown}
            if by_element:
                distinct = {read.decoded.digest: read for read in evidence.documented}
                alike |= {
                    digest
                    for digest, read in distinct.items()
                    if any(one.canonical in self._elements for one in read.providers)
                }
            violating |= {
                read.query
                for read in evidence.documented
                if read.status == 200 and read.decoded.digest in alike
            }
        return tuple(query.wire for query in documented(evidence.contract) if query in violating)

    def by_schema(self, measured: Mapping[str, int]) -> Observed:
        """Return the result of a schema check, which may not have examined all violations."""
        more = self._evidence.has_uncounted_breaches
        unable = OVERLOOKED if more else None
        return self.observed(measured, unable=unable, at_least=more, by_body=True)
