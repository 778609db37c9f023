"""Spans of a run between two equal unfiltered reads, and what they enclose."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.evidence.churn import alike
from conformance.evidence.exchange import Exchange


@dataclass(frozen=True)
class Span:
    """Exchanges between two reads of the unfiltered view.

    Only if both reads are the same may an answer in between be compared with them: a living cluster
    changes while it is probed.
    """

    before: Exchange
    exchanges: tuple[Exchange, ...]
    after: Exchange

    def steady(self, members: frozenset[str]) -> bool:
        """Whether the unfiltered view was the same, in the ``members`` given, at both ends."""
        if not (self.before.listing and self.after.listing):
            return False
        return alike(self.before, self.after, members)


def enclosed(whole: Sequence[Exchange], others: Iterable[Exchange]) -> tuple[Span, ...]:
    """Put exchanges between the reads of the unfiltered view (``whole``) that enclose them.

    These are the last that was answered before an exchange was sent, and the first that was sent
    after it was answered. What has no such reads is left out.
    """
    ends = sorted(whole, key=lambda read: read.answered)
    begins = sorted(whole, key=lambda read: read.sent)
    groups: dict[tuple[int, int], list[Exchange]] = defaultdict(list)
    for exchange in sorted(others, key=lambda other: other.sent):
        before = bisect_left(ends, exchange.sent, key=lambda read: read.answered) - 1
        after = bisect_right(begins, exchange.answered, key=lambda read: read.sent)
        if before >= 0 and after < len(begins):
            groups[before, after].append(exchange)
    return tuple(
        Span(ends[before], tuple(within), begins[after])
        for (before, after), within in groups.items()
    )
