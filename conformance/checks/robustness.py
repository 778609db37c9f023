"""ROBUST: unusual queries cause no errors and return no unexpected results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, product

from conformance.checks.detectors.server_internals import exposed
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import is_documented, may_be_extended
from conformance.contract.model import Operator
from conformance.contract.query import Query
from conformance.core.text import counted, format_value
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.evidence.hidden_providers import unlisted_inactive
from conformance.evidence.mixed_up import are_mixed_up
from conformance.evidence.refusals import passing
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    Comparison,
    by_query,
    comparisons,
    decided,
    differences,
)

BROKEN_OFF = frozenset({TroubleKind.CLOSED, TroubleKind.TIMEOUT, TroubleKind.NOT_HTTP})


def _names(evidence: Evidence) -> frozenset[str]:
    return frozenset(item.parameter for item in evidence.contract.filters)


def _unrepeated(query: Query) -> bool:
    names = [name for name, _ in query.pairs]
    return len(names) == len(set(names))


@check("ROBUST-01")
def no_query_breaks_the_server(evidence: Evidence) -> Observed:
    """Judge ROBUST-01.

    Send malformed booleans, unknown and repeated parameters, and unusual and generated values.
    Check for a 5xx status or a missing response. Unauthenticated requests that get a 5xx status are
    repeated; AUTH judges those that get it again.
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
                "a response with a status below 500",
            )
    for exchange in passing(chain(evidence.refusals, evidence.head_requests)):
        if exchange.status >= 500 and not exchange.transient:
            findings.add(
                ("passing", exchange.status),
                exchange,
                f"{exchange.outcome}, but not when repeated",
                "a response with a status below 500",
            )
    return findings.observed({"inputs": len({exchange.query for exchange in unusual})})


@check("ROBUST-02")
def no_answer_shows_internals(evidence: Evidence) -> Observed:
    """Judge ROBUST-02.

    Search every response that is not a list of providers for stack traces and database errors,
    including responses to unauthenticated requests.
    """
    findings = Findings(evidence)
    others = [
        exchange
        for exchange in chain(evidence.reads, evidence.refusals)
        # A body that is too deep or too large to read may be a list of providers.
        if exchange.status
        and not exchange.listing
        and not (exchange.ok and exchange.decoded.exceeds_limits)
    ]
    for exchange in others:
        what = exposed(exchange)
        if what is not None:
            findings.add(
                (what, exchange.status),
                exchange,
                f"status {exchange.status} with {what}",
                "a response without internal details of the server",
            )
    return findings.observed({"refusedOrUnusual": len(others)})


def _judge_queries(
    evidence: Evidence, applies: Callable[[Query], bool], measure: str, expected: str
) -> Observed:
    """Judge that applicable queries get a 4xx status or a result that fits one reading."""
    findings = Findings(evidence)
    reads = [read for read in evidence.reads if applies(read.query)]
    refused = {read.query for read in reads if 400 <= read.status < 500}
    usual = {(read.query, read.status) for read in evidence.documented}
    for exchange in reads:
        # ROBUST-01 judges a 5xx status. HTTP and SHAPE judge a body that is not a list, and a
        # status that documented queries get as well.
        plain = ((part, exchange.status) for part in _plain_parts(evidence, exchange.query))
        if exchange.status == 200 or evidence.says_empty(exchange):
            continue
        if 0 < exchange.status < 400 and usual.isdisjoint(plain):
            findings.add(exchange.query, exchange, exchange.outcome, expected)
    compared = () if are_mixed_up(evidence) else comparisons(evidence, applies)
    mistaken = _mistaken(evidence)
    unlisted = unlisted_inactive(evidence)
    for comparison, name, is_added in differences(evidence, compared):
        # FILTER-07 judges providers that the unfiltered list omits.
        if is_added and name in unlisted:
            continue
        # FILTER judges results of documented queries that are wrong as well.
        if not mistaken.isdisjoint(_plain_parts(evidence, comparison.exchange.query)):
            continue
        findings.add(
            comparison.exchange.query,
            comparison.exchange,
            _content(comparison.exchange, name, is_added=is_added),
            expected,
            provider=name,
            against=_counterpart(evidence, comparison),
        )
    judged = refused | {
        query for query, group in by_query(compared).items() if decided(evidence, group)
    }
    few = 2 * len(judged) < len({read.query for read in reads})
    return findings.observed(
        {
            measure: len(judged),
            "providers": len(evidence.held),
            "active": evidence.measures["active"],
        },
        unable=KEPT_CHANGING if evidence.changing and few else None,
    )


