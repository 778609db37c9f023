"""FILTER: the meaning of category and activeOnly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import folded, is_documented, only_known_parameters
from conformance.contract.model import Filter, Operator
from conformance.contract.query import Query, is_unambiguous
from conformance.core.memo import remembered
from conformance.core.text import counted, format_value, pointer
from conformance.evidence.carry_over import carried
from conformance.evidence.equivalent_queries import spellings
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.hidden_providers import hidden_inactive, unlisted_inactive
from conformance.evidence.intermittent import restless
from conformance.evidence.mixed_up import are_mixed_up, is_misdirected
from conformance.evidence.providers import COUNT, EMBEDDED, by_name
from conformance.evidence.second_witness import accounts
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    Comparison,
    all_changed,
    alterations,
    comparisons,
    decided,
    differences,
    undecided,
)

CARRIED = "queries without {0} get the result for the {0} of the previous query (see STABLE-02)"
LIST = re.compile("[,|;]")
"""Separators of lists."""
MIXED_UP = "a cache returns the responses of other queries (see STABLE-02)"
TOO_FEW = "an equivalent query returned a different result, but too rarely to rule out coincidence"


def _given(evidence: Evidence, query: Query) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values of category and of activeOnly in a query."""
    return query.values(evidence.contract.filter_by(Operator.EQUALS).parameter), query.values(
        evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE).parameter
    )


def _elements(
    evidence: Evidence, applies: Callable[[Query], bool]
) -> Iterator[tuple[Exchange, int, Mapping[str, Any]]]:
    """Yield the elements of results of applicable queries, without their equivalent spellings.

    A server may have learnt other parameters, whose effect ROBUST judges.
    """
    return evidence.elements(
        lambda query: (
            applies(query)
            and only_known_parameters(evidence.contract, query)
            and not evidence.is_equivalent_spelling(query)
            and not is_misdirected(evidence, query)
        )
    )


def _unable(evidence: Evidence) -> str | None:
    return MIXED_UP if are_mixed_up(evidence) else None


def _measured(evidence: Evidence, **more: int) -> dict[str, int]:
    measures = evidence.measures
    kept = ("categories", "providers", "active", "inactive", "inactiveInCategory")
    return {name: measures[name] for name in kept} | more


# ------------------------------------------------------- violations within a single response


@check("FILTER-01")
def category_keeps_nothing_else(evidence: Evidence) -> Observed:
    """Judge FILTER-01.

    Check the category of every provider in responses to a supported category.
    """
    findings = Findings(evidence)
    parameter = evidence.contract.filter_by(Operator.EQUALS)
    requested: dict[Query, str] = {}

    def applies(query: Query) -> bool:
        values, _ = _given(evidence, query)
        return len(values) == 1 and values[0] in parameter.supported

    for exchange, place, element in _elements(evidence, applies):
        if exchange.query not in requested:
            requested[exchange.query] = _given(evidence, exchange.query)[0][0]
        found, wanted = element.get(parameter.property), requested[exchange.query]
        # SHAPE judges values that are not categories.
        if found != wanted and isinstance(found, str) and found:
            findings.add(
                (wanted, format_value(element.get("name"))),
                exchange,
                f"provider {format_value(element.get('name'))} of category {format_value(found)}",
                f"only providers of category {format_value(wanted)}",
                pointer=pointer(place, parameter.property),
            )
    return findings.observed(_measured(evidence, answers=len(requested)), unable=_unable(evidence))


