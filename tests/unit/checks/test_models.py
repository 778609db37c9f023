"""MODEL requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import (
    UNFILTERED,
    Broken,
    answering,
    as_tests,
    only,
    replacing,
    verdict,
)

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span

EVERYTHING = "/api/integrations/"
PINE = CLUSTER[2]
KEPT_CHANGING = "the target kept changing while it was read, so its responses could not be compared"


def model(api: str = "gpt-4o", *, enabled: bool = True) -> dict[str, Any]:
    return {"integrationName": "openAI", "api": api, "enabled": enabled, "configuration": {}}


def models_of(name: str, *models: Any, status: int = 200) -> Exchange:
    """Return a response of the endpoint that lists the models of a provider."""
    path = f"/api/integrations/provider/{name}/integration"
    return exchange(list(models), "activeOnly=false", status=status, path=path)


def all_integrations(*providers: Any, status: int = 200) -> Exchange:
    return exchange(list(providers), UNFILTERED, status=status, path=EVERYTHING)


def having(**members: Any) -> Evidence:
    """Return evidence in which the second of three providers has these fields."""
    odd = {**provider("odd"), **members}
    return answering([provider("first"), odd, provider("third", modelsCount=1)])


def counting(query: str, count: Any, *extra: Exchange) -> Evidence:
    """Return evidence in which one query gives another count for the provider openAI."""
    changed = [
        {**one, "modelsCount": count} if one["name"] == "openAI" else one
        for one in select(Query(query))
    ]
    return evidence(*extra, replaced={query: exchange(changed, query)})


EXPECTED = {
    "MODEL-01": "no model details, only their number in modelsCount",
    "MODEL-02": "no model details, only their number in modelsCount",
    "MODEL-03": 'no field "apis"',
    "MODEL-04": "a non-negative integer",
    "MODEL-05": "the same modelsCount in every result",
}
MODEL_LIKE = "object with integrationName, api, enabled"
COUNT = '"modelsCount" of provider "openAI" is'

FIELDS: list[tuple[str, dict[str, Any], str, str]] = [
    *(
        ("MODEL-01", {"apis": apis}, "apis", f'provider "odd" carries "apis": {shown}')
        for apis, shown in (
            ([model()], "array of 1 (object)"),
            (["gpt-4o", "o1"], "array of 2 (string)"),
            ({"gpt-4o": {}}, "object with gpt-4o"),
            ("gpt-4o", "string of 6 characters"),
            (3, "number"),
        )
    ),
    (
        "MODEL-02",
        {"details": [{"integrationName": "openAI", "api": "gpt-4o", "enabled": True}]},
        "details/0",
        f'provider "odd" holds what only a model has: {MODEL_LIKE}',
    ),
    (
        "MODEL-02",
        {"models": ["gpt-4o", "o1"]},
        "models",
        'provider "odd" holds models under another name: array of 2 (string)',
    ),
    *(
        ("MODEL-03", {"apis": apis}, "apis", f'provider "odd" has "apis": {shown}')
        for apis, shown in (
            ([], "empty array"),
            ({}, "empty object"),
            (None, "null"),
            ("", "string of 0 characters"),
            (False, "boolean"),
        )
    ),
    *(
        (
            "MODEL-04",
            {"modelsCount": count},
            "modelsCount",
            f'"modelsCount" is {shown} in provider "odd"',
        )
        for count, shown in (
            (-1, "the integer -1"),
            (-(10**30), f"the integer -{10**30}"),
            (2.5, "the number 2.5"),
            ("3", 'the string "3"'),
            (None, "null"),
            (True, "the boolean true"),
            ([model()], "array of 1 (object)"),
        )
    ),
]
BROKEN = [
    *(
        Broken(requirement, having(**members), observed, EXPECTED[requirement], "", f"/1/{place}")
        for requirement, members, place, observed in FIELDS
    ),
    *(
        Broken(
            "MODEL-05",
            counting(query, count),
            f"{COUNT} {shown}, but 3 in the unfiltered list",
            EXPECTED["MODEL-05"],
            query,
            "/0/modelsCount",
        )
        for query, count, shown in (("category=AI_MODEL", 4, "4"), ("", None, "null"))
    ),
    *(
        Broken(
            "MODEL-06",
            evidence(listed),
            f"{COUNT} 3, while GET /api/integrations/{observed}",
            f"modelsCount {expected}",
            "activeOnly=false",
            "/0/modelsCount",
        )
        for listed, observed, expected in (
            (
                models_of("openAI", model("a"), model("b")),
                "provider/openAI/integration lists 2 models, 2 of them active",
                "2",
            ),
            (
                models_of("openAI", *(model(str(n), enabled=n < 4) for n in range(5))),
                "provider/openAI/integration lists 5 models, 4 of them active",
                "from 4 to 5",
            ),
            (
                all_integrations(provider("openAI", apis=[model(str(n)) for n in range(4)])),
                " lists 4 active models",
                "4 or more",
            ),
        )
    ),
]

NO_ARRAYS: tuple[Any, ...] = (None, {}, "", 0, False)
LEGAL = [
    ("MODEL-01", having(apis=[])),
    ("MODEL-01", having(apis=None, api_s=1)),
    ("MODEL-01", evidence(all_integrations(provider(apis=[model()])))),
    ("MODEL-02", evidence(all_integrations(provider(apis=[model()])))),
    ("MODEL-02", having(apis=[model()])),
    ("MODEL-02", evidence(models_of("openAI", model()), cluster=[provider(), PINE])),
    (
        "MODEL-02",
        answering([provider(f"p{n}", modelsCount=n % 3) for n in range(5)]),
    ),
    ("MODEL-02", having(configuration={"model": "gpt-4o", "models": "gpt-4o"})),
    ("MODEL-02", having(modelsCount=3, maxModels=5, links={"models": "/api/models"})),
    ("MODEL-03", having(apis=[model()])),
    ("MODEL-03", having(api=[], Apis=None)),
    *(("MODEL-04", having(modelsCount=number)) for number in (0, 2.0, 2**70)),
    # SHAPE-02 judges a missing count.
    ("MODEL-04", answering([provider(modelsCount=...)])),
    ("MODEL-05", counting("category=AI_MODEL", 3.0)),
    # The effect of an unknown parameter on a count is not that of the filters.
    ("MODEL-05", evidence(exchange([provider(modelsCount=9)], "activeOnly=false&page=2"))),
    *(
        ("MODEL-06", evidence(models_of("openAI", *models)))
        for models in (
            map(model, "abc"),
            (model(str(n), enabled=n < 2) for n in range(6)),
            # A model without "enabled" may be active or inactive.
            (model("a"), *({"api": str(n)} for n in range(5))),
        )
    ),
    # Get All Integrations may omit inactive models, so it gives no upper limit.
    (
        "MODEL-06",
        evidence(
            all_integrations(provider("openAI", apis=[model("a")])),
            models_of("openAI", model("a"), *(model(n, enabled=False) for n in "bc")),
        ),
    ),
    # A provider with a special name, and one that the list does not contain.
    (
        "MODEL-06",
        evidence(
            models_of("openAI", *map(model, "abc")),
            models_of("gone", model("a")),
            models_of("kafka"),
        ),
    ),
    ("MODEL-06", evidence(models_of("a%2Fb", model()), cluster=[provider("a/b", modelsCount=1)])),
]

WITHOUT_MODELS = [provider("a", modelsCount=0), provider("b", modelsCount=0)]


def flickering() -> Evidence:
    """Return evidence in which the unfiltered list changes all the time."""
    first = exchange(CLUSTER, UNFILTERED)
    later = exchange(CLUSTER[:2], UNFILTERED)
    asked = exchange(select(Query("")), ""), models_of("openAI", *map(model, "abc"))
    return evidence(spans=(Span(first, asked, later), Span(later, asked, first)))


UNRECOGNISABLE = "the target showed no provider with models that are recognisable under any name"
NO_MODELS = "the target showed no provider with models"
NOT_LISTED = "the target showed no provider whose models another endpoint lists"

INCONCLUSIVE = [
    *(("MODEL-01", answering(body), NO_MODELS) for body in ([], WITHOUT_MODELS)),
    *(
        ("MODEL-02", gathered, UNRECOGNISABLE)
        for gathered in (
            answering([]),
            answering(WITHOUT_MODELS),
            # Two with other numbers, or any number with the same one, prove nothing by their sizes.
            answering([provider("a", modelsCount=1), provider("b", modelsCount=2)]),
            answering([provider(name) for name in "abcd"]),
            evidence(models_of("pinecone", model()), cluster=[provider(), PINE]),
            evidence(models_of("openAI", status=403), cluster=[provider(), PINE]),
        )
    ),
    ("MODEL-03", answering([]), "the target showed no provider"),
    ("MODEL-04", answering([]), "the target showed no provider"),
    ("MODEL-05", evidence(cluster=WITHOUT_MODELS), NO_MODELS),
    (
        "MODEL-05",
        only(exchange(CLUSTER, UNFILTERED)),
        "the target showed no result comparable with the unfiltered list (2 needed)",
    ),
    ("MODEL-05", flickering(), KEPT_CHANGING),
    (
        "MODEL-05",
        replacing(UNFILTERED.wire, b"", status=500),
        "the unfiltered list could not be read, so nothing could be compared with it",
    ),
    ("MODEL-06", evidence(), NOT_LISTED),
    ("MODEL-06", evidence(all_integrations(provider("openAI", apis=[model()]))), NOT_LISTED),
    ("MODEL-06", flickering(), KEPT_CHANGING),
    # An error of the related endpoint reveals nothing about the models.
    (
        "MODEL-06",
        evidence(models_of("openAI", status=403), all_integrations(status=500)),
        NOT_LISTED,
    ),
]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_related_endpoints_that_are_not_offered(status: int) -> None:
    gathered = evidence(models_of("openAI", status=status), all_integrations(status=status))
    result = verdict("MODEL-06", gathered)
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert result.reason == "the server has no endpoint that lists a provider's models"


def test_a_count_that_differs_in_many_results_is_one_violation() -> None:
    wires = ("", "activeOnly=true", "category=AI_MODEL&activeOnly=true")
    replaced = {wire: exchange([provider(modelsCount=9), PINE], wire) for wire in wires}
    result = verdict("MODEL-05", evidence(cluster=[provider(), PINE], replaced=replaced))
    assert result.reason == "1 violation"
    assert result.findings[0].query == ""
