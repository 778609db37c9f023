"""Details of models are detected in any form; similar legal values are accepted."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from gzip import compress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import provider
from support.canned.json_values import json_values

from conformance.checks.detectors.model_details import (
    Vocabulary,
    following_the_count,
    in_element,
    is_plain,
)
from conformance.contract.loader import load

WORDS = Vocabulary.of(load())
PACKED = {
    "note": "ÿþ?>",
    "apis": [
        {"integrationName": "openAI", "api": "gpt-4o", "description": "a model", "enabled": True}
    ],
}
MODEL = {"integrationName": "openAI", "api": "gpt-4o", "description": "a model", "enabled": True}
KNOWN = ("gpt-4o", "o1-mini", "text-embedding-3")


def places(members: dict[str, Any], known: tuple[str, ...] | None = None) -> list[str]:
    """Return the places of the details in a provider with these fields."""
    whole = {**provider(), **members}
    assert is_plain(whole, WORDS) is False or not [*in_element(whole, WORDS, known)]
    return [detail.pointer for detail in in_element(whole, WORDS, known)]


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


POSITIVE: list[tuple[dict[str, Any], str]] = [
    # The same content under another name, nested, or in another form.
    ({"models": [MODEL]}, "/models/0"),
    ({"model": ["a", "b"]}, "/model"),
    ({"data": {"page": [MODEL]}}, "/data/page/0"),
    ({"deep": [[[{"x": {"y": MODEL}}]]]}, "/deep/0/0/0/x/y"),
    ({"details": {"api": "gpt-4o", "enabled": True}}, "/details"),
    ({"first": {"integrationName": "openAI", "description": "x"}}, "/first"),
    ({"packed": json.dumps([MODEL])}, "/packed/0"),
    ({"packed": f" {json.dumps({'rows': [MODEL]})}"}, "/packed/rows/0"),
    ({"packed": json.dumps({"again": json.dumps([MODEL])})}, "/packed/again/0"),
    ({"a/b": [MODEL]}, "/a~1b/0"),
    *(
        ({"state": carried}, "/state/apis/0")
        for carried in (
            base64(json.dumps(PACKED)),
            base64(json.dumps(PACKED)).rstrip("="),
            urlsafe_b64encode(json.dumps(PACKED).encode()).decode(),
            f"data:application/json;base64,{base64(json.dumps(PACKED))}",
            base64(json.dumps(json.dumps(PACKED))),
            base64(base64(json.dumps(PACKED))),
            json.dumps(json.dumps(PACKED)),
            b64encode(compress(json.dumps(PACKED).encode(), mtime=0)).decode(),
            urlsafe_b64encode(zlib.compress(json.dumps(PACKED).encode())).decode(),
        )
    ),
    # In fields that the contract defines differently.
    ({"description": json.dumps([MODEL])}, "/description/0"),
    ({"ownerApp": MODEL}, "/ownerApp"),
    ({"ownerApp": base64(json.dumps([MODEL]))}, "/ownerApp/0"),
    ({"tags": {"models": [MODEL]}}, "/tags/models/0"),
    ({"tags": [{"key": "k", "value": "v", "models": [MODEL]}]}, "/tags/0/models/0"),
    ({"tags": [{"key": "k", "value": json.dumps(MODEL)}]}, "/tags/0/value"),
    # A collection under a name for models.
    ({"models": ["gpt-4o", "o1"]}, "/models"),
    ({"modelNames": ["gpt-4o"]}, "/modelNames"),
    ({"model_names": "gpt-4o,o1"}, "/model_names"),
    ({"modelIds": "gpt-4o; o1"}, "/modelIds"),
    ({"embeddedModels": {"gpt-4o": {"on": True}}}, "/embeddedModels"),
    ({"models2": ["gpt-4o"]}, "/models2"),
    ({"llms": ["gpt-4o"]}, "/llms"),
    ({"MODELS": ["gpt-4o"]}, "/MODELS"),
    ({"modelDetails": [{"title": "GPT"}]}, "/modelDetails"),
    ({"integrations": [{"title": "GPT"}]}, "/integrations"),
    ({"extra": {"models": ["gpt-4o"]}}, "/extra/models"),
    ({"models": json.dumps(["gpt-4o", "o1"])}, "/models"),
    # Fields of the provider itself.
    ({"api": "gpt-4o"}, "/api"),
    ({"model1": "gpt-4o", "model2": "o1"}, "/model1"),
    # Whole models in the configuration.
    ({"configuration": {"x": {"y": MODEL}}}, "/configuration/x/y"),
    ({"configuration": {"x": json.dumps([MODEL])}}, "/configuration/x/0"),
]


BY_NAME: list[tuple[dict[str, Any], str]] = [
    ({"labels": ["gpt-4o", "o1-mini"]}, "/labels"),
    ({"text": "offers gpt-4o and o1-mini."}, "/text"),
    ({"x": {"gpt-4o": 1, "o1-mini": 2}}, "/x"),
    ({"x": [{"id": "gpt-4o"}, {"id": "o1-mini"}]}, "/x"),
    ({"gpt-4o": {}, "o1-mini": {}}, "/gpt-4o"),
    ({"gpt-4o": MODEL, "o1-mini": MODEL}, "/gpt-4o"),
    ({"modelOne": ["gpt-4o"]}, "/modelOne"),
    # However they are carried, and in a documented field that is not prose.
    ({"state": base64("gpt-4o,o1-mini")}, "/state"),
    ({"state": json.dumps("gpt-4o and o1-mini")}, "/state"),
    ({"ownerApp": "gpt-4o,o1-mini"}, "/ownerApp"),
    # Something about one of them.
    ({"default": {"id": "gpt-4o", "context": 128_000}}, "/default"),
    ({"x": {"y": [{"name": "o1-mini", "price": 0.5}]}}, "/x/y/0"),
    ({"limits": {"gpt-4o": {"rate": 5}}}, "/limits"),
    ({"models.gpt-4o.enabled": True, "models.o1-mini.enabled": False}, "/models.gpt-4o.enabled"),
    (
        {"configuration": {"use": [{"of": "gpt-4o", "enabled": 1}, {"of": "o1-mini", "api": 2}]}},
        "/configuration/use",
    ),
]


@pytest.mark.parametrize(
    ("members", "place", "known"),
    [*((*case, None) for case in POSITIVE), *((*case, KNOWN) for case in BY_NAME)],
    ids=lambda value: json.dumps(value)[:50],
)
def test_details_are_detected(
    members: dict[str, Any], place: str, known: tuple[str, ...] | None
) -> None:
    assert places(members, known)[0] == place


LEGAL: list[dict[str, Any]] = [
    {},
    {"integrationName": "Open AI (production)"},
    {"models": {"total": 5, "status": "ready"}},
    {"models": {"status": "ready"}},
    # Other requirements judge these.
    {"apis": [MODEL]},
    # A number of models, and limits on them.
    {"modelsCount": 7, "modelCount": 7, "maxModels": 10, "models": 7, "models2": None},
    {"models": {"total": 5, "active": 3}},
    # A single value, whatever its name.
    {"model": "gpt-4o"},
    {"models": "many"},
    {"models": [], "modelNames": {}, "llms": ""},
    {"pricingModel": ["flat", "per token"]},
    {"dataModel": {"version": "2"}},
    # Links to the models.
    {"links": {"models": "/api/integrations/provider/openAI/integration"}},
    {"models": "https://host/api/integrations/provider/openAI/integration"},
    {"models": {"href": "/api/integrations/provider/openAI/integration"}},
    {"_links": {"models": {"href": "/api/integrations/provider/openAI/integration"}}},
    {"models": {"links": {"self": "/m", "next": "/m?page=2"}, "meta": {"total": 3}}},
    {"models": {"@odata.id": "https://host/m", "page": {"number": 1, "size": 20}}},
    # Fields of models, but none that only models have.
    {"owner": {"enabled": True, "description": "x", "createTime": 1, "createdBy": "me"}},
    {"parent": {"configuration": {}, "enabled": True}},
    {"api": ""},
    {"api": None},
    {"integrationName": "openAI"},
    {"apiVersion": "v1", "apiKey": "x", "api_url": "https://host"},
    # Settings are free-form and may mention models.
    {"configuration": {"model": "gpt-4o", "api": "https://api.openai.com", "enabled": True}},
    {"configuration": {"models": ["gpt-4o", "o1"]}},
    {"configuration": {"api": "v1", "description": "x"}},
    {"configuration": {"models": {"gpt-4o": {"temperature": 1}}}},
    {"configuration": {"schema": {"properties": {"model": {"type": "string"}}}}},
    # Tags may contain any text.
    {"tags": [{"key": "models", "value": "gpt-4o, o1"}]},
    {"tags": [{"key": "gpt-4o", "value": "o1", "type": "METADATA"}]},
    {"description": "All models of OpenAI: gpt-4o, o1 and {others}"},
    {"description": "[draft] not JSON"},
    {"name": "models", "type": "models", "category": "models"},
    {"remodelled": ["a", "b"], "supermodels_club": "a,b"},
    {"unknown": {"list": [1, 2, 3], "nested": {"deep": [None]}}},
]


MENTIONS: list[dict[str, Any]] = [
    {"text": "offers gpt-4o."},
    {"text": "gpt-4o-turbo, gpt-4o.1 and my-o1-mini"},
    {"configuration": {"models": ["gpt-4o", "o1-mini", "text-embedding-3"]}},
    {"tags": [{"key": "gpt-4o", "value": "o1-mini"}]},
    {"description": "gpt-4o, o1-mini"},
    {"gpt-4o": True},
    {"models.gpt-4o.enabled": True, "models.total": 2},
    {"docs.gpt-4o.url": "/a", "docs.o1-mini.url": "/b"},
    # One name, whatever contains it.
    {"defaultModel": "gpt-4o"},
    {"defaultModel": {"name": "gpt-4o"}},
    {"defaults": ["gpt-4o"]},
    {"default": {"id": "gpt-4o", "href": "/models/gpt-4o", "title": ""}},
    {"lastError": {"model": "gpt-4o", "status": 429}},
    {"state": base64("uses gpt-4o")},
    {"ownerApp": "gpt-4o"},
    {"name": "gpt-4o or o1-mini"},
    {"configuration": {"use": [{"of": "gpt-4o", "enabled": 1}]}},
    {"configuration": {"use": [{"of": "gpt-4o", "rate": 1}, {"of": "o1-mini", "rate": 2}]}},
    {"configuration": {"use": [{"of": n, "enabled": 1} for n in ("gpt-4o", "gpt-4o")]}},
    {"configuration": {"use": [{"of": "x", "enabled": 1}, {"of": "y", "enabled": 1}]}},
]


@pytest.mark.parametrize(
    ("members", "known"),
    [*((one, None) for one in LEGAL), *((one, KNOWN) for one in MENTIONS)],
    ids=lambda value: json.dumps(value)[:50],
)
def test_similar_values_and_mentions(
    members: dict[str, Any], known: tuple[str, ...] | None
) -> None:
    assert places(members, known) == []


def test_a_name_that_may_be_a_label_is_a_mention() -> None:
    for labels in (["docs"], {"docs": {"url": "/docs"}}, {"id": "docs", "size": 3}):
        assert places({"labels": labels}, ("docs",)) == []


def test_descriptions_contain_no_value() -> None:
    for members, _ in POSITIVE:
        said = " ".join(detail.what for detail in in_element({**provider(), **members}, WORDS))
        assert "gpt-4o" not in said.replace("object with gpt-4o", "")
        assert said.isprintable()


def sized(*pairs: tuple[Any, Any], member: str = "extra") -> list[dict[str, Any]]:
    return [
        provider(f"p{number}", modelsCount=count, **{member: value})
        for number, (count, value) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (sized((1, [9]), (2, [9, 9]), (3, [9, 9, 9])), ("/extra",)),
        (sized((1, {"a": 1}), (2, {"a": 1, "b": 2}), (2, [1, 2]), (0, [])), ("/extra",)),
        (sized((1, "[9]"), (2, "[9, 9]"), (3, "[9, 9, 9]")), ("/extra",)),
        (
            sized(*((n, base64(json.dumps([{"id": "m"}] * n))) for n in (1, 2, 3))),
            ("/extra",),
        ),
        (sized((1, "m0"), (2, "m0, m1"), (3, "m0, m1, m2"), (0, "")), ("/extra",)),
        (sized((1, "m0"), (2, "m0\nm1"), (3, "m0\nm1\nm2\n")), ("/extra",)),
        (
            sized((1, {"m": [9], "n": 5}), (2, {"m": [9, 9], "n": 5}), (3, {"m": [9, 9, 9]})),
            ("/extra/m",),
        ),
        # One size that differs disproves it; too few prove nothing.
        (sized((1, [9]), (2, [9, 9]), (3, [9])), ()),
        (sized((1, [9]), (2, [9, 9])), ()),
        (sized((1, [9]), (1, [8]), (1, [7])), ()),
        (sized((0, []), (0, []), (2, [9, 9])), ()),
        (sized((1, [9]), (2, [9, 9]), ("3", [9, 9, 9])), ()),
        (sized((1, "a"), (2, "ab"), (3, "abc")), ()),
        # Documented fields have another purpose.
        (sized((1, [9]), (2, [9, 9]), (3, [9, 9, 9]), member="tags"), ()),
    ],
)
def test_sizes_that_follow_the_count(
    elements: list[dict[str, Any]], expected: tuple[str, ...]
) -> None:
    assert tuple(map(str, following_the_count(elements, WORDS))) == expected


JSON = json_values((*WORDS.model, "models"))


@given(st.dictionaries(st.sampled_from([*WORDS.provider, "models", "x", "model1"]), JSON))
def test_any_element_can_be_searched(members: dict[str, Any]) -> None:
    for known in (None, (), KNOWN):
        for detail in in_element(members, WORDS, known):
            assert detail.pointer.startswith("/")
            assert detail.what.isprintable()
    following_the_count([members, members], WORDS)


def test_deep_nesting_is_searched_without_errors() -> None:
    deep: Any = [MODEL]
    for _ in range(450):
        deep = [deep]
    (place,) = places({"deep": deep})
    assert place == "/deep" + "/0" * 451
    assert places({"deep": "[" * 50_000}) == []
