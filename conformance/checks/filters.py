"""FILTER: what category and activeOnly mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.model import Filter, Operator
from conformance.contract.oracle import folded, is_documented
from conformance.contract.query import Query
from conformance.core.text import counted, pointer, shown
from conformance.evidence.carry_over import carried, lacks_carried
from conformance.evidence.equivalent_queries import spellings
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.hidden_providers import hidden_inactive, unlisted_inactive
from conformance.evidence.providers import COUNT, EMBEDDED, by_name
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    Comparison,
    alterations,
    comparisons,
    decided,
    differences,
    none_stood_still,
    undecided,
)

CARRIED = "queries without {} are answered by that of the query before (see STABLE-02)"
TOO_FEW = "a query in other words was answered otherwise, too few times to tell it from chance"


def _given(evidence: Evidence, query: Query) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values of category and of activeOnly in a query."""
    return query.values(evidence.contract.filter_by(Operator.EQUALS).parameter), query.values(
        evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE).parameter
    )


def _elements(
    evidence: Evidence, concerns: Callable[[Query], bool]
) -> Iterator[tuple[Exchange, int, Mapping[str, Any]]]:
    """Yield the elements of answers to queries of concern, in their usual words."""
    return evidence.elements(lambda query: concerns(query) and not evidence.rephrased(query))


def _looked(evidence: Evidence, **more: int) -> dict[str, int]:
    measures = evidence.measures
    kept = ("categories", "providers", "active", "inactive", "inactiveInCategory")
    return {name: measures[name] for name in kept} | more


# --------------------------------------------------------------------- what one answer shows


@check("FILTER-01")
def category_keeps_nothing_else(evidence: Evidence) -> Observed:
    """Judge FILTER-01.

    Look at the category of every provider in answers to a supported category.
    """
    findings = Findings(evidence)
    parameter = evidence.contract.filter_by(Operator.EQUALS)
    answers: dict[Query, str] = {}

    def concerns(query: Query) -> bool:
        values, _ = _given(evidence, query)
        return len(values) == 1 and values[0] in parameter.supported

    for exchange, place, element in _elements(evidence, concerns):
        if exchange.query not in answers:
            answers[exchange.query] = _given(evidence, exchange.query)[0][0]
        found, wanted = element.get(parameter.property), answers[exchange.query]
        # What is no category is SHAPE's.
        if found != wanted and isinstance(found, str) and found:
            findings.add(
                (wanted, shown(element.get("name"))),
                exchange,
                f"provider {shown(element.get('name'))} of category {shown(found)}",
                f"only providers of category {shown(wanted)}",
                pointer=pointer(place, parameter.property),
            )
    return findings.observed(_looked(evidence, answers=len(answers)))