@check("FILTER-03")
def unsupported_category_selects_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-03.

    Send values similar to the supported ones, wildcards, lists and generated strings, and check
    that no provider of another category is returned. A value that cannot be decoded, or contains a
    semicolon that is not percent-encoded, is not judged: servers read it differently.
    """
    findings = Findings(evidence)
    parameter = evidence.contract.filter_by(Operator.EQUALS)
    tried = set()
    for exchange in () if are_mixed_up(evidence) else evidence.reads:
        values, _ = _given(evidence, exchange.query)
        if len(values) != 1 or not values[0].strip() or values[0] in parameter.supported:
            continue
        if not is_unambiguous(exchange.query):
            continue
        # FILTER-12 judges whether a list selects the providers of its elements.
        named = {_collated(value) for value in (values[0], *_listed(evidence, values[0]))}
        if exchange.status == 200 and not exchange.listing:
            # HTTP and SHAPE judge a body that is not a list.
            continue
        if exchange.status == 0 or exchange.status >= 500 or evidence.says_empty(exchange):
            # ROBUST-01 judges failures, HTTP-05 the status of an empty result.
            continue
        tried.add(values[0])
        expected = "[] or a 4xx status, for no provider has this category"
        if exchange.status != 200 and not 400 <= exchange.status < 500:
            findings.add(values[0], exchange, exchange.outcome, expected)
        for element in exchange.providers:
            found = element.get(parameter.property)
            # Another letter case, or an undocumented category in use, is not a violation.
            if isinstance(found, str) and found and _collated(found) not in named:
                number = counted(len(exchange.value), "provider")
                observed = f"{number}, such as {format_value(element.get('name'))}"
                observed += f" of category {format_value(found)}"
                findings.add(values[0], exchange, observed, expected)
                break
    return findings.observed(
        _measured(evidence, unsupportedCategories=len(tried)), unable=_unable(evidence)
    )


@check("FILTER-12")
def lists_select_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-12.

    Send two categories in one value, separated by a comma, a vertical bar or a semicolon, each
    percent-encoded and as it is.
    """
    findings = Findings(evidence)
    parameter = evidence.contract.filter_by(Operator.EQUALS)
    tried = set()
    for exchange in evidence.reads:
        values, _ = _given(evidence, exchange.query)
        listed = _listed(evidence, values[0]) if len(values) == 1 else ()
        if not listed or not (exchange.listing or 400 <= exchange.status < 500):
            continue
        tried.add(exchange.query)
        found = {provider.get(parameter.property) for provider in exchange.providers}
        # FILTER-03 judges a response that contains other categories.
        if found and found <= {*listed}:
            observed = f"{counted(len(exchange.value), 'provider')} of the listed categories"
            findings.add(exchange.query, exchange, observed, "[] or a 4xx status, as for one value")
    return findings.observed(
        _measured(evidence, listsOfCategories=len(tried)), unable=_unable(evidence)
    )


def _collated(text: str) -> str:
    """Return a text as collations of databases compare it: without case, accents and width."""
    plain = unicodedata.normalize("NFKD", text)
    return folded("".join(one for one in plain if not unicodedata.combining(one)))


def _listed(evidence: Evidence, value: str) -> tuple[str, ...]:
    """Return the elements of a list of categories, at least one of which is supported."""
    elements = tuple(part.strip() for part in LIST.split(value))
    supported = {*evidence.contract.filter_by(Operator.EQUALS).supported}
    return elements if len(elements) > 1 and supported & {*elements} else ()


@check("FILTER-04")
def active_only_keeps_nothing_inactive(evidence: Evidence) -> Observed:
    """Judge FILTER-04.

    Search every response to activeOnly=true for inactive providers.
    """
    findings = Findings(evidence)
    _report_inactive(evidence, findings, lambda values: values == ("true",))
    return findings.observed(_measured(evidence), unable=_unable(evidence))


def _report_inactive(
    evidence: Evidence, findings: Findings, selects: Callable[[tuple[str, ...]], bool]
) -> None:
    parameter = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE)

    def applies(query: Query) -> bool:
        return selects(_given(evidence, query)[1])

    for exchange, place, element in _elements(evidence, applies):
        if element.get(parameter.property) is False:
            findings.add(
                format_value(element.get("name")),
                exchange,
                f"provider {format_value(element.get('name'))} with {parameter.property} false",
                "active providers only",
                pointer=pointer(place, parameter.property),
            )


# --------------------------------------------- violations shown by comparing two responses


def _compared(
    evidence: Evidence, *, category: bool, active: tuple[str, ...]
) -> tuple[Comparison, ...]:
    """Return comparisons of documented queries, by their category and their activeOnly."""

    def applies(query: Query) -> bool:
        given = _given(evidence, query)
        wanted = (bool(given[0]), given[1]) == (category, active)
        return wanted and query in evidence.plain_queries and not is_misdirected(evidence, query)

    return comparisons(evidence, applies)


