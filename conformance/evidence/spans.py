"""Group the exchanges of a run into spans between two reads of the unfiltered list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.evidence.churn import alike
from conformance.evidence.exchange import Exchange


@dataclass(frozen=True)
class Span:
    """Exchanges between two reads of the unfiltered list.

    A cluster may change while it is tested. So responses in between can be compared with the list
    only if both reads are equal.
    """

    before: Exchange
    exchanges: tuple[Exchange, ...]
    after: Exchange

    def steady(self, fields: frozenset[str]) -> bool:
        """Whether both reads are listings with equal providers in these fields."""
        if not (self.before.listing and self.after.listing):
            return False
        return alike(self.before, self.after, fields)


def enclosed(whole: Sequence[Exchange], others: Iterable[Exchange]) -> tuple[Span, ...]:
    """Group exchanges by the two reads of the unfiltered list that enclose them.

    These are the last read completed before the exchange was sent, and the first read sent after
    the exchange was completed. Exchanges without such reads are left out.
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
