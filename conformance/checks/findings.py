"""Collecting violations: each distinct one once, with the shortest query that shows it.

Each finding has a curl command that reproduces it.
"""

from __future__ import annotations

import shlex
from collections.abc import Hashable, Mapping, Sequence

from conformance.checks.verdict import Finding, Observed
from conformance.contract.query import documented
from conformance.core.text import clipped, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange

EXAMPLES = 5
MOST_KEPT = 500
OVERLOOKED = (
    "an answer breaks the schema in so many places that only the first of them were measured at"
)


class Findings:
    """The violations one check finds; the examples it keeps are bounded, their number is not."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._kept: dict[Hashable, tuple[tuple[int, int], Finding]] = {}
        self._keys: set[int] = set()
        self._shown_by: dict[int, Exchange] = {}
        self._elements: dict[int, object] = {}

    def add(
        self,
        key: Hashable,
        exchange: Exchange,
        observed: str,
        expected: str,
        *,
        pointer: str = "",
    ) -> None:
        """Record a violation; ``key`` is what makes it distinct from others of the same check."""
        self._keys.add(hash(key))
        self._shown_by[id(exchange)] = exchange
        rank = (len(exchange.query.wire), len(pointer))
        if key in self._kept:
            if self._kept[key][0] <= rank:
                return
        elif len(self._kept) >= MOST_KEPT:
            return
        self._kept[key] = (rank, self._finding(exchange, observed, expected, pointer))
        place = pointer.split("/")[1] if pointer else ""
        if exchange.listing and place.isdecimal():
            element = exchange.value[int(place)]
            self._elements[id(element)] = element

    def _finding(self, exchange: Exchange, observed: str, expected: str, pointer: str) -> Finding:
        request = exchange.request
        asked = f"{request.method} {request.path or self._evidence.contract.path}"
        asked += f"?{exchange.query.wire}" if exchange.query.wire else ""
        if request.access.kind is not AccessKind.GRANTED:
            asked += f" with {request.access.form}"
        return Finding(
            message=f"{clipped(visible(asked), 200)}: {observed}; expected {expected}",
            query=exchange.query.wire,
            curl=curl(exchange, insecure=self._evidence.insecure, headers=self._evidence.headers),
            pointer=pointer,
            observed=observed,
            expected=expected,
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
        """Sum up what the check saw; the findings with the shortest queries are the examples.

        ``at_least`` says that there may be more violations than were found, ``by_body`` that only
        one of several equal answers was measured at, ``by_element`` that each element was judged by
        itself, in one of the answers that hold it.
        """
        ranked = sorted(self._kept.values(), key=lambda kept: kept[0])
        return Observed(
            measured=measured,
            findings=tuple(finding for _, finding in ranked[:EXAMPLES]),
            kept=tuple(finding for _, finding in ranked),
            found=len(self._keys),
            at_least=at_least,
            unable=unable,
            queries=self._queries(by_body=by_body or by_element, by_element=by_element),
        )

    def _queries(self, *, by_body: bool, by_element: bool) -> tuple[str, ...]:
        """The documented queries whose answers showed a violation, in the contract's order."""
        if not self._shown_by:
            return ()
        evidence = self._evidence
        shown = [one for one in self._shown_by.values() if not one.request.path]
        asked = {exchange.query for exchange in shown}
        if by_body:
            # Equal answers are decoded once, and so are equal elements of large ones.
            alike = {id(exchange.decoded) for exchange in shown}
            if by_element:
                alike |= {
                    id(read.decoded)
                    for read in {id(read.decoded): read for read in evidence.documented}.values()
                    if read.listing and any(id(one) in self._elements for one in read.value)
                }
            asked |= {
                read.query
                for read in evidence.documented
                if read.status == 200 and id(read.decoded) in alike
            }
        return tuple(query.wire for query in documented(evidence.contract) if query in asked)

    def by_schema(self, measured: Mapping[str, int]) -> Observed:
        """Sum up what was found among the breaches of the schema, which may be too many."""
        more = self._evidence.overlooked
        unable = OVERLOOKED if more else None
        return self.observed(measured, unable=unable, at_least=more, by_body=True)


def curl(exchange: Exchange, *, insecure: bool = False, headers: Sequence[str] = ()) -> str:
    """Return a shell command that sends the same request.

    The token stands in it as ``$CONDUCTOR_AUTH_TOKEN``; the values of the headers that the run was
    given are not known here and left for the reader to fill in.
    """
    request = exchange.request
    words = ["curl", "-sS"]
    if request.method == "HEAD":
        words.append("-I")
    if insecure:
        words.append("-k")
    if set("[]{}") & set(exchange.query.wire + request.path):
        # Otherwise curl takes brackets for a pattern of several addresses.
        words.append("-g")
    if request.access.shell is not None:
        words += ["-H", request.access.shell]
    if request.accept != "application/json":
        words += ["-H", shlex.quote(f"Accept: {request.accept}")]
    for name in headers:
        words += ["-H", shlex.quote(f"{name}: [value given by --header]")]
    words.append(shlex.quote(exchange.url))
    return " ".join(words)
