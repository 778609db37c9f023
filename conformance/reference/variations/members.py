"""Servers whose providers have undocumented fields or lack optional ones."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.reference import Provider, ProviderQuery, ReferenceServer
from conformance.reference.variations.clusters import Escaping
from conformance.reference.variations.entries import Catalogue

MEMBERS = Catalogue("members")
Extra = Callable[[Provider], dict[str, Any]]


class _Adding(Escaping):
    """Adds fields to every provider, or replaces some."""

    def __init__(self, extra: Extra) -> None:
        super().__init__()
        self._extra = extra

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return super().represent(provider, query) | self._extra(provider)


def _deep(depth: int) -> object:
    value: object = "bottom"
    for _ in range(depth):
        value = {"down": [value]}
    return value


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _default_model(provider: Provider) -> dict[str, Any]:
    return {"defaultModel": provider.models[0].api} if provider.models else {}


def _models_as_numbers(provider: Provider) -> dict[str, Any]:
    return {"models": {"active": provider.models_count, "total": len(provider.models)}}


def _labels_like_the_count(provider: Provider) -> dict[str, Any]:
    # Only providers of AI_MODEL have as many labels as models.
    if provider.category == "AI_MODEL":
        return {"labels": [f"label {number}" for number in range(provider.models_count)]}
    return {"labels": ["a", "b", "c", "d"]}


EXTRAS: tuple[tuple[str, str, Extra], ...] = (
    ("nested-object", "an object", lambda _: {"audit": {"createTime": 1, "createdBy": "ana"}}),
    (
        "audit",
        "an object of audit fields, which models also have",
        lambda p: {
            "audit": {
                "createTime": p.create_time,
                "updateTime": p.update_time,
                "createdBy": p.created_by,
                "updatedBy": p.updated_by,
                "description": p.description,
            }
        },
    ),
    ("array", "an array", lambda _: {"regions": ["eu", "us"], "history": [[1, 2], [3]]}),
    ("labels", "its tags as labels", lambda p: {"labels": [f"{t.key}:{t.value}" for t in p.tags]}),
    (
        "labels-by-chance",
        "as many labels as models, if it is of the category AI_MODEL",
        _labels_like_the_count,
    ),
    (
        "label-like-a-model",
        "a label that is also the name of a model",
        lambda _: {"labels": ["handbook"]},
    ),
    (
        "link-to-models",
        "a link to its models",
        lambda p: {"links": {"models": f"/api/integrations/provider/{p.type}/integration"}},
    ),
    (
        "hal-links",
        "links in HAL form",
        lambda _: {"_links": {"self": {"href": "/x"}, "models": {"href": "/x/integration"}}},
    ),
    (
        "hal-links-with-profile",
        "links in HAL form with all their fields",
        lambda p: {
            "_links": {
                "models": {
                    "href": f"/api/integrations/provider/{p.name}/integration",
                    "profile": "https://example.com/profiles/model",
                    "hreflang": "en",
                    "name": "models",
                }
            }
        },
    ),
    (
        "json-api-links",
        "relationships in JSON:API form",
        lambda p: {
            "relationships": {
                "models": {
                    "links": {"related": f"/api/integrations/provider/{p.name}/integration"},
                    "meta": {"count": len(p.models)},
                }
            }
        },
    ),
    (
        "deferred-models",
        "a deferred link to its models, as in OData",
        lambda _: {"models": {"__deferred": {"uri": "/x/integration"}}},
    ),
    (
        "display-name",
        "a display name in the field integrationName",
        lambda p: {"integrationName": f"{p.name} (production)"},
    ),
    (
        "models-summary",
        "the number and the status of its models",
        lambda p: {"models": {"total": len(p.models), "status": "ready"}},
    ),
    ("models-status", "the status of its models", lambda _: {"models": {"status": "ready"}}),
    ("models-url", "the URL of its models", lambda _: {"modelsUrl": "/x/integration"}),
    ("default-model", "the name of its default model", _default_model),
    (
        "default-model-in-an-object",
        "an object with the name of its default model",
        lambda p: {"defaultModel": {"name": p.models[0].api if p.models else ""}},
    ),
    (
        "error-of-a-model",
        "its last error, which names the model that caused it",
        lambda p: {"lastError": {"model": p.models[0].api if p.models else "", "status": 429}},
    ),
    (
        "encoded-state",
        "strings in base64 that are not about models, one of them compressed",
        lambda p: {
            "cursor": _base64(json.dumps({"after": p.name, "size": 20}).encode()),
            "blob": _base64(gzip.compress(json.dumps([p.type, p.category]).encode())),
            "etag": "9f86d081884c7d659a2feaa0c55ad015",
        },
    ),
    ("model-types", "a list of model kinds", lambda _: {"modelTypes": ["chat", "embedding"]}),
    ("api-version", "the version of its API", lambda _: {"apiVersion": "2023-06-01"}),
    ("model-numbers", "more model counts", _models_as_numbers),
    (
        "model-stats",
        "model counts by status",
        lambda p: {"modelStats": {"active": p.models_count, "inactive": 1}},
    ),
    ("pricing-model", "a pricing model", lambda _: {"pricingModel": {"kind": "flat", "fee": 3}}),
    ("data-model", "a data model", lambda _: {"dataModel": {"version": "2", "strict": True}}),
    ("integration-name", "its name in a second field", lambda p: {"integrationName": p.name}),
    ("model-settings", "a setting for all its models", lambda _: {"modelsEnabled": True}),
    ("empty-apis", "an empty array apis", lambda _: {"apis": []}),
    ("empty-models", "empty fields for models", lambda _: {"models": [], "modelNames": ""}),
    (
        "null-members",
        "undocumented fields that are null",
        lambda _: {"owner": None, "region": None},
    ),
    ("deep", "a deeply nested object", lambda _: {"extra": _deep(60)}),
    (
        "odd-names",
        "fields with unusual names",
        lambda _: {"": 0, " ": 1, "~/": 2, "__proto__": {}, "模型": "", "a\nb": 3},
    ),
    (
        "own-api",
        "an object with the fields api and enabled",
        lambda _: {"gateway": {"api": "v2", "enabled": True}},
    ),
    ("api", "the version of its API in the field api", lambda _: {"api": "v2"}),
    (
        "api-settings",
        "a configuration with fields that models also have",
        lambda _: {"configuration": {"api": "rest", "enabled": True, "description": "internal"}},
    ),
    (
        "models-in-words",
        "its model counts as text",
        lambda p: {"models": f"{p.models_count} active, {len(p.models)} in all"},
    ),
    (
        "settings-of-models",
        "settings for all its models in the field models",
        lambda _: {"models": {"limit": 5, "allowPrivate": True, "quota": "weekly"}},
    ),
    (
        "address-of-models",
        "the URL of its models in the field models",
        lambda _: {"models": {"url": "https://x.example.com/models?fields=a,b"}},
    ),
    ("json-string", "a string that contains JSON", lambda p: {"raw": json.dumps({"name": p.name})}),
    ("big-numbers", "numbers beyond any integer type", lambda _: {"weight": 10**40, "load": 1e300}),
    (
        "capabilities",
        "a map of booleans",
        lambda _: {"capabilities": {"chat": True, "embed": False}},
    ),
    (
        "mention-in-the-configuration",
        "a configuration that names its models",
        lambda p: {
            "configuration": {
                **p.configuration,
                "model": p.models[0].api if p.models else "",
                "models": [model.api for model in p.models],
            }
        },
    ),
    (
        "weights-in-the-configuration",
        "a configuration with settings for its models",
        lambda p: {
            "configuration": {
                **p.configuration,
                "routing": {model.api: {"weight": 1, "enabled": True} for model in p.models},
            }
        },
    ),
    (
        "nested-configuration",
        "a configuration of objects and arrays",
        lambda _: {
            "configuration": {"auth": {"kind": "oauth", "scopes": ["a", "b"]}, "retries": [1]}
        },
    ),
    ("empty-configuration", "an empty configuration", lambda _: {"configuration": {}}),
    (
        "mention-in-the-description",
        "a description that names its models",
        lambda p: {"description": "For " + ", ".join(model.api for model in p.models)},
    ),
    (
        "typed-tags",
        "tags with their type",
        lambda p: {"tags": [t.as_dict() | {"type": "META"} for t in p.tags]},
    ),
    (
        "tags-with-more",
        "tags with undocumented fields",
        lambda _: {
            "tags": [{"key": "team", "value": "docs", "createdBy": "ana", "colour": {"r": 1}}]
        },
    ),
    ("lone-surrogates", "a lone surrogate in its description", lambda _: {"description": "\ud83d"}),
    (
        "control-characters",
        "control characters in its description",
        lambda _: {"description": "\0\x1b[2J"},
    ),
)


@MEMBERS.variation("HTTP", "SHAPE", "MODEL", "FILTER", "AUTH-06", "ROBUST", "STABLE", "SECRET")
class VeryDeepConfiguration(ReferenceServer):
    """The configuration of one provider is nested more deeply than most parsers allow."""

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        return shown | {"configuration": _deep(300)} if provider.name == "openAI" else shown


WITHOUT_SECRETS = ("api-settings", "nested-configuration", "empty-configuration")
for _name, _what, _extra in EXTRAS:
    MEMBERS.add(
        _name,
        f"Every provider has {_what}.",
        partial(_Adding, _extra),
        *(["SECRET-01"] if _name in WITHOUT_SECRETS else []),
    )


def _only_required(provider: Provider) -> dict[str, Any]:
    kept = ("name", "category", "configuration", "enabled", "modelsCount")
    return {name: value for name, value in provider.as_dict().items() if name in kept}


@MEMBERS.variation("SHAPE-04", "SHAPE-05", "SHAPE-06", "SHAPE-07", "SHAPE-08")
class OnlyRequired(ReferenceServer):
    """Providers have no optional fields."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return _only_required(provider)


