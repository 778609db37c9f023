"""MODEL: no model details, and the number of models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import Any

from conformance.checks.detectors.model_details import (
    Detail,
    Vocabulary,
    can_be_followed,
    following_the_count,
    in_element,
    in_headers,
    is_plain,
    unknown_collections,
)
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import is_documented
from conformance.contract.model import Operator
from conformance.contract.query import Query
from conformance.core.json_place import Place
from conformance.core.memo import remembered
from conformance.core.strict_json import Element
from conformance.core.text import format_typed_value_at, format_value, outlined, pointer
from conformance.evidence.evidence import Evidence, has_models
from conformance.evidence.exchange import UNSUPPORTED_STATUSES, Exchange
from conformance.evidence.intermittent import restless
from conformance.evidence.providers import COUNT, EMBEDDED, by_name
from conformance.evidence.related_endpoints import (
    RelatedCount,
    miscounted,
    model_names,
    open_requests,
    related_counts,
)
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    Alteration,
    Comparison,
    all_changed,
    alterations,
    comparisons,
    decided,
    undecided,
)

NONE_EMBEDDED = "no model details, only their number in modelsCount"


def _measured(evidence: Evidence) -> dict[str, int]:
    return {
        "answers": len(evidence.listings),
        "providers": len(evidence.held),
        "withModels": evidence.measures["withModels"],
    }


@check("MODEL-01")
def models_are_not_embedded(evidence: Evidence) -> Observed:
    """Judge MODEL-01.

    Search every response for a non-empty apis, including responses to queries that ask for details.
    """
    findings = Findings(evidence)
    for exchange, place, element in evidence.elements():
        embedded = element.get(EMBEDDED)
        if embedded:
            findings.add(
                format_value(element.get("name")),
                exchange,
                f'provider {format_value(element.get("name"))} carries "{EMBEDDED}": '
                f"{outlined(embedded)}",
                NONE_EMBEDDED,
                pointer=pointer(place, EMBEDDED),
            )
    return findings.observed(_measured(evidence), by_element=True)


@check("MODEL-02")
def models_are_nowhere_else(evidence: Evidence) -> Observed:
    """Judge MODEL-02.

    Search every response at any depth, also in JSON and base64 in strings, for fields that only
    models have, for collections named after models or as long as modelsCount, and for names of
    models that related endpoints list, also in headers. One name alone is a mention.
    """
    findings = Findings(evidence)
    vocabulary = Vocabulary.of(evidence.contract)
    known = model_names(evidence)
    every_name = frozenset().union(*known.values())
    # Equal responses are judged once.
    distinct = {exchange.decoded.digest: exchange for exchange in evidence.listings}
    unusual = {
        element.canonical: element
        for _, _, element in evidence.elements()
        if not is_plain(element, vocabulary)
    }
    following = following_the_count(unusual.values(), vocabulary)
    details = {
        digest: tuple(_details(exchange, unusual, vocabulary, known, following))
        for digest, exchange in distinct.items()
    }
    for exchange in evidence.listings:
        for place, name, detail in details[exchange.decoded.digest]:
            findings.add(
                (name, detail.place),
                exchange,
                f"provider {name} holds {detail.what}",
                NONE_EMBEDDED,
                pointer=pointer(place) + detail.pointer,
            )
        for header, what in in_headers(exchange, every_name):
            findings.add(("header", header), exchange, what, NONE_EMBEDDED)
    recognisable = _recognisable(evidence, known)
    return findings.observed(_measured(evidence) | {"recognisable": recognisable})


def _recognisable(evidence: Evidence, known: Mapping[str, Collection[str]]) -> int:
    """Return how many providers have models that would be found under any name of a field.

    They are those whose models have known names, and all if their numbers could be followed.
    """
    providers = evidence.providers.items()
    counts = {name: provider[COUNT] for name, provider in providers if has_models(provider)}
    if can_be_followed(counts):
        return len(counts)
    return sum(bool(known.get(name)) for name in counts)


def _details(
    exchange: Exchange,
    unusual: Container[bytes],
    vocabulary: Vocabulary,
    known: Mapping[str, frozenset[str]],
    following: Sequence[Place],
) -> Iterator[tuple[int, str, Detail]]:
    for place, element in enumerate(exchange.value):
        if not isinstance(element, Element) or element.canonical not in unusual:
            continue
        name = element.get("name")
        found = set()
        for detail in in_element(element, vocabulary, known.get(str(name))):
            found.add(detail.place)
            yield place, format_value(name), detail
        collections = unknown_collections(element, vocabulary) if following else {}
        for where in following:
            if collections.get(where) and where not in found:
                what = f"a collection as large as modelsCount: {outlined(collections[where])}"
                yield place, format_value(name), Detail(where, what)


@check("MODEL-03")
def empty_apis_is_absent(evidence: Evidence) -> Observed:
    """Judge MODEL-03.

    Search every response for an apis that is empty or null.
    """
    findings = Findings(evidence)
    for exchange, place, element in evidence.elements():
        if EMBEDDED in element and not element[EMBEDDED]:
            findings.add(
                format_value(element.get("name")),
                exchange,
                f'provider {format_value(element.get("name"))} has "{EMBEDDED}": '
                f"{outlined(element[EMBEDDED])}",
                f'no field "{EMBEDDED}"',
                pointer=pointer(place, EMBEDDED),
            )
    return findings.observed(_measured(evidence), by_element=True)


@check("MODEL-04")
def count_is_a_number(evidence: Evidence) -> Observed:
    """Judge MODEL-04.

    Validate modelsCount in every response against the schema.
    """
    findings = Findings(evidence)
    for exchange, breaches in evidence.breaches:
        for breach in breaches:
            if len(breach.path) == 2 and breach.path[1] == COUNT:
                name = exchange.value[int(breach.path[0])].get("name")
                findings.add(
                    format_value(name),
                    exchange,
                    f'"{COUNT}" is {format_typed_value_at(breach.pointer, breach.value)} '
                    f"in provider {format_value(name)}",
                    "a non-negative integer",
                    pointer=breach.pointer,
                )
    return findings.by_schema(_measured(evidence))


@check("MODEL-05")
def count_is_the_same_everywhere(evidence: Evidence) -> Observed:
    """Judge MODEL-05.

    Compare modelsCount in every result with the unfiltered list, read before and after. With
    activeOnly=true and without activeOnly, a lower number is permitted if all such results have
    the same.
    """
    findings = Findings(evidence)
    compared = comparisons(evidence)
    for comparison, alteration in alterations(evidence, compared, (COUNT,)):
        if _counts_active_models(evidence, comparison, alteration):
            continue
        findings.add(
            alteration.name,
            comparison.exchange,
            f'"{COUNT}" of provider {format_value(alteration.name)} is '
            f"{alteration.format_filtered()}, "
            f"but {alteration.format_unfiltered()} in the unfiltered list",
            "the same modelsCount in every result",
            pointer=pointer(alteration.place, COUNT),
            against=comparison.unfiltered,
        )
    # Only documented queries are repeated while the cluster changes.
    results = [c for c in compared if is_documented(evidence.contract, c.exchange.query)]
    measured = _measured(evidence) | {"comparisons": decided(evidence, results)}
    with_models = [name for name, provider in evidence.providers.items() if has_models(provider)]
    steady = not all_changed(evidence, with_models, (COUNT,))
    unable = undecided(evidence, results, (COUNT,)) if steady else KEPT_CHANGING
    unable = _restless_count(evidence) or unable
    return findings.observed(measured, unable=unable)


def _restless_count(evidence: Evidence) -> str | None:
    return restless(evidence, frozenset((COUNT,)), returning=True)


def _counts_active_models(
    evidence: Evidence, comparison: Comparison, alteration: Alteration
) -> bool:
    """Whether a count differs from the unfiltered list as if only active models were counted."""
    parameter = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE).parameter
    if comparison.exchange.query.values(parameter) == ("false",):
        return False
    unfiltered, filtered = alteration.unfiltered, alteration.filtered
    counts = _counts_with_active_only(evidence)[alteration.name]
    # Python's bool is an int.
    return (
        type(filtered) is int
        and type(unfiltered) is int
        and filtered < unfiltered
        and counts == {filtered}
    )


@remembered
def _counts_with_active_only(evidence: Evidence) -> Mapping[str, set[Any]]:
    """Return every modelsCount of each provider in documented results for active providers."""
    parameter = evidence.contract.filter_by(Operator.ONLY_WHEN_TRUE).parameter

    def concerns(query: Query) -> bool:
        return is_documented(evidence.contract, query) and query.values(parameter) != ("false",)

    counts = defaultdict[str, set[Any]](set)
    for comparison in comparisons(evidence, concerns):
        for name, provider in by_name(comparison.exchange).items():
            count = provider.get(COUNT)
            counts[name].add(count if isinstance(count, int) else repr(count))
    return counts


@check("MODEL-06")
def count_agrees_with_related_endpoints(evidence: Evidence) -> Observed:
    """Judge MODEL-06.

    Compare modelsCount with the number of models that related endpoints list, for some of the
    providers.
    """
    offered = [
        exchange for exchange in evidence.related if exchange.status not in UNSUPPORTED_STATUSES
    ]
    if evidence.related and not offered:
        return Observed(not_applicable="the server has no endpoint that lists a provider's models")
    findings = Findings(evidence)
    for name, related in miscounted(evidence):
        for exchange, place, count in related.contradicted():
            findings.add(
                name,
                exchange,
                f'"{COUNT}" of provider {format_value(name)} is {format_value(count)}, '
                f"while {related.statement}",
                _between(related),
                pointer=pointer(place, COUNT),
                against=next(iter(evidence.responses_to(related.request)), None),
            )
    counts = related_counts(evidence).values()
    complete = sum(any(one.total is not None and one.counts for one in found) for found in counts)
    unfinished = evidence.changing and (open_requests(evidence) or not complete)
    unable = KEPT_CHANGING if unfinished else _restless_count(evidence)
    return findings.observed(_measured(evidence) | {"witnessed": complete}, unable=unable)


def _between(related: RelatedCount) -> str:
    if related.total is None:
        return f"modelsCount {related.active} or more"
    if related.active == related.total:
        return f"modelsCount {related.total}"
    return f"modelsCount from {related.active} to {related.total}"
