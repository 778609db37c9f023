"""Servers that return model details, under different names and in different forms."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.routing import BaseRoute

from conformance.reference import Model, Operation, Provider, ProviderQuery, ReferenceServer
from conformance.reference.faults.entries import Catalogue
from conformance.reference.routing import OperationRoute

MODELS = Catalogue("model")
Shape = Callable[[Provider], dict[str, Any]]
"""Returns the fields that show a provider's models."""


def details_of(provider: Provider) -> list[dict[str, object]]:
    """Return a provider's models as *Get All Integrations* does."""
    return [model.as_dict(provider.name) for model in provider.models]


def names_of(provider: Provider) -> list[str]:
    """Return the names of a provider's models."""
    return [model.api for model in provider.models]


class _Embedding(ReferenceServer):
    """Adds fields to the providers for which ``concerns`` returns true."""

    def __init__(
        self,
        shape: Shape,
        concerns: Callable[[Provider, ProviderQuery], bool] = lambda _provider, _query: True,
    ) -> None:
        super().__init__()
        self._shape = shape
        self._concerns = concerns

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        shown = super().represent(provider, query)
        return shown | self._shape(provider) if self._concerns(provider, query) else shown


def _apis(provider: Provider) -> dict[str, Any]:
    return {"apis": details_of(provider)}


# Embedded as in Get All Integrations ---------------------------------------------------------

MODELS.add(
    "apis-always", "Every provider has the field apis.", partial(_Embedding, _apis), "MODEL-01"
)
MODELS.add(
    "apis-with-category",
    "Providers have the field apis if category=AI_MODEL is requested.",
    partial(_Embedding, _apis, lambda _provider, query: query.category == "AI_MODEL"),
    "MODEL-01",
)
MODELS.add(
    "apis-with-vector-databases",
    "Providers have the field apis if active ones of VECTOR_DB are requested.",
    partial(
        _Embedding, _apis, lambda _, query: query.category == "VECTOR_DB" and query.active_only
    ),
    "MODEL-01",
)
MODELS.add(
    "apis-of-one-provider",
    "One provider, Pinecone, has the field apis.",
    partial(_Embedding, _apis, lambda provider, _query: provider.name == "Pinecone"),
    "MODEL-01",
)
MODELS.add(
    "apis-of-an-inactive-provider",
    "One inactive provider has the field apis.",
    partial(_Embedding, _apis, lambda provider, _query: provider.name == "weaviate-staging"),
    "MODEL-01",
)
MODELS.add(
    "apis-as-map",
    "The field apis is a map from name to model.",
    partial(_Embedding, lambda p: {"apis": {m.api: m.as_dict(p.name) for m in p.models}}),
    # For a provider without models it is empty.
    "MODEL-01",
    "MODEL-03",
)
MODELS.add(
    "apis-as-names",
    "The field apis contains the names of the models.",
    partial(_Embedding, lambda provider: {"apis": names_of(provider)}),
    "MODEL-01",
)


# The same under another name -----------------------------------------------------------------


def _renamed(member: str, provider: Provider) -> dict[str, Any]:
    return {member: details_of(provider)}


for _member in (
    "models",
    "modelList",
    "Models",
    "model_details",
    "integrations",
    "integrationApis",
    "llms",
    "details",
    "items",
    "children",
    "x-models",
    "resources",
):
    MODELS.add(
        f"renamed-{_member}",
        f"The models are in the field {_member}.",
        partial(_Embedding, partial(_renamed, _member)),
        "MODEL-02",
    )


def _reworded(provider: Provider) -> list[dict[str, object]]:
    """Return a provider's models with other field names."""
    return [
        {"label": model.api, "on": model.enabled, "since": model.create_time}
        for model in provider.models
    ]


def _anonymous(provider: Provider) -> list[dict[str, object]]:
    """Return a provider's active models without their names."""
    return [
        {"since": model.create_time, "by": model.created_by} for model in provider.active_models
    ]


def _buried(value: object, depth: int) -> object:
    for _ in range(depth):
        value = {"down": value}
    return value


def _flattened(provider: Provider) -> dict[str, Any]:
    return {
        f"model{number}_{member}": value
        for number, model in enumerate(provider.models, 1)
        for member, value in {"api": model.api, "enabled": model.enabled}.items()
    }