@MEMBERS.variation()
class TagsOnlyIfAny(ReferenceServer):
    """Providers without tags lack the field tags."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        shown = super().represent(provider, query)
        return shown if provider.tags else {n: v for n, v in shown.items() if n != "tags"}


@MEMBERS.variation()
class OtherOrderOfMembers(ReferenceServer):
    """The order of a provider's fields differs in every response."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = itertools.count()

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        members = list(super().represent(provider, query).items())
        place = next(self._turn) % len(members)
        return dict(members[place:] + members[:place])


@MEMBERS.variation()
class VolatileMembers(ReferenceServer):
    """The values of undocumented fields differ in every response."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = itertools.count()

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        turn = next(self._turn)
        extra: dict[str, object] = {"lastChecked": turn, "latencies": list(range(turn % 5))}
        return super().represent(provider, query) | extra


@MEMBERS.variation()
class TagsInAnyOrder(ReferenceServer):
    """The order of a provider's tags differs in every response."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = itertools.count()

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        tags = [tag.as_dict() for tag in provider.tags]
        place = next(self._turn) % 2
        return super().represent(provider, query) | {"tags": tags[place:] + tags[:place]}


@MEMBERS.variation()
class InactiveModelsCount(ReferenceServer):
    """The field modelsCount also counts disabled models."""

    def describe(self, provider: Provider) -> dict[str, object]:
        return super().describe(provider) | {"modelsCount": len(provider.models)}


@MEMBERS.variation()
class WholeNumbersAsFractions(ReferenceServer):
    """Counts and times are written with a fraction of zero."""

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        numbers = ("modelsCount", "createTime", "updateTime")
        return {n: float(str(v)) if n in numbers else v for n, v in shown.items()}


@MEMBERS.variation()
class DistantTimes(ReferenceServer):
    """Times are in the distant future, which only a SHOULD requirement forbids."""

    def describe(self, provider: Provider) -> dict[str, object]:
        return super().describe(provider) | {"createTime": 2**62, "updateTime": 2**63 - 1}
