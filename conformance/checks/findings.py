"""Collecting violations: each distinct one once, with the shortest query that shows it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from conformance.evidence import Evidence
from conformance.exchange import AccessKind, Exchange
from conformance.shell import curl
from conformance.text import clipped, visible
from conformance.verdict import Finding, Observed

EXAMPLES = 5
MOST_KEPT = 500
OVERLOOKED = (
    "an answer breaks the schema in so many places that only the first of them were looked at"
)


class Findings:
    """The violations one check finds; the examples it keeps are bounded, their number is not."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._kept: dict[Hashable, tuple[tuple[int, int], Finding]] = {}
        self._keys: set[int] = set()

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
        rank = (len(exchange.query.wire), len(pointer))
        if key in self._kept:
            if self._kept[key][0] <= rank:
                return
        elif len(self._kept) >= MOST_KEPT:
            return
        self._kept[key] = (rank, self._finding(exchange, observed, expected, pointer))

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
        self, looked: Mapping[str, int], *, unable: str | None = None, at_least: bool = False
    ) -> Observed:
        """Sum up what the check saw; the findings with the shortest queries are the examples.

        ``at_least`` says that there may be more violations than were found.
        """
        ranked = sorted(self._kept.values(), key=lambda kept: kept[0])
        return Observed(
            looked=looked,
            findings=tuple(finding for _, finding in ranked[:EXAMPLES]),
            kept=tuple(finding for _, finding in ranked),
            found=len(self._keys),
            at_least=at_least,
            unable=unable,
        )

    def by_schema(self, looked: Mapping[str, int]) -> Observed:
        """Sum up what was found among the breaches of the schema, which may be too many."""
        more = self._evidence.overlooked
        return self.observed(looked, unable=OVERLOOKED if more else None, at_least=more)
