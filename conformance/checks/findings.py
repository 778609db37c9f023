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

    def observed(self, looked: Mapping[str, int], *, unable: str | None = None) -> Observed:
        """Sum up what the check saw; the findings with the shortest queries are the examples."""
        ranked = sorted(self._kept.values(), key=lambda kept: kept[0])
        return Observed(
            looked=looked,
            findings=tuple(finding for _, finding in ranked[:EXAMPLES]),
            found=len(self._keys),
            unable=unable,
        )