FORMS: tuple[tuple[str, str, Shape], ...] = (
    (
        "names-in-a-list",
        "A field is a list of model names.",
        lambda p: {"modelNames": names_of(p)},
    ),
    (
        "names-in-a-list-of-another-name",
        "A field with an unrelated name is a list of model names.",
        lambda p: {"offers": names_of(p)},
    ),
    (
        "names-with-commas",
        "A field is a comma-separated string of model names.",
        lambda p: {"models": ",".join(names_of(p))},
    ),
    (
        "names-with-blanks",
        "A field with an unrelated name is a space-separated string of model names.",
        lambda p: {"offers": " ".join(names_of(p))},
    ),
    (
        "names-in-lines",
        "A field is a text with one model name per line.",
        lambda p: {"summary": "\n".join(f"- {name}" for name in names_of(p))},
    ),
    (
        "json-in-a-string",
        "A field is a string with the models as JSON.",
        lambda p: {"payload": json.dumps(details_of(p))},
    ),
    (
        "json-in-the-description",
        "The description contains the models as JSON.",
        lambda p: {"description": json.dumps(details_of(p))},
    ),
    (
        "map-by-name",
        "A field is a map of models by name.",
        lambda p: {"models": {m.api: {"enabled": m.enabled} for m in p.models}},
    ),
    (
        "map-of-another-name",
        "A field with an unrelated name is a map of models by name.",
        lambda p: {"catalogue": {m.api: m.enabled for m in p.models}},
    ),
    (
        "other-words",
        "The models are objects with other field names.",
        lambda p: {"offers": _reworded(p)},
    ),
    (
        "without-names",
        "The models are objects without names; there are modelsCount of them.",
        lambda p: {"offers": _anonymous(p)},
    ),
    (
        "hal",
        "The models are embedded as in HAL.",
        lambda p: {"_embedded": {"models": details_of(p)}},
    ),
    (
        "deeply-nested",
        "The models are nested six levels deep.",
        lambda p: {"a": {"b": [{"c": {"d": {"e": details_of(p)}}}]}},
    ),
    (
        "very-deeply-nested",
        "The models are nested sixty levels deep.",
        lambda p: {"down": _buried(details_of(p), 60)},
    ),
    (
        "by-reference",
        "A field is a list of references to the models.",
        lambda p: {"modelRefs": [f"ref-{number}" for number, _ in enumerate(p.models)]},
    ),
    (
        "as-a-table-in-text",
        "A field is a text with the models as a table.",
        lambda p: {"report": "\n".join(f"{m.api}\t{m.enabled}" for m in p.models)},
    ),
    (
        "in-the-owner",
        "The field ownerApp is a string with the models as JSON.",
        lambda p: {"ownerApp": json.dumps({"app": "console", "apis": details_of(p)})},
    ),
    (
        "provider-nested",
        "A field contains the provider again, with its models.",
        lambda p: {"integration": {**p.as_dict(), "apis": details_of(p)}},
    ),
    (
        "in-tags",
        "A tag has a field with the models.",
        lambda p: {"tags": [{"key": "models", "value": "", "models": details_of(p)}]},
    ),
    (
        "in-the-values-of-tags",
        "Each model is a tag whose value is the model as JSON.",
        lambda p: {
            "tags": [{"key": m.api, "value": json.dumps(m.as_dict(p.name))} for m in p.models]
        },
    ),
    (
        "in-the-configuration",
        "The configuration contains the models.",
        lambda p: {"configuration": {**p.configuration, "apis": details_of(p)}},
    ),
    (
        "in-the-configuration-reworded",
        "The configuration contains the models in a short form.",
        lambda p: {
            "configuration": {
                **p.configuration,
                "models": [{"name": m.api, "enabled": m.enabled} for m in p.models],
            }
        },
    ),
    (
        "in-the-configuration-by-name",
        "The configuration contains the models by name.",
        lambda p: {"configuration": {**p.configuration, **{m.api: _plain(m) for m in p.models}}},
    ),
    (
        "in-the-configuration-as-json",
        "The configuration contains the models as JSON in a string.",
        lambda p: {"configuration": {**p.configuration, "deployments": json.dumps(details_of(p))}},
    ),
    (
        "flattened",
        "The models are flattened into numbered fields.",
        lambda p: _flattened(p),
    ),
    (
        "flattened-by-path",
        "Each model is a field of its provider, named by a path with the model name.",
        lambda p: {f"models.{m.api}.enabled": m.enabled for m in p.models},
    ),
    (
        "in-the-configuration-as-deployments",
        "The configuration contains deployments, each with a model's name and settings.",
        lambda p: {
            "configuration": {
                **p.configuration,
                "deployments": [{"of": m.api, "enabled": m.enabled} for m in p.models],
            }
        },
    ),
    (
        "flattened-by-name",
        "Each model is a field of its provider, named like the model.",
        lambda p: {m.api: m.enabled for m in p.models},
    ),
    (
        "in-parallel-lists",
        "The models are lists of column values.",
        lambda p: {"columns": {"api": names_of(p), "enabled": [m.enabled for m in p.models]}},
    ),
    (
        "in-base64",
        "A field is a string with an object that contains the models, as base64.",
        lambda p: {"state": _base64(json.dumps({"v": 1, "apis": details_of(p)}).encode())},
    ),
    (
        "in-base64-for-addresses",
        "A field is a string with the models, as base64url without padding.",
        lambda p: {
            "cursor": base64.urlsafe_b64encode(json.dumps(details_of(p)).encode())
            .rstrip(b"=")
            .decode()
        },
    ),
    (
        "compressed",
        "A field is a string with the models, compressed by gzip, as base64.",
        lambda p: {"blob": _base64(gzip.compress(json.dumps(details_of(p)).encode()))},
    ),
    (
        "names-in-base64",
        "A field is a comma-separated string of model names, as base64.",
        lambda p: {"state": _base64(",".join(names_of(p)).encode())},
    ),
    (
        "json-in-json",
        "A field is a string with the models as JSON that was written as JSON again.",
        lambda p: {"payload": json.dumps(json.dumps(details_of(p)))},
    ),
    (
        "names-in-the-owner",
        "The field ownerApp is a comma-separated string of model names.",
        lambda p: {"ownerApp": ",".join(names_of(p)) or "console"},
    ),
    (
        "described",
        "A field describes the first model, in words of its own.",
        lambda p: {"preferred": {"id": p.models[0].api, "context": 128_000}} if p.models else {},
    ),
    (
        "one-of-them",
        "Each provider contains its first model.",
        lambda p: {"firstModel": details_of(p)[0]} if p.models else {},
    ),
)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _plain(model: Model) -> dict[str, object]:
    return {"enabled": model.enabled, "description": model.description or ""}