def _judge_restriction(
    evidence: Evidence,
    findings: Findings,
    compared: tuple[Comparison, ...],
    lacking: tuple[Filter, ...] = (),
) -> Observed:
    """Judge whether results are restrictions of the unfiltered list, and add to ``findings``.

    ``lacking`` are the parameters that some of the queries omit.
    """
    without = carried(evidence).keys() & {item.parameter for item in lacking}
    unlisted = {name for _, name in _unlisted(evidence)} | unlisted_inactive(evidence).keys()
    for comparison, name, is_added in differences(evidence, compared):
        provider = by_name(comparison.unfiltered).get(name)
        # FILTER-07 judges providers that the unfiltered list omits.
        if is_added and provider is None and name in unlisted:
            continue
        if is_added:
            observed = f"provider {format_value(name)}, which " + (
                "the unfiltered list lacks" if provider is None else "it should leave out"
            )
        else:
            observed = (
                f"provider {format_value(name)} is missing, though the unfiltered list has it"
            )
        findings.add(
            (comparison.exchange.query, name),
            comparison.exchange,
            observed,
            _restriction(evidence, comparison.exchange.query),
            provider=name,
            against=comparison.unfiltered,
        )
    measured = _measured(evidence, comparisons=decided(evidence, compared))
    unable = _unable(evidence) or undecided(evidence, compared)
    if without:
        unable = CARRIED.format(" and ".join(sorted(without)))
    return findings.observed(measured, unable=unable)


def _restriction(evidence: Evidence, query: Query) -> str:
    category, active = _given(evidence, query)
    words = []
    if active != ("false",):
        words.append("active")
    words.append("providers")
    if category:
        words.append(f"of category {format_value(category[0])}")
    return f"all {' '.join(words)} and no others"


@check("FILTER-02")
def category_loses_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-02.

    Compare results for each category and activeOnly=false with the unfiltered list, read before
    and after.
    """
    findings = Findings(evidence)
    compared = _compared(evidence, category=True, active=("false",))
    return _judge_restriction(evidence, findings, compared)


@check("FILTER-05")
def active_only_loses_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-05.

    Compare the result for activeOnly=true with the unfiltered list, read before and after.
    """
    findings = Findings(evidence)
    compared = _compared(evidence, category=False, active=("true",))
    return _judge_restriction(
        evidence, findings, compared, (evidence.contract.filter_by(Operator.EQUALS),)
    )


@check("FILTER-06")
def absent_means_active_only(evidence: Evidence) -> Observed:
    """Judge FILTER-06.

    Search every result without activeOnly for inactive providers, and compare the result without
    parameters with the unfiltered list.
    """
    findings = Findings(evidence)
    _report_inactive(evidence, findings, lambda values: not values)
    compared = _compared(evidence, category=False, active=())
    lacking = (
        evidence.contract.filter_by(Operator.EQUALS),
        evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE),
    )
    return _judge_restriction(evidence, findings, compared, lacking)


@check("FILTER-07")
def inactive_ones_are_included(evidence: Evidence) -> Observed:
    """Judge FILTER-07.

    Check that the unfiltered list contains every active provider of other documented results, and
    every inactive provider of any result or related endpoint.
    """
    findings = Findings(evidence)
    expected = "inactive providers as well as active ones"
    for comparison, name in _unlisted(evidence):
        query = comparison.exchange.query
        observed = f"provider {format_value(name)} is missing, though {query} holds it"
        findings.add(
            *(name, comparison.unfiltered, observed, expected),
            provider=name,
            against=comparison.exchange,
        )
    for name, comparison in unlisted_inactive(evidence).items():
        observed = (
            f"provider {format_value(name)} is missing, which is inactive and in the response to "
            f"{comparison.exchange.query}"
        )
        findings.add(
            *(name, comparison.unfiltered, observed, expected),
            provider=name,
            against=comparison.exchange,
        )
    for name, (result, listing) in hidden_inactive(evidence).items():
        observed = f"provider {format_value(name)} is missing, which is inactive and listed by"
        observed = f"{observed} {listing.request.path}"
        findings.add(name, result, observed, expected, provider=name, against=listing)
    for account in accounts(evidence):
        missing = account.missing
        if missing and not is_misdirected(evidence, missing[-1].after.query):
            last = missing[-1]
            findings.add(
                account.name,
                last.after,
                f"provider {format_value(account.name)} is missing, which the list had before "
                f"and GET {last.witness.request.path} still has",
                "every provider that exists",
                provider=account.name,
                against=last.witness,
            )
    return findings.observed(_measured(evidence), unable=_unable(evidence))


