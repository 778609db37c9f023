"""Documented queries in other words: what is wrong with them, and not with the plain ones.

A server that mixes up queries, or is wrong now and then, answers one spelling wrongly and another
rightly by chance. So a mistake is the spelling's only if it is there each time, while the plain
query is asked in turn and never shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.oracle import readings
from conformance.contract.query import Query
from conformance.core.text import shown
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import filtered_by, kinds
from conformance.evidence.view_comparison import (
    CONFIRMATIONS,
    Comparison,
    by_query,
    comparisons,
    differences_seen,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with an answer, in words; ``key`` is the same wherever the same is wrong."""

    key: str
    exchange: Exchange
    observed: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """A documented query in other words, with the mistakes that each of its answers shows.

    It is not ``certain`` where there seem to be others, and it was asked too few times for them.
    """

    query: Query
    plain: Query
    mistakes: tuple[Mistake, ...]
    certain: bool


def spellings(evidence: Evidence) -> Mapping[Query, Spelling]:
    """Return the documented queries in other words that were asked, as they are on the wire."""
    asked: dict[Query, list[Exchange]] = defaultdict(list)
    for read in evidence.reads:
        if evidence.rephrased(read.query):
            asked[read.query].append(read)
    usual = _usual(evidence)
    compared = by_query(comparisons(evidence, evidence.rephrased))
    found = {}
    for query, answers in asked.items():
        plain = _plain(evidence, query)
        beside = compared.get(query, [])
        ways = (
            _constant([_by_itself(evidence, answer) for answer in answers]),
            _constant(_by_comparison(evidence, beside)),
        )
        mistakes: dict[str, Mistake] = {}
        likely: set[str] = set()
        for constant, times in zip(ways, (len(answers), len(beside)), strict=True):
            own = [one for one in constant if (plain, one.key) not in usual]
            if own and times >= CONFIRMATIONS:
                mistakes.update((one.key, one) for one in own)
            likely.update(one.key for one in own)
        certain = likely <= mistakes.keys()
        found[query] = Spelling(query, plain, tuple(mistakes.values()), certain)
    return found


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return what to ask again, each plain query before its other wording, until it is certain."""
    asked = {read.query: read.request for read in evidence.reads}
    found = [
        asked[query]
        for spelling in spellings(evidence).values()
        if not spelling.certain
        for query in (spelling.plain, spelling.query)
        if query in asked
    ]
    return tuple(dict.fromkeys(found))


def _plain(evidence: Evidence, query: Query) -> Query:
    pairs = set(query.pairs)
    return next(plain for plain in evidence.plain_queries if set(plain.pairs) == pairs)


def _constant(found: Sequence[Sequence[Mistake]]) -> list[Mistake]:
    """Return the mistakes that each of the answers shows, as the first of them shows them."""
    common = set.intersection(*({one.key for one in each} for each in found)) if found else set()
    return [one for one in found[0] if one.key in common] if common else []


def _usual(evidence: Evidence) -> set[tuple[Query, str]]:
    """Return what any answer to a plain query shows: that is another requirement's matter."""
    plain = comparisons(evidence, lambda query: query in evidence.plain_queries)
    shown_ones = [_by_itself(evidence, exchange) for exchange in evidence.documented]
    return {
        (mistake.exchange.query, mistake.key)
        for each in (*shown_ones, *_by_comparison(evidence, plain))
        for mistake in each
    }


def _by_itself(evidence: Evidence, exchange: Exchange) -> list[Mistake]:
    """Return what is wrong with an answer whatever the cluster holds."""
    if not exchange.ok:
        # How often it was tried before it was believed makes no other mistake of it.
        return [Mistake(exchange.result, exchange, exchange.outcome)]
    (reading,) = readings(evidence.contract, exchange.query)
    names = [
        shown(provider.get("name"))
        for kind, alike in kinds(exchange, filtered_by(evidence.contract)).items()
        if reading.keeps(dict(kind)) is False
        for provider in alike
    ]
    return [
        Mistake(f"added {name}", exchange, f"provider {name}, which it should leave out")
        for name in names
    ]


def _by_comparison(evidence: Evidence, compared: Sequence[Comparison]) -> list[list[Mistake]]:
    """Return by comparison what is wrong with an answer beside the unfiltered view."""
    found = []
    seen = differences_seen(evidence, compared)
    for comparison, different in zip(compared, seen, strict=True):
        mistakes = []
        for name, is_added in sorted(different):
            word = "added" if is_added else "missing"
            observed = f"provider {shown(name)} is {word}"
            mistakes.append(Mistake(f"{word} {shown(name)}", comparison.exchange, observed))
        found.append(mistakes)
    return found