for _name, _fault, _shape in FORMS:
    # A documented field is changed in the same way in every result, so only MODEL fails.
    MODELS.add(_name, _fault, partial(_Embedding, _shape), "MODEL-02")

MODELS.add(
    "renamed-with-category",
    "Providers have the field models if active ones of AI_MODEL are requested.",
    partial(
        _Embedding,
        lambda provider: {"models": details_of(provider)},
        lambda _provider, query: query.category == "AI_MODEL" and query.active_only,
    ),
    "MODEL-02",
)


class _NoSiblings(_Embedding):
    """Has no other endpoint that lists the names of models."""

    def routes(self) -> list[BaseRoute]:
        return [
            route
            for route in super().routes()
            if isinstance(route, OperationRoute)
            and route.name in (Operation.LISTING, Operation.TOKEN)
        ]


MODELS.add(
    "unwitnessed-names",
    "A field is a list of model names, and no other endpoint lists models.",
    partial(_NoSiblings, lambda provider: {"modelNames": names_of(provider)}),
    "MODEL-02",
)
MODELS.add(
    "unwitnessed-labels-with-commas",
    "A field is a string of labels of the active models, and no other endpoint lists models.",
    partial(
        _NoSiblings,
        lambda p: {"engines": ",".join(f"m{number}" for number in range(len(p.active_models)))},
    ),
    "MODEL-02",
)
MODELS.add(
    "unwitnessed-other-words",
    "The active models have other field names, and no other endpoint lists models.",
    partial(
        _NoSiblings,
        lambda provider: {"offers": [{"label": m.api} for m in provider.active_models]},
    ),
    "MODEL-02",
)