@check("FILTER-03")
def unsupported_category_selects_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-03.

    Ask values near the supported ones, wildcards, lists and generated strings.
    """
    findings = Findings(evidence)
    parameter = evidence.contract.filter_by(Operator.EQUALS)
    tried = set()
    for exchange in evidence.reads:
        values, _ = _given(evidence, exchange.query)
        if len(values) != 1 or not values[0].strip() or values[0] in parameter.supported:
            continue
        if exchange.status == 200 and not exchange.listing:
            # Nothing can be seen in it; what is wrong with its body is HTTP's or SHAPE's.
            continue
        rest = Query.of(pair for pair in exchange.query.pairs if pair[0] != parameter.parameter)
        failed = exchange.status == 0 or exchange.status >= 500
        if failed and not is_documented(evidence.contract, rest):
            # What else is unusual may have broken the server, which is ROBUST-01's.
            continue
        tried.add(values[0])
        expected = "[] or a 4xx status, for no provider has this category"
        if exchange.status != 200 and not 400 <= exchange.status < 500:
            findings.add(values[0], exchange, exchange.outcome, expected)
        for element in exchange.providers:
            found = element.get(parameter.property)
            # Another letter case, or a category in use but not documented, is no other category.
            if isinstance(found, str) and found and folded(found) != folded(values[0]):
                number = counted(len(exchange.value), "provider")
                observed = f"{number}, such as {shown(element.get('name'))}"
                observed += f" of category {shown(found)}"
                findings.add(values[0], exchange, observed, expected)
                break
    return findings.observed(_looked(evidence, unsupportedCategories=len(tried)))


@check("FILTER-04")
def active_only_keeps_nothing_inactive(evidence: Evidence) -> Observed:
    """Judge FILTER-04.

    Look for an inactive provider in every answer to activeOnly=true.
    """
    findings = Findings(evidence)
    _report_inactive(evidence, findings, lambda values: values == ("true",))
    return findings.observed(_looked(evidence))


def _report_inactive(
    evidence: Evidence, findings: Findings, concerns: Callable[[tuple[str, ...]], bool]
) -> None:
    parameter = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE)

    def concerned(query: Query) -> bool:
        return concerns(_given(evidence, query)[1]) and not lacks_carried(evidence, query)

    for exchange, place, element in _elements(evidence, concerned):
        if element.get(parameter.property) is False:
            findings.add(
                shown(element.get("name")),
                exchange,
                f"provider {shown(element.get('name'))} with {parameter.property} false",
                "active providers only",
                pointer=pointer(place, parameter.property),
            )


# ------------------------------------------------------------------ what a comparison shows


def _compared(
    evidence: Evidence, *, category: bool, active: tuple[str, ...]
) -> tuple[Comparison, ...]:
    """Return comparisons of documented queries with or without a category, by their activeOnly."""

    def concerns(query: Query) -> bool:
        given = _given(evidence, query)
        asked = (bool(given[0]), given[1]) == (category, active)
        return asked and query in evidence.plain_queries and not lacks_carried(evidence, query)

    return comparisons(evidence, concerns)


def _complete(
    evidence: Evidence,
    findings: Findings,
    compared: tuple[Comparison, ...],
    lacking: tuple[Filter, ...] = (),
) -> Observed:
    """Judge whether answers are the unfiltered view restricted, adding to what was found before.

    ``lacking`` are the parameters that some of the queries do not have.
    """
    without = carried(evidence).keys() & {item.parameter for item in lacking}
    for comparison, name, is_added in differences(evidence, compared):
        if is_added:
            provider = by_name(comparison.unfiltered).get(name)
            observed = f"provider {shown(name)}, which " + (
                "the unfiltered view does not hold" if provider is None else "it should leave out"
            )
        else:
            observed = f"provider {shown(name)} is missing, though the unfiltered view holds it"
        findings.add(
            (comparison.exchange.query, name),
            comparison.exchange,
            observed,
            _restriction(evidence, comparison.exchange.query),
        )
    looked = _looked(evidence, comparisons=decided(evidence, compared))
    unable = undecided(evidence, compared)
    if without:
        unable = CARRIED.format(" and ".join(sorted(without)))
    return findings.observed(looked, unable=unable)


def _restriction(evidence: Evidence, query: Query) -> str:
    category, active = _given(evidence, query)
    words = []
    if active != ("false",):
        words.append("active")
    words.append("providers")
    if category:
        words.append(f"of category {shown(category[0])}")
    return f"all {' '.join(words)} and no others"


@check("FILTER-02")
def category_loses_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-02.

    Compare answers to category and activeOnly=false with the unfiltered view, before and after.
    """
    findings = Findings(evidence)
    compared = _compared(evidence, category=True, active=("false",))
    return _complete(evidence, findings, compared)


@check("FILTER-05")
def active_only_loses_nothing(evidence: Evidence) -> Observed:
    """Judge FILTER-05.

    Compare the answer to activeOnly=true with the unfiltered view, before and after.
    """
    findings = Findings(evidence)
    compared = _compared(evidence, category=False, active=("true",))
    return _complete(evidence, findings, compared, (evidence.contract.filter_by(Operator.EQUALS),))


@check("FILTER-06")
def absent_means_active_only(evidence: Evidence) -> Observed:
    """Judge FILTER-06.

    Look for an inactive provider in every answer without activeOnly, and compare the bare
    answer with the unfiltered view.
    """
    findings = Findings(evidence)
    _report_inactive(evidence, findings, lambda values: not values)
    compared = _compared(evidence, category=False, active=())
    lacking = (
        evidence.contract.filter_by(Operator.EQUALS),
        evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE),
    )
    return _complete(evidence, findings, compared, lacking)