def _counterpart(evidence: Evidence, comparison: Comparison) -> Exchange:
    """Return the last response to the one documented query that is meant, else the whole list."""
    parts = set(_plain_parts(evidence, comparison.exchange.query))
    reads = [read for read in evidence.documented if read.listing and read.query in parts]
    return reads[-1] if reads and len(parts) == 1 else comparison.unfiltered


def _mistaken(evidence: Evidence) -> set[Query]:
    """Return the documented queries with a wrong result."""
    plain = comparisons(evidence, lambda query: query in evidence.plain_queries)
    return {comparison.exchange.query for comparison, _, _ in differences(evidence, plain)}


def _plain_parts(evidence: Evidence, query: Query) -> Iterator[Query]:
    """Yield the documented queries as which a server may interpret a query."""
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
        return f"{size}, with provider {format_value(name)}"
    nameless = sum(not isinstance(element.get("name"), str) for element in exchange.providers)
    if nameless:
        which = "all" if nameless == len(exchange.value) else f"{nameless:,} of them"
        return f"{size}, {which} without a name, and none called {format_value(name)}"
    return f"{size}, without provider {format_value(name)}"


@check("ROBUST-03")
def malformed_booleans_keep_a_legal_result(evidence: Evidence) -> Observed:
    """Judge ROBUST-03.

    Send words, numbers, other letter case and an empty value as the boolean, with and without a
    category, and compare the result with the two permitted ones.
    """
    active = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE)
    category = evidence.contract.filter_by(Operator.EQUALS)

    def applies(query: Query) -> bool:
        given = query.values(active.parameter)
        return (
            _unrepeated(query)
            and bool(given)
            and given[0] not in active.supported
            and {name for name, _ in query.pairs} <= _names(evidence)
            and set(query.values(category.parameter)) <= set(category.supported)
        )

    return _judge_queries(
        evidence,
        applies,
        "malformedBooleans",
        "a 4xx status, the active providers, or all of them",
    )


@check("ROBUST-04")
def meaningless_parameters_change_nothing(evidence: Evidence) -> Observed:
    """Judge ROBUST-04.

    Add one and 200 parameters with meaningless names to a documented query, and compare the result
    with the one without them.
    """
    return _judge_unknown(evidence, "unknownParameters", meaningless=True)


@check("ROBUST-07")
def foreign_parameters_change_nothing(evidence: Evidence) -> Observed:
    """Judge ROBUST-07.

    Add parameters that are common in other list endpoints to a documented query, and compare the
    result with the one without them.
    """
    return _judge_unknown(evidence, "foreignParameters", meaningless=False)


def _judge_unknown(evidence: Evidence, measure: str, *, meaningless: bool) -> Observed:
    known = _names(evidence)

    def applies(query: Query) -> bool:
        documented = tuple(pair for pair in query.pairs if pair[0] in known)
        return (
            documented != query.pairs
            and may_be_extended(evidence.contract, query) is not meaningless
            and is_documented(evidence.contract, Query.of(documented))
        )

    return _judge_queries(
        evidence, applies, measure, "the response without that parameter, or a 4xx status"
    )


@check("ROBUST-05")
def repeated_parameters_keep_a_legal_result(evidence: Evidence) -> Observed:
    """Judge ROBUST-05.

    Send each parameter twice, with equal and with different values. Compare the result with the
    results for each value alone and for all values together.
    """
    category = evidence.contract.filter_by(Operator.EQUALS)

    def applies(query: Query) -> bool:
        # FILTER-03 judges unsupported categories.
        known = set(query.values(category.parameter)) <= set(category.supported)
        return (
            not _unrepeated(query)
            and known
            and {name for name, _ in query.pairs} <= _names(evidence)
        )

    return _judge_queries(
        evidence,
        applies,
        "repeatedParameters",
        "a 4xx status, or the response to one of the values or to all of them",
    )


@check("ROBUST-06")
def empty_category_keeps_a_legal_result(evidence: Evidence) -> Observed:
    """Judge ROBUST-06.

    Send an empty and a blank category, and compare the result with the one without a category and
    with an empty list.
    """
    category = evidence.contract.filter_by(Operator.EQUALS)

    def applies(query: Query) -> bool:
        given = query.values(category.parameter)
        rest = Query.of(pair for pair in query.pairs if pair[0] != category.parameter)
        return len(given) == 1 and not given[0].strip() and is_documented(evidence.contract, rest)

    return _judge_queries(
        evidence,
        applies,
        "emptyCategories",
        "a 4xx status, no provider, or the response without a category",
    )
