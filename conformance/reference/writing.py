"""What each write makes of a cluster, as pure functions from the old providers to the new ones.

Bodies and results follow the documentation pages *Create Integration Provider*, *Create Integration
Resource*, *Add Tags to Integration Provider* and those of the deletions. Where they leave a choice:
a new provider needs a ``type``, and is enabled unless its body says otherwise; without a
``category`` it gets that of its type; an update keeps what its body leaves out; ``null`` counts as
left out. The value of a secret setting is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from conformance.reference.entities import MASK, ConfigurationValue, Model, Provider, Tag
from conformance.reference.reading import Refusal

__all__ = [
    "CATEGORIES",
    "Author",
    "Cluster",
    "Write",
    "add_tags",
    "delete_model",
    "delete_provider",
    "find",
    "save_model",
    "save_provider",
]

Cluster = tuple[Provider, ...]

_OF_CATEGORY = {
    "AI_MODEL": "ollama azure_openai openai perplexity grok cohere mistral anthropic vertex_ai "
    "vertex_ai_gemini huggingface aws_bedrock_anthropic aws_bedrock_cohere aws_bedrock_titan",
    "VECTOR_DB": "pineconedb weaviatedb pgvectordb mongovectordb",
    "MESSAGE_BROKER": "amqp kafka nats aws_sqs azure_service_bus gcp_pubsub ibm_mq",
    "CLOUD": "aws gcp",
    "RELATIONAL_DB": "relational_db",
    "EMAIL": "sendgrid",
    "GIT": "git",
}
CATEGORIES = {name: category for category, names in _OF_CATEGORY.items() for name in names.split()}
"""The category of each documented type (documentation: *Create Integration Provider*)."""

_SECRET = frozenset(
    {
        "api_key",
        "password",
        "schemaRegistryApiSecret",
        "keyStorePassword",
        "serviceAccountCredentials",
        "file",
    }
)

_Value = TypeVar("_Value")


class Write(NamedTuple):
    """A write that the server handled: ``name`` is the provider's, ``status`` the response's.

    ``path`` is percent-encoded. ``status`` is 0 if the connection was closed without a whole
    response.
    """

    method: str
    path: str
    name: str
    status: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who writes, and when, in epoch milliseconds."""

    name: str
    time: int


def find(cluster: Cluster, name: str) -> Provider:
    """Return the provider of that name.

    Raises :class:`Refusal` with status 404 if there is none.
    """
    for provider in cluster:
        if provider.name == name:
            return provider
    raise Refusal("There is no such integration provider", status=404)


def save_provider(cluster: Cluster, name: str, body: object, author: Author) -> Cluster:
    """Create a provider at the end of the cluster, or update it.

    Raises :class:`Refusal`: status 404 for an unknown type; 400 for another type than before, a
    new provider without one, or a field of a wrong kind.
    """
    fields = _object(body)
    kind = _field(fields, "type", str)
    if kind is not None and kind not in CATEGORIES:
        raise Refusal("There is no such integration type", status=404)
    old = next((provider for provider in cluster if provider.name == name), None)
    if old is None and kind is None:
        raise Refusal("A new provider needs a type")
    if old is None:
        old = Provider(
            name=name,
            type=str(kind),
            category=CATEGORIES[str(kind)],
            create_time=author.time,
            created_by=author.name,
        )
    elif kind not in (None, old.type):
        raise Refusal("The type of a provider cannot be changed")
    given = {
        "category": _field(fields, "category", str),
        "description": _field(fields, "description", str),
        "enabled": _field(fields, "enabled", bool),
        "configuration": _configuration(fields),
    }
    return _put(cluster, _updated(old, given, author))


def save_model(cluster: Cluster, name: str, api: str, body: object, author: Author) -> Cluster:
    """Create the model ``api`` of a provider after its other models, or update it.

    Raises :class:`Refusal`: status 404 if there is no such provider; 400 without ``description`` or
    ``enabled``, or for a field of a wrong kind.
    """
    provider = find(cluster, name)
    fields = _object(body)
    given = {
        "description": _field(fields, "description", str),
        "enabled": _field(fields, "enabled", bool),
        "configuration": _configuration(fields),
    }
    if given["description"] is None or given["enabled"] is None:
        raise Refusal("A model needs description and enabled")
    models = {model.api: model for model in provider.models}
    new = Model(api=api, create_time=author.time, created_by=author.name)
    models[api] = _updated(models.get(api, new), given, author)
    return _put(cluster, replace(provider, models=tuple(models.values())))


def add_tags(cluster: Cluster, name: str, body: object) -> Cluster:
    """Add tags to a provider; one with the key of existing tags replaces them.

    Raises :class:`Refusal`: status 404 if there is no such provider; 400 for a body that is not a
    list of ``{"key": …, "value": …}``.
    """
    provider = find(cluster, name)
    if not isinstance(body, list):
        raise Refusal("The body must be a list of tags")
    new: dict[str, Tag] = {}
    for entry in map(_object, body):
        key, value = _field(entry, "key", str), _field(entry, "value", str)
        if key is None or value is None:
            raise Refusal("A tag needs key and value")
        new[key] = Tag(key=key, value=value)
    kept = (tag for tag in provider.tags if tag.key not in new)
    return _put(cluster, replace(provider, tags=(*kept, *new.values())))


def delete_provider(cluster: Cluster, name: str) -> Cluster:
    """Remove a provider with its models.

    Raises :class:`Refusal` with status 404 if it is missing.
    """
    gone = find(cluster, name)
    return tuple(provider for provider in cluster if provider is not gone)


def delete_model(cluster: Cluster, name: str, api: str) -> Cluster:
    """Remove a model of a provider.

    Raises :class:`Refusal` with status 404 if either is missing.
    """
    provider = find(cluster, name)
    kept = tuple(model for model in provider.models if model.api != api)
    if len(kept) == len(provider.models):
        raise Refusal("There is no such model", status=404)
    return _put(cluster, replace(provider, models=kept))


def _put(cluster: Cluster, provider: Provider) -> Cluster:
    by_name = {one.name: one for one in cluster}
    return tuple({**by_name, provider.name: provider}.values())


_Entity = TypeVar("_Entity", Provider, Model)


def _updated(old: _Entity, given: Mapping[str, object], author: Author) -> _Entity:
    set_ = {name: value for name, value in given.items() if value is not None}
    return replace(old, **set_, update_time=author.time, updated_by=author.name)  # type: ignore[arg-type]


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Refusal("The body must have JSON objects")
    return value


def _field(fields: Mapping[str, object], name: str, kind: type[_Value]) -> _Value | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        raise Refusal(f"{name} is of a wrong kind")
    if isinstance(value, str):
        _refuse_surrogates(value)
    return value


def _configuration(fields: Mapping[str, object]) -> Mapping[str, ConfigurationValue] | None:
    settings: dict[str, object] | None = _field(fields, "configuration", dict)
    if settings is None:
        return None
    kept: dict[str, ConfigurationValue] = {}
    for name, value in settings.items():
        if not isinstance(value, str | int | bool):
            raise Refusal("A setting must be a string, an integer or a boolean")
        _refuse_surrogates(f"{name}{value}")
        kept[name] = MASK if name in _SECRET else value
    return kept


def _refuse_surrogates(text: str) -> None:
    # JSON can contain lone surrogates, which no later response could.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal("A string must be Unicode text") from None
