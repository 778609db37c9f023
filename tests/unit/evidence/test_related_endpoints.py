"""Related endpoints count as evidence only if they always return the same."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider
from support.canned.verdicts import LAW, UNFILTERED

from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.hidden_providers import hidden_inactive
from conformance.evidence.related_endpoints import (
    by_suspicion,
    miscounted,
    model_names,
    open_requests,
    related_counts,
)
from conformance.evidence.spans import Span

OPEN, OLD, PINE, KAFKA = CLUSTER
EVERYTHING = LAW.related["allIntegrations"]
WHOLE = exchange(list(CLUSTER), UNFILTERED)


def model(api: Any = "gpt-4o", *, enabled: bool = True) -> dict[str, Any]:
    return {"integrationName": "openAI", "api": api, "enabled": enabled}


def of_one(related: str, name: str, body: Any, status: int = 200) -> Exchange:
    path = LAW.related[related].replace("{name}", quote(name, safe=""))
    return exchange(body, UNFILTERED, path=path, status=status)


def models(active: int, inactive: int = 0, *, name: str = "openAI", status: int = 200) -> Exchange:
    """Return a response that lists this number of active and inactive models of a provider."""
    body = [model(f"m{n}", enabled=n < active) for n in range(active + inactive)]
    return of_one("models", name, body, status)


def everything(*providers: Any, status: int = 200) -> Exchange:
    return exchange(list(providers), UNFILTERED, path=EVERYTHING, status=status)


def spans(*answers: Exchange | tuple[Exchange, ...], whole: Exchange = WHOLE) -> list[Span]:
    """Return a steady span for each exchange or tuple of exchanges."""
    return [Span(whole, one if isinstance(one, tuple) else (one,), whole) for one in answers]


def run(*answers: Exchange | tuple[Exchange, ...], more: tuple[Span, ...] = ()) -> Evidence:
    return evidence(spans=(*spans(*answers), *more), opening=WHOLE)


RIGHT = models(3)
FEWER = models(2)
MORE = models(4)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        *((models(*numbers), True) for numbers in ((3,), (2, 1), (0, 3), (0, 9), (3, 9))),
        *((models(*numbers), False) for numbers in ((2,), (0,), (4,), (4, 9))),
        (everything({**OPEN, "apis": [model()] * 3}), True),
        # Inactive models may be missing there, active ones may not.
        (everything({**OPEN, "apis": [model()]}), True),
        (everything({**OPEN, "apis": []}), True),
        (everything({**OPEN, "apis": [model()] * 4}), False),
        # A single provider must have the same count.
        *((of_one("provider", "openAI", {"modelsCount": n}), n == 3) for n in (2, 3, 3.0, 4)),
    ],
)
def test_counts_that_agree_with_a_related_endpoint(answer: Exchange, right: bool) -> None:
    gathered = run(*[answer] * 5)
    assert list(related_counts(gathered)) == ["openAI"]
    assert [name for name, _ in miscounted(gathered)] == ([] if right else ["openAI"])


@pytest.mark.parametrize(
    "answer",
    [
        models(9, status=404),
        of_one("models", "openAI", {"models": []}),
        of_one("models", "openAI", [model(), "text"]),
        everything({**OPEN, "apis": 9}, {**OLD, "apis": None}, {"apis": []}, "text"),
        everything({**OPEN, "apis": [model()] * 9}, status=500),
        *(
            of_one("provider", "openAI", body)
            for body in ({"modelsCount": True}, {"modelsCount": 1.5}, {"name": "openAI"}, [OPEN])
        ),
        of_one("provider", "openAI", {"modelsCount": 9}, 404),
        exchange([model()] * 9, UNFILTERED, path="/api/integrations/provider/openAI/tags"),
        exchange([model()] * 9, UNFILTERED, path="/api/integrations/provider/a/b/integration"),
    ],
)
def test_unusable_responses_are_ignored(answer: Exchange) -> None:
    gathered = run(*[answer] * 5)
    assert related_counts(gathered) == {}
    assert open_requests(gathered) == ()


@pytest.mark.parametrize(
    ("whole", "name", "counts"),
    [
        # The name is encoded in the path. A provider that is missing or repeated is not compared.
        ([provider("a/b é%", modelsCount=9)], "a/b é%", [9]),
        ([PINE], "openAI", []),
        ([OPEN, {**OPEN, "modelsCount": 9}], "openAI", []),
    ],
)
def test_which_provider_is_compared(whole: list[Any], name: str, counts: list[int]) -> None:
    view = exchange(whole, UNFILTERED)
    asked = spans(*[models(4, name=name)] * 5, whole=view)
    gathered = evidence(spans=tuple(asked), opening=view)
    related = related_counts(gathered)[name][0]
    assert [count for _, _, count in related.counts] == counts
    assert [wrong for wrong, _ in miscounted(gathered)] == [name] * len(counts)


@pytest.mark.parametrize(
    ("answers", "source"),
    [
        ((models(4), everything({**OPEN, "apis": []})), "/openAI/integration lists 4 models"),
        ((models(4), of_one("provider", "openAI", OPEN)), "/openAI/integration lists 4 models"),
        (
            (everything({**OPEN, "apis": [model()] * 4}), of_one("provider", "openAI", OPEN)),
            "GET /api/integrations/ lists 4 active models",
        ),
        ((of_one("provider", "openAI", {"modelsCount": 4}),), "provider/openAI says 4"),
    ],
)
def test_the_most_reliable_endpoint_is_used(answers: tuple[Exchange, ...], source: str) -> None:
    for order in (answers, answers[::-1]):
        ((_, related),) = miscounted(run(*[order] * 5))
        assert source in related.statement


@pytest.mark.parametrize(
    ("answers", "confirmed", "asked_again"),
    [
        ([], False, False),
        ([RIGHT], False, False),
        ([MORE], False, True),
        ([MORE] * 4, False, True),
        ([MORE] * 5, True, False),
        ([RIGHT, *[MORE] * 5], True, False),
        ([*[MORE] * 4, RIGHT], False, False),
        ([MORE, RIGHT] * 5, False, False),
        ([RIGHT, MORE] * 5, False, True),
        # Sometimes too many, sometimes too few, but never correct.
        ([*[MORE, FEWER] * 5], True, False),
    ],
)
def test_a_count_that_is_always_wrong_is_confirmed(
    answers: list[Exchange], confirmed: bool, asked_again: bool
) -> None:
    gathered = run(*answers)
    assert [name for name, _ in miscounted(gathered)] == ["openAI"] * confirmed
    assert open_requests(gathered) == ((MORE.request,) if asked_again else ())


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        *((one, False) for one in ({"modelsCount": 4}, {"enabled": False}, {"category": "GIT"})),
        ({}, True),
    ],
)
def test_a_provider_that_changed_does_not_count(changed: dict[str, Any], counts: bool) -> None:
    # Whether another provider changes does not matter.
    others = [OLD, PINE, {**KAFKA, "modelsCount": 9, "enabled": True}]
    later = exchange([OPEN | changed, *others], UNFILTERED)
    gathered = run(*[MORE] * 5, more=(Span(WHOLE, (), later),))
    assert [name for name, _ in miscounted(gathered)] == ["openAI"] * counts
    assert open_requests(gathered) == ()


def test_spans_in_which_the_cluster_changed_are_left_out() -> None:
    less = exchange(list(CLUSTER[:3]), UNFILTERED)
    unsteady = (Span(WHOLE, (MORE, everything(provider("x", enabled=False))), less),)
    gathered = evidence(spans=unsteady * 5, opening=WHOLE)
    assert related_counts(gathered) == {}
    assert hidden_inactive(gathered) == {}
    assert open_requests(gathered) == ()


HIDDEN = provider("hidden", enabled=False)
SHOWS = everything(*CLUSTER, HIDDEN)
SAME = everything(*CLUSTER)


@pytest.mark.parametrize(
    ("answers", "confirmed", "asked_again"),
    [
        ([SAME] * 5, False, False),
        ([SHOWS], False, True),
        ([SHOWS] * 4, False, True),
        ([SHOWS] * 5, True, False),
        ([*[SHOWS] * 5, SAME], False, False),
        ([SAME, SHOWS] * 5, False, True),
        *(
            ([everything(*CLUSTER, odd)] * 5, False, False)
            for odd in (HIDDEN | {"enabled": True}, HIDDEN | {"enabled": "no"}, {"enabled": False})
        ),
        ([everything(HIDDEN, status=403)] * 5, False, False),
        ([everything(OLD, KAFKA)] * 5, False, False),
    ],
)
def test_an_inactive_provider_that_only_a_related_endpoint_has(
    answers: list[Exchange], confirmed: bool, asked_again: bool
) -> None:
    gathered = run(*answers)
    found = hidden_inactive(gathered)
    assert found == ({"hidden": (WHOLE, SHOWS)} if confirmed else {})
    assert open_requests(gathered) == ((SHOWS.request,) if asked_again else ())


@pytest.mark.parametrize("odd", [{**OLD, "name": None}, "text", OPEN, None])
def test_a_provider_that_may_be_in_the_list_or_was_is_not_hidden(odd: Any) -> None:
    # An unnamed element may be the provider; or it appeared and disappeared.
    whole = exchange([*CLUSTER, odd], UNFILTERED) if odd else WHOLE
    more = () if odd else (Span(WHOLE, (), exchange([*CLUSTER, HIDDEN], UNFILTERED)),)
    gathered = evidence(spans=(*spans(*[SHOWS] * 5, whole=whole), *more), opening=whole)
    assert hidden_inactive(gathered) == {}


def test_names_of_models_come_from_all_related_endpoints() -> None:
    nameless = [{"enabled": True}, model(""), model(7), model(None)]
    gathered = run(
        (of_one("models", "openAI", [model("a"), model("b"), *nameless]), RIGHT),
        everything({**OPEN, "apis": [model("c"), "text"]}, {**PINE, "apis": []}),
    )
    assert model_names(gathered) == {
        "openAI": frozenset({"a", "b", "c", "m0", "m1", "m2"}),
        "pinecone": frozenset(),
    }


CROWD = {f"p{n}": provider(f"p{n}", modelsCount=n % 4) for n in range(40)}


def embedding(*, but: dict[str, int] | None = None, more: tuple[Any, ...] = ()) -> Exchange:
    """Return a list of all providers with as many models as they count, except those in ``but``."""
    counts = {name: one["modelsCount"] for name, one in CROWD.items()} | (but or {})
    return everything(
        *({**CROWD[name], "apis": [*[model()] * n, *more]} for name, n in counts.items())
    )


def test_providers_with_differing_counts_come_first() -> None:
    ranked = by_suspicion(CROWD, list(CROWD), embedding(but={"p31": 2, "p22": 9, "p36": 1}))
    assert ranked[:3] == ["p22", "p31", "p36"]
    assert sorted(ranked) == sorted(CROWD)
    # One without models is always among the first.
    more = {name: 7 for name, one in CROWD.items() if one["modelsCount"]}
    ranked = by_suspicion(CROWD, list(CROWD), embedding(but=more))
    assert [CROWD[name]["modelsCount"] for name in ranked[:8]] == [1] * 7 + [0]


# It lists an inactive model of each provider, which ``modelsCount`` may include or not.
INACTIVE = embedding(more=(model(enabled=False),))


@pytest.mark.parametrize("answer", [embedding(), INACTIVE, everything(), everything(status=404)])
def test_then_providers_with_models_and_one_without(answer: Exchange) -> None:
    ranked = by_suspicion(CROWD, list(CROWD), answer)
    assert ranked[:8] == ["p1", "p2", "p3", "p5", "p6", "p7", "p9", "p0"]
    assert by_suspicion(CROWD, ["p4", "p1"], answer) == ["p1", "p4"]
