"""The contents of a cluster (providers, models and tags) and their JSON form.

Field names and shapes follow the pages *Get All Integration Providers* and *Get All Integrations*
of the documentation. An optional field without a value is absent from the JSON, never ``null``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MASK = "********"
"""What a response has instead of a secret setting."""

ConfigurationValue = str | int | bool
"""The value of a form field; the documentation shows a flat map of scalars."""


def _frozen(configuration: Mapping[str, ConfigurationValue]) -> Mapping[str, ConfigurationValue]:
    return MappingProxyType(dict(configuration))


def _only_set(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A label on a provider (documentation: *Get Tags from Integration Provider*)."""

    key: str
    value: str

    def as_dict(self) -> dict[str, object]:
        """Return ``{"key": …, "value": …}``."""
        return {"key": self.key, "value": self.value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model (or index) of a provider; times are epoch milliseconds."""

    api: str
    enabled: bool = True
    description: str | None = None
    configuration: Mapping[str, ConfigurationValue] = field(default_factory=dict, hash=False)
    create_time: int | None = None
    update_time: int | None = None
    created_by: str | None = None
    updated_by: str | None = None

    def __post_init__(self) -> None:
        """Keep a private, read-only copy of the configuration."""
        object.__setattr__(self, "configuration", _frozen(self.configuration))

    def as_dict(self, integration_name: str) -> dict[str, object]:
        """Return an element of ``apis``; ``integration_name`` names the provider it belongs to."""
        return _only_set(
            {
                "createTime": self.create_time,
                "updateTime": self.update_time,
                "createdBy": self.created_by,
                "updatedBy": self.updated_by,
                "integrationName": integration_name,
                "api": self.api,
                "description": self.description,
                "configuration": dict(self.configuration),
                "enabled": self.enabled,
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """An integration provider; times are epoch milliseconds, ``name`` is unique in a cluster."""

    name: str
    type: str
    category: str
    enabled: bool = True
    description: str | None = None
    configuration: Mapping[str, ConfigurationValue] = field(default_factory=dict, hash=False)
    models: tuple[Model, ...] = ()
    tags: tuple[Tag, ...] = ()
    create_time: int | None = None
    update_time: int | None = None
    created_by: str | None = None
    updated_by: str | None = None
    owner_app: str | None = None

    def __post_init__(self) -> None:
        """Keep a private, read-only copy of the configuration."""
        object.__setattr__(self, "configuration", _frozen(self.configuration))

    @property
    def active_models(self) -> tuple[Model, ...]:
        """The enabled models, whether or not the provider is enabled."""
        return tuple(model for model in self.models if model.enabled)

    @property
    def models_count(self) -> int:
        """The number of accessible models (documentation: "the number of accessible models")."""
        return len(self.active_models)

    def as_dict(self) -> dict[str, object]:
        """Return the provider as in the listing: metadata and model count without models."""
        return _only_set(
            {
                "createTime": self.create_time,
                "updateTime": self.update_time,
                "createdBy": self.created_by,
                "updatedBy": self.updated_by,
                "name": self.name,
                "type": self.type,
                "description": self.description,
                "category": self.category,
                "configuration": dict(self.configuration),
                "enabled": self.enabled,
                "tags": [tag.as_dict() for tag in self.tags],
                "modelsCount": self.models_count,
                "ownerApp": self.owner_app,
            }
        )