@check("FILTER-07")
def inactive_ones_are_included(evidence: Evidence) -> Observed:
    """Judge FILTER-07.

    Look in the unfiltered view for every provider that another view, also an undocumented one,
    or a sibling endpoint shows.
    """
    findings = Findings(evidence)
    expected = "inactive providers as well as active ones"
    for active in (("true",), ()):
        compared = _compared(evidence, category=False, active=active)
        for comparison, name, is_added in differences(evidence, compared):
            if is_added and name not in by_name(comparison.unfiltered):
                observed = f"provider {shown(name)} is missing, though {comparison.exchange.query}"
                findings.add(name, comparison.unfiltered, f"{observed} holds it", expected)
    for name, comparison in unlisted_inactive(evidence).items():
        observed = f"provider {shown(name)} is missing, which is inactive and in the answer to"
        findings.add(
            name, comparison.unfiltered, f"{observed} {comparison.exchange.query}", expected
        )
    for name, (view, witness) in hidden_inactive(evidence).items():
        observed = f"provider {shown(name)} is missing, which is inactive and listed by"
        findings.add(name, view, f"{observed} {witness.request.path}", expected)
    return findings.observed(_looked(evidence))


@check("FILTER-08")
def both_filters_mean_and(evidence: Evidence) -> Observed:
    """Judge FILTER-08.

    Compare answers to both parameters, and to category alone, with the unfiltered view.
    """
    findings = Findings(evidence)
    compared = (
        *_compared(evidence, category=True, active=("true",)),
        *_compared(evidence, category=True, active=()),
    )
    return _complete(
        evidence, findings, compared, (evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE),)
    )


@check("FILTER-09")
def filters_do_not_alter(evidence: Evidence) -> Observed:
    """Judge FILTER-09.

    Compare each documented member of a provider in every view with the unfiltered view.
    """
    findings = Findings(evidence)
    compared = comparisons(evidence, lambda query: is_documented(evidence.contract, query))
    # modelsCount is MODEL-05's and apis MODEL-01's.
    members = sorted(evidence.members - {COUNT, EMBEDDED})
    for comparison, alteration in alterations(evidence, compared, members):
        findings.add(
            (alteration.name, alteration.member),
            comparison.exchange,
            f'"{alteration.member}" of provider {shown(alteration.name)} {alteration.in_words()}',
            "the same provider in every view",
            pointer=pointer(alteration.place, alteration.member, *alteration.within),
        )
    looked = _looked(evidence, comparisons=decided(evidence, compared))
    still = not none_stood_still(evidence, evidence.providers, members)
    unable = undecided(evidence, compared) if still else KEPT_CHANGING
    return findings.observed(looked, unable=unable)


# ------------------------------------------------------------ the same query in other words


def _judge_variants(evidence: Evidence, concerns: Callable[[Query], bool]) -> Observed:
    findings = Findings(evidence)
    judged = {
        query: one
        for query, one in spellings(evidence).items()
        if concerns(query) and not lacks_carried(evidence, query)
    }
    for query, spelling in judged.items():
        for mistake in spelling.mistakes:
            expected = f"the same answer as to {spelling.plain}"
            findings.add((query, mistake.key), mistake.exchange, mistake.observed, expected)
    compared = comparisons(evidence, lambda query: query in judged)
    unable = undecided(evidence, compared)
    if unable is None and not all(spelling.certain for spelling in judged.values()):
        unable = TOO_FEW
    return findings.observed(_looked(evidence, variants=len(judged)), unable=unable)


@check("FILTER-10")
def order_does_not_matter(evidence: Evidence) -> Observed:
    """Judge FILTER-10.

    Ask every query of two parameters in the other order and compare with the plain one; where
    they differ, ask both in turn.
    """
    return _judge_variants(evidence, lambda query: "%" not in query.wire)


@check("FILTER-11")
def encoding_does_not_matter(evidence: Evidence) -> Observed:
    """Judge FILTER-11.

    Ask every documented query with letters percent-encoded and compare with the plain one;
    where they differ, ask both in turn.
    """
    return _judge_variants(evidence, lambda query: "%" in query.wire)
