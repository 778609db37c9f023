"""ROBUST: what unusual queries must not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, product

from conformance.checks.detectors.server_internals import exposed
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.model import Operator
from conformance.contract.oracle import is_documented
from conformance.contract.query import Query
from conformance.core.text import counted, shown
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.evidence.hidden_providers import unlisted_inactive
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    by_query,
    comparisons,
    decided,
    differences,
)

BROKEN_OFF = frozenset({TroubleKind.CLOSED, TroubleKind.TIMEOUT, TroubleKind.NOT_HTTP})


def _names(evidence: Evidence) -> frozenset[str]:
    return frozenset(item.parameter for item in evidence.contract.filters)


def _once(query: Query) -> bool:
    names = [name for name, _ in query.pairs]
    return len(names) == len(set(names))


@check("ROBUST-01")
def no_query_breaks_the_server(evidence: Evidence) -> Observed:
    """Judge ROBUST-01.

    Ask malformed booleans, unknown and repeated parameters, strange and generated values, and
    look for a 5xx status or no answer at all.
    """
    findings = Findings(evidence)
    unusual = [read for read in evidence.reads if not is_documented(evidence.contract, read.query)]
    for exchange in unusual:
        broken_off = exchange.trouble is not None and exchange.trouble.kind in BROKEN_OFF
        if exchange.status >= 500 or broken_off:
            key = exchange.status, exchange.trouble and exchange.trouble.kind
            findings.add(
                (key, tuple(name for name, _ in exchange.query.pairs)),
                exchange,
                exchange.outcome,
                "an answer with a status below 500",
            )
    return findings.observed({"inputs": len({exchange.query for exchange in unusual})})


@check("ROBUST-02")
def no_answer_shows_internals(evidence: Evidence) -> Observed:
    """Judge ROBUST-02.

    Search every answer that is no list of providers, also those to strangers, for stack traces
    and the words of databases.
    """
    findings = Findings(evidence)
    others = [
        exchange
        for exchange in chain(evidence.reads, evidence.refusals)
        # What is too deep or too large to be read may be a list of providers.
        if exchange.status
        and not exchange.listing
        and not (exchange.ok and exchange.decoded.beyond)
    ]
    for exchange in others:
        what = exposed(exchange)
        if what is not None:
            findings.add(
                (what, exchange.status),
                exchange,
                f"status {exchange.status} with {what}",
                "an answer without a look into the server",
            )
    return findings.observed({"refusedOrUnusual": len(others)})


def _judge_queries(
    evidence: Evidence, concerns: Callable[[Query], bool], measure: str, expected: str
) -> Observed:
    """Judge that queries of concern get a 4xx, or fit one of their readings as a whole."""
    findings = Findings(evidence)
    asked = [read for read in evidence.reads if concerns(read.query)]
    refused = {read.query for read in asked if 400 <= read.status < 500}
    usual = {(read.query, read.status) for read in evidence.documented}
    for exchange in asked:
        # A 5xx is ROBUST-01's, a body that is no list HTTP's or SHAPE's, and so is what documented
        # queries get, too.
        plain = ((part, exchange.status) for part in _plain_parts(evidence, exchange.query))
        if 0 < exchange.status < 400 and exchange.status != 200 and usual.isdisjoint(plain):
            findings.add(exchange.query, exchange, exchange.outcome, expected)
    compared = comparisons(evidence, concerns)
    mistaken = _mistaken(evidence)
    unlisted = unlisted_inactive(evidence)
    for comparison, name, is_added in differences(evidence, compared):
        # What the unfiltered view withholds is FILTER-07's.
        if is_added and name in unlisted:
            continue
        # What is wrong with documented queries, too, is FILTER's.
        if not mistaken.isdisjoint(_plain_parts(evidence, comparison.exchange.query)):
            continue
        findings.add(
            comparison.exchange.query,
            comparison.exchange,
            _content(comparison.exchange, name, is_added=is_added),
            expected,
        )
    judged = refused | {
        query for query, group in by_query(compared).items() if decided(evidence, group)
    }
    few = 2 * len(judged) < len({read.query for read in asked})
    return findings.observed(
        {measure: len(judged), "providers": len(evidence.providers)},
        unable=KEPT_CHANGING if evidence.changing and few else None,
    )


def _mistaken(evidence: Evidence) -> set[Query]:
    """Return the documented queries that are not answered as they should be."""
    plain = comparisons(evidence, lambda query: query in evidence.plain_queries)
    return {comparison.exchange.query for comparison, _, _ in differences(evidence, plain)}


def _plain_parts(evidence: Evidence, query: Query) -> Iterator[Query]:
    """Yield the documented queries that a query may be read as."""
    choices: list[list[tuple[tuple[str, str], ...]]] = []
    for item in evidence.contract.filters:
        given = query.values(item.parameter)
        known = [value for value in given if value in item.supported]
        if len(known) < len(given) and item.operator is Operator.ONLY_WHEN_TRUE:
            known = list(item.supported)
        choices.append([((item.parameter, value),) for value in known] or [()])
    for pairs in product(*choices):
        yield Query.of(chain.from_iterable(pairs))


def _content(exchange: Exchange, name: str, *, is_added: bool) -> str:
    size = counted(len(exchange.value), "provider")
    if is_added:
        return f"{size}, with provider {shown(name)}"
    nameless = sum(not isinstance(element.get("name"), str) for element in exchange.providers)
    if nameless:
        which = "all" if nameless == len(exchange.value) else f"{nameless:,} of them"
        return f"{size}, {which} without a name, and none called {shown(name)}"
    return f"{size}, without provider {shown(name)}"


@check("ROBUST-03")
def malformed_booleans_keep_a_legal_view(evidence: Evidence) -> Observed:
    """Judge ROBUST-03.

    Ask words, numbers, other letter case and nothing for the boolean, with and without a
    category, and compare with both legal views.
    """
    active = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE)
    category = evidence.contract.filter_by(Operator.EQUALS)

    def concerns(query: Query) -> bool:
        given = query.values(active.parameter)
        return (
            _once(query)
            and bool(given)
            and given[0] not in active.supported
            and {name for name, _ in query.pairs} <= _names(evidence)
            and set(query.values(category.parameter)) <= set(category.supported)
        )

    return _judge_queries(
        evidence,
        concerns,
        "malformedBooleans",
        "a 4xx status, the active providers, or all of them",
    )


@check("ROBUST-04")
def unknown_parameters_change_nothing(evidence: Evidence) -> Observed:
    """Judge ROBUST-04.

    Add parameters that lists elsewhere have to a documented query and compare with the answer
    without them.
    """
    known = _names(evidence)

    def concerns(query: Query) -> bool:
        documented = Query.of(pair for pair in query.pairs if pair[0] in known)
        return documented.pairs != query.pairs and is_documented(evidence.contract, documented)

    return _judge_queries(
        evidence,
        concerns,
        "unknownParameters",
        "the answer without that parameter, or a 4xx status",
    )


@check("ROBUST-05")
def repeated_parameters_keep_a_legal_view(evidence: Evidence) -> Observed:
    """Judge ROBUST-05.

    Give each parameter twice, with equal and with different values, and compare with the
    answers to each value alone and to all of them together.
    """
    category = evidence.contract.filter_by(Operator.EQUALS)

    def concerns(query: Query) -> bool:
        # What is no category at all is FILTER-03's.
        known = set(query.values(category.parameter)) <= set(category.supported)
        return not _once(query) and known and {name for name, _ in query.pairs} <= _names(evidence)

    return _judge_queries(
        evidence,
        concerns,
        "repeatedParameters",
        "a 4xx status, or the answer to one of the values or to all of them",
    )


@check("ROBUST-06")
def empty_category_keeps_a_legal_view(evidence: Evidence) -> Observed:
    """Judge ROBUST-06.

    Ask for an empty and for a blank category, and compare with no category and with none that
    matches.
    """
    category = evidence.contract.filter_by(Operator.EQUALS)

    def concerns(query: Query) -> bool:
        given = query.values(category.parameter)
        rest = Query.of(pair for pair in query.pairs if pair[0] != category.parameter)
        return len(given) == 1 and not given[0].strip() and is_documented(evidence.contract, rest)

    return _judge_queries(
        evidence,
        concerns,
        "emptyCategories",
        "a 4xx status, no provider, or the answer without a category",
    )
