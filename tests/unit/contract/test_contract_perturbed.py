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
CONSTRAINTS = ("type", "required", "minLength", "minimum")


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


def having(**members: Any) -> list[Any]:
    return [provider(**members)]


def tagged(tag: Any) -> list[Any]:
    return having(tags=[tag])


REQUIRED = ("name", "category", "configuration", "enabled", "modelsCount")
OPTIONAL = "type description createTime updateTime createdBy updatedBy ownerApp tags"
OF_PROVIDER: Path = (*PROVIDER, "properties")
OF_TAG: Path = (*TAG, "properties")
REFUSED_BY: dict[Path, Any] = {
    (*LIST, "type"): {"content": [provider()]},
    (*PROVIDER, "type"): ["openAI"],
    **{
        (*PROVIDER, "required", place): having(**{member: ...})
        for place, member in enumerate(REQUIRED)
    },
    **{
        (*OF_PROVIDER, member, "type"): having(**{member: None})
        for member in (*REQUIRED, *OPTIONAL.split())
    },
    **{
        (*OF_PROVIDER, member, "minLength"): having(**{member: ""})
        for member in ("name", "type", "category")
    },
    (*OF_PROVIDER, "modelsCount", "minimum"): having(modelsCount=-1),
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
