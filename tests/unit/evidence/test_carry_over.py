"""Parameters that carry over from one query to the next are detected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.canned.exchanges import evidence, exchange, provider, select
from support.canned.verdicts import verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query
from conformance.evidence.carry_over import carried, lacks_carried, pairs_in_turn
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange

RICH = [
    provider(f"{category} {enabled}", category=category, enabled=enabled)
    for category in ("AI_MODEL", "EMAIL", "GIT")
    for enabled in (True, False)
]
MODELS, EMAIL = "category=AI_MODEL&activeOnly=false", "category=EMAIL&activeOnly=true"
Answer = Callable[[Mapping[str, str]], Mapping[str, str]]


def in_turn(keep: Answer, *, asked: Sequence[str] = (MODELS, EMAIL, MODELS)) -> Evidence:
    """Return evidence of bare queries for which the server uses ``keep`` of the previous query."""
    answers: list[Exchange] = []
    for wire in asked:
        query = Query(wire)
        used = Query.of(keep(dict(query.pairs)).items())
        for body, sent in ((select(query, RICH), wire), (select(used, RICH), "")):
            at = 2 * len(answers) + 1
            answers.append(replace(exchange(body, sent), sent=at, answered=at + 1))
    return evidence(*answers, cluster=RICH)


def only(*names: str) -> Answer:
    return lambda before: {name: before[name] for name in names}


@pytest.mark.parametrize(
    ("keep", "parameters", "values"),
    [
        (only("category"), {"category"}, ["category=AI_MODEL", "category=EMAIL"]),
        (only("activeOnly"), {"activeOnly"}, ["activeOnly=false"]),
        (only("category", "activeOnly"), {"category", "activeOnly"}, []),
    ],
)
def test_parameters_that_carry_over(keep: Answer, parameters: set[str], values: list[str]) -> None:
    gathered = in_turn(keep)
    assert set(carried(gathered)) == parameters
    result = verdict("STABLE-02", gathered)
    assert result.outcome is Outcome.FAILED
    assert len(result.findings) == len(parameters)
    assert all(finding.query == "" for finding in result.findings)
    if values:
        assert values[0] in result.findings[0].observed
    # The mistakes that it explains are attributed to no other requirement.
    for requirement in ("FILTER-06", "FILTER-08") if "activeOnly" in parameters else ("FILTER-06",):
        other = verdict(requirement, gathered)
        assert (other.outcome, other.findings) == (Outcome.INCONCLUSIVE, ())
        assert "see STABLE-02" in other.reason


@pytest.mark.parametrize(
    "keep",
    [
        lambda _: {},
        # Wrong in the same way after every query: a mistake of the filter.
        lambda _: {"activeOnly": "false"},
        lambda _: {"category": "AI_MODEL"},
        lambda _: {"category": "CLOUD"},
        # The opposite of the previous query.
        lambda before: {"category": "EMAIL" if before["category"] == "AI_MODEL" else "AI_MODEL"},
    ],
)
def test_mistakes_that_do_not_depend_on_the_previous_query(keep: Answer) -> None:
    assert carried(in_turn(keep)) == {}


@pytest.mark.parametrize("name", ["category", "activeOnly"])
@pytest.mark.parametrize("asked", [(MODELS, EMAIL), (MODELS,) * 4])
def test_too_few_pairs_or_values_prove_nothing(name: str, asked: Sequence[str]) -> None:
    assert carried(in_turn(only(name), asked=asked)) == {}


def test_concurrent_requests_are_not_pairs() -> None:
    gathered = in_turn(only("category"))
    assert len(list(pairs_in_turn(gathered))) == 3
    (span, *_) = gathered.spans
    late = [replace(one, answered=one.answered + 1) for one in span.exchanges]
    among = evidence(cluster=RICH, spans=(replace(span, exchanges=tuple(late)),) * 5)
    assert not list(pairs_in_turn(among))
    assert carried(among) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"method": "HEAD"},
        {"path": "/api/integrations/"},
    ],
)
def test_only_reads_of_the_endpoint_are_pairs(other: dict[str, Any]) -> None:
    gathered = in_turn(only("category"))
    (span, *_) = gathered.spans
    changed = [
        replace(one, request=replace(one.request, **other)) if one.query.wire else one
        for one in span.exchanges
    ]
    among = evidence(cluster=RICH, spans=(replace(span, exchanges=tuple(changed)),) * 5)
    assert not list(pairs_in_turn(among))


def test_queries_that_lack_a_carried_parameter() -> None:
    gathered = in_turn(only("activeOnly"))
    assert lacks_carried(gathered, Query("category=GIT"))
    assert not lacks_carried(gathered, Query("activeOnly=true"))
    assert not lacks_carried(in_turn(lambda _: {}), Query())
