"""Each constraint of the Provider schema rejects a wrong response that no other rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from support.canned.contracts import GONE, PROVIDER, Path, changed, document, places
from support.canned.exchanges import provider

from conformance.contract.loader import load
from conformance.contract.schema import Schema

SCHEMAS: Path = ("components", "schemas")
TAG: Path = (*SCHEMAS, "Tag")
LIST: Path = (*SCHEMAS, "ProviderList")
CONSTRAINTS = ("type", "required", "minLength", "minimum", "maxItems")


def constraints() -> Iterator[Path]:
    """Yield the path of each constraint on a response, and of each entry of ``required``."""
    for root in (LIST, PROVIDER, TAG):
        node: Any = document()
        for part in root:
            node = node[part]
        for inner in places(node):
            # A property may be called ``type``, too; only the keyword is a constraint.
            if inner[-1] in CONSTRAINTS and inner[-2:-1] != ("properties",):
                if inner[-1] != "required":
                    yield (*root, *inner)
            elif inner[-2:-1] == ("required",):
                yield (*root, *inner)


def lacking(member: str) -> list[Any]:
    return [{name: value for name, value in provider().items() if name != member}]


def having(member: str, value: Any) -> list[Any]:
    return [{**provider(), member: value}]


def tagged(tag: Any) -> list[Any]:
    return having("tags", [tag])


OF_PROVIDER: Path = (*PROVIDER, "properties")
OF_TAG: Path = (*TAG, "properties")
REFUSED_BY: dict[Path, Any] = {
    (*LIST, "type"): {"content": [provider()]},
    (*PROVIDER, "type"): ["openAI"],
    **{
        (*PROVIDER, "required", place): lacking(member)
        for place, member in enumerate(
            ("name", "type", "category", "configuration", "enabled", "modelsCount")
        )
    },
    **{
        (*OF_PROVIDER, member, "type"): having(member, None)
        for member in (
            "name",
            "type",
            "category",
            "configuration",
            "enabled",
            "modelsCount",
            "description",
            "createTime",
            "updateTime",
            "createdBy",
            "updatedBy",
            "ownerApp",
            "tags",
            "apis",
        )
    },
    **{(*OF_PROVIDER, member, "minLength"): having(member, "") for member in ("name", "type")},
    (*OF_PROVIDER, "category", "minLength"): having("category", ""),
    (*OF_PROVIDER, "modelsCount", "minimum"): having("modelsCount", -1),
    (*OF_PROVIDER, "apis", "maxItems"): having("apis", [{"api": "gpt-4o"}]),
    (*TAG, "type"): tagged("team"),
    (*TAG, "required", 0): tagged({"value": "docs"}),
    (*TAG, "required", 1): tagged({"key": "team"}),
    **{
        (*OF_TAG, member, "type"): tagged({"key": "k", "value": "v", member: 1})
        for member in ("key", "value", "type")
    },
}
"""Each constraint with a response that no other constraint rejects."""


def accepts(whole: dict[str, Any], answer: Any) -> bool:
    rules = {"$ref": "#/components/schemas/ProviderList", "components": whole["components"]}
    return jsonschema_rs.Draft202012Validator(rules).is_valid(answer)


def test_every_constraint_has_a_response_that_needs_it() -> None:
    assert set(constraints()) == set(REFUSED_BY)


@pytest.mark.parametrize(
    ("constraint", "answer"),
    REFUSED_BY.items(),
    ids=[".".join(map(str, path[2:])) for path in REFUSED_BY],
)
def test_without_the_constraint_a_wrong_response_is_accepted(constraint: Path, answer: Any) -> None:
    assert not accepts(document(), answer)
    assert accepts(changed(constraint, GONE), answer)
    (breach,) = Schema(load()).breaches(answer)
    keyword = constraint[-2] if constraint[-2] == "required" else constraint[-1]
    assert breach.keyword == keyword


@pytest.mark.parametrize(
    ("member", "kinds", "value"),
    [
        ("modelsCount", "number", 1.5),
        ("createTime", "number", 1.5),
        ("updateTime", "number", 1700000000000.5),
        ("modelsCount", ["integer", "string"], "3"),
        ("enabled", ["boolean", "string"], "true"),
        ("enabled", ["boolean", "integer"], 1),
        ("name", ["string", "integer"], 7),
        ("type", ["string", "array"], ["openai"]),
        ("category", ["string", "array"], ["AI_MODEL"]),
        ("configuration", ["object", "array"], []),
        ("configuration", ["object", "string"], "{}"),
        ("tags", ["array", "object"], {"team": "docs"}),
        ("description", ["string", "object"], {"en": "text"}),
        ("createdBy", ["string", "integer"], 12),
        ("updatedBy", ["string", "object"], {"id": 1}),
        ("ownerApp", ["string", "null"], None),
    ],
)
def test_a_wider_type_would_accept_a_wrong_response(member: str, kinds: Any, value: Any) -> None:
    answer = having(member, value)
    assert not accepts(document(), answer)
    assert accepts(changed((*OF_PROVIDER, member, "type"), kinds), answer)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [provider()],
        [provider(apis=[])],
        [provider(tags=[])],
        [provider(tags=[{"key": "", "value": "", "type": "METADATA", "more": 1}])],
        [provider(configuration={}, unknown={"deep": [1, None]})],
        [provider(type="brand_new", category="BRAND_NEW")],
        [provider(modelsCount=2.0, createTime=1.7e12)],
        [provider(modelsCount=2**70)],
        [
            provider(
                createTime=..., updateTime=..., tags=..., description="", createdBy="", ownerApp=""
            )
        ],
    ],
)
def test_unusual_legal_responses_are_accepted(answer: Any) -> None:
    assert accepts(document(), answer)
    assert Schema(load()).breaches(answer) == ()
