"""MODEL: no model details, and the number of models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import chain

from conformance.checks.detectors.model_details import (
    Detail,
    Vocabulary,
    following_the_count,
    in_element,
    is_plain,
    unknown_collections,
)
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.oracle import is_documented
from conformance.core.text import described_at, outlined, pointer, shown
from conformance.evidence.evidence import Evidence, has_models
from conformance.evidence.exchange import MISSING, Exchange
from conformance.evidence.providers import COUNT, EMBEDDED
from conformance.evidence.related_endpoints import (
    RelatedCount,
    miscounted,
    model_names,
    open_requests,
    witnesses,
)
from conformance.evidence.view_comparison import (
    KEPT_CHANGING,
    alterations,
    comparisons,
    decided,
    none_stood_still,
    undecided,
)

NONE_EMBEDDED = "no model details, only their number in modelsCount"


def _looked(evidence: Evidence) -> dict[str, int]:
    return {
        "answers": len(evidence.listings),
        "providers": len(evidence.providers),
        "withModels": evidence.measures["withModels"],
    }


@check("MODEL-01")
def models_are_not_embedded(evidence: Evidence) -> Observed:
    """Judge MODEL-01.

    Look for an apis that is not empty in every answer, also when details are asked for.
    """
    findings = Findings(evidence)
    for exchange, place, element in evidence.elements():
        embedded = element.get(EMBEDDED)
        if embedded:
            findings.add(
                shown(element.get("name")),
                exchange,
                f'provider {shown(element.get("name"))} carries "{EMBEDDED}": {outlined(embedded)}',
                NONE_EMBEDDED,
                pointer=pointer(place, EMBEDDED),
            )
    return findings.observed(_looked(evidence), by_element=True)


@check("MODEL-02")
def models_are_nowhere_else(evidence: Evidence) -> Observed:
    """Judge MODEL-02.

    Look for what only a model has, for collections named after models or as long as
    modelsCount, and for models' names that sibling endpoints tell, at any depth of every
    answer.
    """
    findings = Findings(evidence)
    vocabulary = Vocabulary.of(evidence.contract)
    known = model_names(evidence)
    # The same bytes are decoded once, so equal answers are judged once.
    distinct = {id(exchange.decoded): exchange for exchange in evidence.listings}
    odd = {
        id(element): element
        for _, _, element in evidence.elements()
        if not is_plain(element, vocabulary)
    }
    following = following_the_count(odd.values(), vocabulary)
    details = {
        identity: tuple(_details(exchange, odd, vocabulary, known, following))
        for identity, exchange in distinct.items()
    }
    places: dict[str, set[str]] = defaultdict(set)
    for _, name, detail in chain.from_iterable(details.values()):
        places[detail.pointer].add(name)
    for exchange in evidence.listings:
        for place, name, detail in details[id(exchange.decoded)]:
            if detail.weak and len(places[detail.pointer]) < 2:
                continue
            findings.add(
                (name, detail.pointer),
                exchange,
                f"provider {name} holds {detail.what}",
                NONE_EMBEDDED,
                pointer=pointer(place) + detail.pointer,
            )
    return findings.observed(_looked(evidence))


def _details(
    exchange: Exchange,
    odd: Container[int],
    vocabulary: Vocabulary,
    known: Mapping[str, frozenset[str]],
    following: Sequence[str],
) -> Iterator[tuple[int, str, Detail]]:
    for place, element in enumerate(exchange.value):
        if id(element) not in odd:
            continue
        name = element.get("name")
        found = set()
        for detail in in_element(element, vocabulary, known.get(str(name))):
            found.add(detail.pointer)
            yield place, shown(name), detail
        collections = unknown_collections(element, vocabulary) if following else {}
        for where in following:
            if collections.get(where) and where not in found:
                what = f"a collection as large as modelsCount: {outlined(collections[where])}"
                yield place, shown(name), Detail(where, what)


@check("MODEL-03")
def empty_apis_is_absent(evidence: Evidence) -> Observed:
    """Judge MODEL-03.

    Look for an empty apis in every answer.
    """
    findings = Findings(evidence)
    for exchange, place, element in evidence.elements():
        # What is no array, such as null, is SHAPE-04's.
        if element.get(EMBEDDED) == []:
            findings.add(
                shown(element.get("name")),
                exchange,
                f'provider {shown(element.get("name"))} has "{EMBEDDED}": '
                f"{outlined(element[EMBEDDED])}",
                f'no member "{EMBEDDED}"',
                pointer=pointer(place, EMBEDDED),
            )
    return findings.observed(_looked(evidence), by_element=True)


@check("MODEL-04")
def count_is_a_number(evidence: Evidence) -> Observed:
    """Judge MODEL-04.

    Validate modelsCount by the schema in every answer.
    """
    findings = Findings(evidence)
    for exchange, breaches in evidence.breaches:
        for breach in breaches:
            if len(breach.path) == 2 and breach.path[1] == COUNT:
                name = exchange.value[int(breach.path[0])].get("name")
                findings.add(
                    shown(name),
                    exchange,
                    f'"{COUNT}" is {described_at(breach.pointer, breach.value)} '
                    f"in provider {shown(name)}",
                    "a non-negative integer",
                    pointer=breach.pointer,
                )
    return findings.by_schema(_looked(evidence))


@check("MODEL-05")
def count_is_the_same_everywhere(evidence: Evidence) -> Observed:
    """Judge MODEL-05.

    Compare modelsCount in every view with the unfiltered view read before and after it.
    """
    findings = Findings(evidence)
    compared = comparisons(evidence)
    for comparison, alteration in alterations(evidence, compared, (COUNT,)):
        findings.add(
            alteration.name,
            comparison.exchange,
            f'"{COUNT}" of provider {shown(alteration.name)} is {alteration.shown_here()}, '
            f"but {alteration.shown_there()} in the unfiltered view",
            "the same modelsCount in every view",
            pointer=pointer(alteration.place, COUNT),
        )
    # Only documented queries are asked again while the cluster changes.
    views = [c for c in compared if is_documented(evidence.contract, c.exchange.query)]
    looked = _looked(evidence) | {"comparisons": decided(evidence, views)}
    counting = [name for name, provider in evidence.providers.items() if has_models(provider)]
    still = not none_stood_still(evidence, counting, (COUNT,))
    unable = undecided(evidence, views) if still else KEPT_CHANGING
    return findings.observed(looked, unable=unable)


@check("MODEL-06")
def count_agrees_with_siblings(evidence: Evidence) -> Observed:
    """Judge MODEL-06.

    Count the models that sibling endpoints list for some of the providers.
    """
    asked = [exchange for exchange in evidence.related if exchange.status not in MISSING]
    if evidence.related and not asked:
        return Observed(not_applicable="the server has no endpoint that lists a provider's models")
    findings = Findings(evidence)
    for name, witness in miscounted(evidence):
        for exchange, place, count in witness.contradicted():
            findings.add(
                name,
                exchange,
                f'"{COUNT}" of provider {shown(name)} is {shown(count)}, while {witness.statement}',
                _between(witness),
                pointer=pointer(place, COUNT),
            )
    found = witnesses(evidence).values()
    whole = sum(any(one.total is not None and one.counts for one in seen) for seen in found)
    unable = KEPT_CHANGING if evidence.changing and (open_requests(evidence) or not whole) else None
    return findings.observed(_looked(evidence) | {"witnessed": whole}, unable=unable)


def _between(witness: RelatedCount) -> str:
    if witness.total is None:
        return f"modelsCount {witness.active} or more"
    if witness.active == witness.total:
        return f"modelsCount {witness.total}"
    return f"modelsCount from {witness.active} to {witness.total}"