@remembered
def _unlisted(evidence: Evidence) -> tuple[tuple[Comparison, str], ...]:
    """Return each provider that results without a category hold, but the unfiltered list omits."""
    return tuple(
        (comparison, name)
        for active in (("true",), ())
        for comparison, name, is_added in differences(
            evidence, _compared(evidence, category=False, active=active)
        )
        if is_added and name not in by_name(comparison.unfiltered)
    )


@check("FILTER-08")
def both_filters_mean_and(evidence: Evidence) -> Observed:
    """Judge FILTER-08.

    Compare results for both parameters, and for category alone, with the unfiltered list.
    """
    findings = Findings(evidence)
    compared = (
        *_compared(evidence, category=True, active=("true",)),
        *_compared(evidence, category=True, active=()),
    )
    return _judge_restriction(
        evidence, findings, compared, (evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE),)
    )


@check("FILTER-09")
def filters_do_not_alter(evidence: Evidence) -> Observed:
    """Judge FILTER-09.

    Compare every documented field of each provider in every result with the unfiltered list.
    """
    findings = Findings(evidence)
    compared = comparisons(evidence, lambda query: is_documented(evidence.contract, query))
    # MODEL-05 judges modelsCount, and MODEL-01 apis.
    fields = evidence.documented_fields - {COUNT, EMBEDDED}
    for comparison, alteration in alterations(evidence, compared, sorted(fields)):
        findings.add(
            (alteration.name, alteration.field),
            comparison.exchange,
            f'"{alteration.field}" of provider {format_value(alteration.name)} '
            f"{alteration.describe()}",
            "the same provider in every result",
            pointer=pointer(alteration.place, alteration.field, *alteration.within),
            against=comparison.unfiltered,
        )
    measured = _measured(evidence, comparisons=decided(evidence, compared))
    steady = not all_changed(evidence, evidence.providers, fields)
    unable = undecided(evidence, compared, fields) if steady else KEPT_CHANGING
    unable = restless(evidence, fields, returning=True) or unable
    return findings.observed(measured, unable=unable)


# ------------------------------------------------------------------------ equivalent queries


def _judge_variants(evidence: Evidence, applies: Callable[[Query], bool]) -> Observed:
    findings = Findings(evidence)
    judged = {
        query: one
        for query, one in spellings(evidence).items()
        if applies(query) and not is_misdirected(evidence, query)
    }
    for query, spelling in judged.items():
        for mistake in spelling.mistakes:
            expected = f"the same response as to {spelling.plain}"
            findings.add((query, mistake.key), mistake.exchange, mistake.observed, expected)
    compared = comparisons(evidence, lambda query: query in judged)
    unable = undecided(evidence, compared)
    if unable is None and not all(spelling.certain for spelling in judged.values()):
        unable = TOO_FEW
    return findings.observed(_measured(evidence, variants=len(judged)), unable=unable)


@check("FILTER-10")
def order_does_not_matter(evidence: Evidence) -> Observed:
    """Judge FILTER-10.

    Send every query of two parameters in both orders and compare the results. If they differ, send
    the two alternately.
    """
    return _judge_variants(evidence, lambda query: "%" not in query.wire)


@check("FILTER-11")
def encoding_does_not_matter(evidence: Evidence) -> Observed:
    """Judge FILTER-11.

    Send every documented query with and without percent-encoded letters and compare the results.
    If they differ, send the two alternately.
    """
    return _judge_variants(evidence, lambda query: "%" in query.wire)
