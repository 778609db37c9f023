"""Servers whose results do not follow what is created, changed and removed.

Each needs a run with fixtures. What a wrong result also breaks is of other families: a filtered
result contradicts the unfiltered one, or a count the list of models.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer, default_cluster
from conformance.reference.faults.counts import Counting
from conformance.reference.faults.entries import Catalogue
from conformance.reference.lagging import LaggingServer
from conformance.reference.writing import Cluster, find

LIFECYCLE = Catalogue("lifecycle", with_fixtures=True)

ORIGINAL = frozenset(provider.name for provider in default_cluster())
LATE = 12.0
"""Seconds until a late server shows a write: more than the ten that are allowed, with a margin."""


class _Stage(Enum):
    """How far the life of a provider is."""

    ORIGINAL = auto()
    CREATED = auto()
    DISABLED = auto()
    """It was active before."""
    REMOVED = auto()


Keeps = Callable[[Provider, ProviderQuery, bool], bool]
"""Whether a result has a provider; the last argument is whether it belongs there, if it exists."""


class _Wrong(ReferenceServer):
    """Chooses the providers of one stage in another way."""

    def __init__(self, stage: _Stage, keeps: Keeps) -> None:
        super().__init__()
        self._stage = stage
        self._keeps = keeps
        self._disabled: set[str] = set()
        self._removed: dict[str, Provider] = {}

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        before = self.providers
        after = {provider.name: provider for provider in super().write(how)}
        for old in before:
            new = after.get(old.name)
            if new is None:
                self._removed[old.name] = old
            elif new.enabled:
                self._disabled.discard(old.name)
            elif old.enabled:
                self._disabled.add(old.name)
        for name in after:
            self._removed.pop(name, None)
        return self.providers

    def select(self, query: ProviderQuery) -> list[Provider]:
        known = (*self.providers, *self._removed.values())
        return [provider for provider in known if self._shows(provider, query)]

    def _shows(self, provider: Provider, query: ProviderQuery) -> bool:
        stage = self._stage_of(provider)
        belongs = query.category in (None, provider.category) and (
            provider.enabled or not query.active_only
        )
        if stage is self._stage:
            return self._keeps(provider, query, belongs)
        return belongs and stage is not _Stage.REMOVED

    def _stage_of(self, provider: Provider) -> _Stage:
        if provider.name in self._removed:
            return _Stage.REMOVED
        if provider.name in self._disabled:
            return _Stage.DISABLED
        return _Stage.ORIGINAL if provider.name in ORIGINAL else _Stage.CREATED


def _add(name: str, fault: str, stage: _Stage, keeps: Keeps, breaks: str) -> None:
    LIFECYCLE.add(name, fault, partial(_Wrong, stage, keeps), breaks, besides=("FILTER",))


# Created -------------------------------------------------------------------------------------

_add(
    "new-missing-from-category",
    "A new provider is missing from the results for its category.",
    _Stage.CREATED,
    lambda _, query, belongs: belongs and query.category is None,
    "LIFECYCLE-01",
)
_add(
    "new-missing-from-unfiltered",
    "A new provider is only in the results for its category.",
    _Stage.CREATED,
    lambda _, query, belongs: belongs and query.category is not None,
    "LIFECYCLE-01",
)
_add(
    "new-in-another-category",
    "A new provider is also in the results for another category.",
    _Stage.CREATED,
    lambda one, query, belongs: (
        belongs or query.category == ("CLOUD" if one.category == "GIT" else "GIT")
    ),
    "LIFECYCLE-01",
)
_add(
    "new-inactive-among-active",
    "A provider that is created disabled is in the active results.",
    _Stage.CREATED,
    lambda one, query, _: query.category in (None, one.category),
    "LIFECYCLE-01",
)
_add(
    "new-active-missing",
    "A provider that is created active is missing from the active results.",
    _Stage.CREATED,
    lambda _, query, belongs: belongs and not query.active_only,
    "LIFECYCLE-01",
)
_add(
    "new-in-no-result",
    "A new provider can be requested by its name, but is in no result.",
    _Stage.CREATED,
    lambda *_: False,
    "LIFECYCLE-01",
)
LIFECYCLE.add(
    "shown-late",
    f"Every write is shown only {LATE:g} seconds later.",
    partial(LaggingServer, LATE),
    "LIFECYCLE-01",
)

# Disabled ------------------------------------------------------------------------------------

_add(
    "disabled-among-active",
    "A provider that is disabled stays in the active results.",
    _Stage.DISABLED,
    lambda one, query, _: query.category in (None, one.category),
    "LIFECYCLE-02",
)
_add(
    "disabled-among-active-of-category",
    "A provider that is disabled stays in the active results for its category.",
    _Stage.DISABLED,
    lambda one, query, belongs: belongs or query.category == one.category,
    "LIFECYCLE-02",
)
_add(
    "disabled-in-no-result",
    "A provider that is disabled disappears from every result.",
    _Stage.DISABLED,
    lambda *_: False,
    "LIFECYCLE-02",
)
_add(
    "disabled-missing-from-category",
    "A provider that is disabled disappears from every result for its category.",
    _Stage.DISABLED,
    lambda _, query, belongs: belongs and query.category is None,
    "LIFECYCLE-02",
)


@LIFECYCLE.fault("LIFECYCLE-02")
class DisablingIgnored(ReferenceServer):
    """Disabling a provider returns 200, and it stays active."""

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        active = {provider.name for provider in self.providers if provider.enabled}
        changed = super().write(how)
        self.providers = tuple(
            replace(provider, enabled=True) if provider.name in active else provider
            for provider in changed
        )
        return self.providers


# Models --------------------------------------------------------------------------------------


def _of_new(factor: int) -> Callable[[Provider, ProviderQuery], object]:
    return lambda one, _: one.models_count * (1 if one.name in ORIGINAL else factor)


for _name, _fault, _factor in (
    ("not-counted", "does not change modelsCount", 0),
    ("counted-twice", "raises modelsCount by two", 2),
):
    LIFECYCLE.add(
        f"model-{_name}",
        f"A model that is added to a new provider {_fault}.",
        partial(Counting, _of_new(_factor)),
        "LIFECYCLE-03",
        besides=("MODEL",),
    )


@LIFECYCLE.fault("LIFECYCLE-03")
class ModelNotStored(ReferenceServer):
    """Adding a model returns 200 and has no effect."""

    async def save_model(self, request: Request) -> Response:
        find(self.providers, request.path_params["name"])
        return self.confirm(None, request)


# Removed -------------------------------------------------------------------------------------

_add(
    "removed-in-category",
    "A provider that is removed stays in the results for its category.",
    _Stage.REMOVED,
    lambda _, query, belongs: belongs and query.category is not None,
    "LIFECYCLE-04",
)
_add(
    "removed-in-unfiltered",
    "A provider that is removed stays in the results without a category.",
    _Stage.REMOVED,
    lambda _, query, belongs: belongs and query.category is None,
    "LIFECYCLE-04",
)
_add(
    "removed-among-inactive",
    "A provider that is removed stays in the results that include inactive ones.",
    _Stage.REMOVED,
    lambda _, query, belongs: belongs and not query.active_only,
    "LIFECYCLE-04",
)


class _ShownByTime(_Wrong):
    """Shows removed providers depending on the seconds since the last one was removed."""

    def __init__(self, shows: Callable[[float], bool]) -> None:
        super().__init__(_Stage.REMOVED, lambda _one, _query, belongs: belongs and shows(self._age))
        self._since = 0.0

    @property
    def _age(self) -> float:
        return time.monotonic() - self._since

    async def delete_provider(self, request: Request) -> Response:
        self._since = time.monotonic()
        return await super().delete_provider(request)


LIFECYCLE.add(
    "removed-late",
    f"A provider that is removed stays in every result for {LATE:g} seconds.",
    partial(_ShownByTime, lambda age: age < LATE),
    "LIFECYCLE-04",
)
LIFECYCLE.add(
    "removed-comes-back",
    "A provider that is removed comes back after two seconds.",
    partial(_ShownByTime, lambda age: age > 2),
    "LIFECYCLE-04",
)


@LIFECYCLE.fault("LIFECYCLE-04")
class RemovedIsDisabled(ReferenceServer):
    """Removing a provider only disables it."""

    async def delete_provider(self, request: Request) -> Response:
        name = request.path_params["name"]
        find(self.providers, name)
        self.providers = tuple(
            replace(one, enabled=False) if one.name == name else one for one in self.providers
        )
        return self.confirm(None, request)


@LIFECYCLE.fault("LIFECYCLE-04")
class RemovingIgnored(ReferenceServer):
    """Removing a provider returns 200 and has no effect."""

    async def delete_provider(self, request: Request) -> Response:
        find(self.providers, request.path_params["name"])
        return self.confirm(None, request)
