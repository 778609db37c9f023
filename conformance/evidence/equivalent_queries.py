"""Find mistakes in responses to equivalent spellings of documented queries.

A server that confuses queries, or fails intermittently, may by chance respond wrongly to one
spelling and correctly to another. So a mistake is attributed to a spelling only if every response
to it shows the mistake and no response to the plain query, sent in turn with it, does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.filter_oracle import readings
from conformance.contract.query import Query
from conformance.core.memo import remembered
from conformance.core.text import format_value
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
    """One mistake in a response; equal mistakes in different responses have the same ``key``."""

    key: str
    exchange: Exchange
    observed: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """An equivalent spelling of a documented query, with the mistakes that all its responses show.

    It is not ``certain`` if there may be further mistakes that too few responses could confirm.
    """

    query: Query
    plain: Query
    mistakes: tuple[Mistake, ...]
    certain: bool


@remembered
def spellings(evidence: Evidence) -> Mapping[Query, Spelling]:
    """Return the equivalent spellings of documented queries that were sent, by query."""
    responses: dict[Query, list[Exchange]] = defaultdict(list)
    for read in evidence.reads:
        if evidence.is_equivalent_spelling(read.query):
            responses[read.query].append(read)
    of_plain = _mistakes_of_plain(evidence)
    compared = by_query(comparisons(evidence, evidence.is_equivalent_spelling))
    found = {}
    for query, answers in responses.items():
        plain = evidence.plain_of(query)
        compared_here = compared.get(query, [])
        # A mistake that needs a comparison is confirmed by the number of comparisons.
        recurring = (
            (_common([_by_itself(evidence, answer) for answer in answers]), len(answers)),
            (_common(_by_comparison(evidence, compared_here)), len(compared_here)),
        )
        mistakes: dict[str, Mistake] = {}
        likely: set[str] = set()
        for common, times in recurring:
            own = [one for one in common if (plain, one.key) not in of_plain]
            if own and times >= CONFIRMATIONS:
                mistakes.update((one.key, one) for one in own)
            likely.update(one.key for one in own)
        found[query] = Spelling(query, plain, tuple(mistakes.values()), likely <= mistakes.keys())
    return found


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return the requests to repeat for uncertain spellings, each after its plain query."""
    sent = {read.query: read.request for read in evidence.reads}
    found = [
        sent[query]
        for spelling in spellings(evidence).values()
        if not spelling.certain
        for query in (spelling.plain, spelling.query)
        if query in sent
    ]
    return tuple(dict.fromkeys(found))


def _common(found: Sequence[Sequence[Mistake]]) -> list[Mistake]:
    """Return the mistakes that all of the responses show, in the words of the first."""
    common = set.intersection(*({one.key for one in each} for each in found)) if found else set()
    return [one for one in found[0] if one.key in common] if common else []


def _mistakes_of_plain(evidence: Evidence) -> set[tuple[Query, str]]:
    """Return the mistakes in responses to plain queries; other requirements cover those."""
    plain = comparisons(evidence, lambda query: query in evidence.plain_queries)
    single = [_by_itself(evidence, exchange) for exchange in evidence.documented]
    return {
        (mistake.exchange.query, mistake.key)
        for each in (*single, *_by_comparison(evidence, plain))
        for mistake in each
    }


def _by_itself(evidence: Evidence, exchange: Exchange) -> list[Mistake]:
    """Return the mistakes in a response that need no comparison."""
    if not exchange.ok:
        # The key has no number of attempts, so that it is equal in all responses.
        return [Mistake(exchange.result, exchange, exchange.outcome)]
    (reading,) = readings(evidence.contract, exchange.query)
    return [
        Mistake(f"added {name}", exchange, f"provider {name}, which it should leave out")
        for kind, alike in kinds(exchange, filtered_by(evidence.contract)).items()
        if reading.keeps(dict(kind)) is False
        for name in (format_value(provider.get("name")) for provider in alike)
    ]


def _by_comparison(evidence: Evidence, compared: Sequence[Comparison]) -> list[list[Mistake]]:
    """Return, for each comparison, the mistakes that it shows."""

    def mistake(exchange: Exchange, name: str, word: str) -> Mistake:
        return Mistake(f"{word} {name}", exchange, f"provider {name} is {word}")

    return [
        [
            mistake(one.exchange, format_value(name), "added" if is_added else "missing")
            for name, is_added in sorted(different)
        ]
        for one, different in zip(compared, differences_seen(evidence, compared), strict=True)
    ]
