"""Servers that create and remove providers in unusual but legal ways; runs with fixtures only.

The documentation neither says how soon a write is shown nor describes the bodies of most responses.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from conformance.reference import (
    Operation,
    Provider,
    ProviderQuery,
    ReferenceServer,
    Refusal,
    Tag,
    default_cluster,
    operation_of,
)
from conformance.reference.lagging import LaggingServer
from conformance.reference.replies import json_reply
from conformance.reference.routing import WRITES
from conformance.reference.variations.entries import Catalogue
from conformance.reference.writing import Cluster, find

WRITING = Catalogue("writing", with_fixtures=True)

ORIGINAL = frozenset(provider.name for provider in default_cluster())
SINGLE = (Operation.PROVIDER, Operation.MODELS, Operation.TAGS)

# When a write is shown -----------------------------------------------------------------------

for _seconds in (1, 4):
    WRITING.add(
        f"shown-after-{_seconds}",
        f"Every write is shown {_seconds} s later.",
        partial(LaggingServer, float(_seconds)),
    )
WRITING.add(
    "lists-late",
    "A write is shown at once for a single provider, and in lists two seconds later.",
    partial(LaggingServer, 2.0, fresh=lambda request: operation_of(request) in SINGLE),
)


@WRITING.variation()
class SingleLate(LaggingServer):
    """A write is shown at once in lists, and for a single provider two seconds later."""

    def __init__(self) -> None:
        super().__init__(2.0, fresh=lambda request: operation_of(request) not in SINGLE)


@WRITING.variation()
class TwoReplicas(LaggingServer):
    """Every other response comes from a replica that gets a write one second later."""

    def __init__(self) -> None:
        number = itertools.count()
        super().__init__(1.0, fresh=lambda _: next(number) % 2 == 0)


@WRITING.variation()
class CountLate(ReferenceServer):
    """A new model changes modelsCount two seconds later."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        until = (self.clock() - 2) * 1000
        counted = [one for one in provider.active_models if (one.create_time or 0) <= until]
        return super().represent(provider, query) | {"modelsCount": len(counted)}


@WRITING.variation()
class RemovedLater(ReferenceServer):
    """Removing a provider returns 202, and it is removed two seconds later."""

    async def delete_provider(self, request: Request) -> Response:
        name = request.path_params["name"]
        find(self.providers, name)
        asyncio.get_running_loop().call_later(2.0, self._remove, name)
        return Response(status_code=202)

    def _remove(self, name: str) -> None:
        self.providers = tuple(one for one in self.providers if one.name != name)


# How a write is confirmed --------------------------------------------------------------------


class _Statuses(ReferenceServer):
    """Confirms some writes with another status."""

    def __init__(self, statuses: Mapping[Operation, int]) -> None:
        super().__init__()
        self._statuses = statuses

    def confirm(self, provider: Provider | None, request: Request) -> Response:
        usual = super().confirm(provider, request)
        operation = operation_of(request)
        status = self._statuses.get(operation, 200) if operation else 200
        return Response(bytes(usual.body), status, media_type=usual.media_type)


for _name, _what, _statuses in (
    (
        "created-201",
        "Creating a provider or model returns status 201",
        {Operation.SAVE_PROVIDER: 201, Operation.SAVE_MODEL: 201},
    ),
    (
        "removed-204",
        "Removing a provider or model returns status 204",
        {Operation.DELETE_PROVIDER: 204, Operation.DELETE_MODEL: 204},
    ),
    (
        "tagged-204",
        "Adding models and tags returns status 204",
        {Operation.SAVE_MODEL: 204, Operation.SAVE_TAGS: 204},
    ),
    ("accepted", "Every write returns status 202", dict.fromkeys(WRITES, 202)),
):
    WRITING.add(_name, f"{_what}.", partial(_Statuses, _statuses))


class _Bodies(ReferenceServer):
    """Confirms writes with another body."""

    def __init__(
        self, body: Callable[[ReferenceServer, Provider | None, Request], Response]
    ) -> None:
        super().__init__()
        self._body = body

    def confirm(self, provider: Provider | None, request: Request) -> Response:
        return self._body(self, provider, request)


def _with_tags(server: ReferenceServer, provider: Provider | None, _: Request) -> Response:
    return json_reply(None if provider is None else server.describe(provider))


def _whole(server: ReferenceServer, _: Provider | None, request: Request) -> Response:
    name = request.path_params["name"]
    now = next((one for one in server.providers if one.name == name), None)
    return json_reply({} if now is None else server.describe(now))


for _name, _what, _body in (
    ("with-tags", "Creating a provider returns its tags, and other writes null", _with_tags),
    ("without-body", "No write returns a body", lambda *_: Response()),
    ("as-text", "Every write returns plain text", lambda *_: PlainTextResponse("OK")),
    ("whole-provider", "Every write returns the provider as it is then", _whole),
):
    WRITING.add(_name, f"{_what}.", partial(_Bodies, _body))


@WRITING.variation()
class MissingRemoved(ReferenceServer):
    """Removing what does not exist returns 200."""

    async def delete_provider(self, request: Request) -> Response:
        try:
            return await super().delete_provider(request)
        except Refusal:
            return self.confirm(None, request)

    async def delete_model(self, request: Request) -> Response:
        try:
            return await super().delete_model(request)
        except Refusal:
            return self.confirm(None, request)


@WRITING.variation()
class MissingIsEmpty(ReferenceServer):
    """A request for a single provider that does not exist returns 200 and an empty body."""

    async def show_provider(self, request: Request) -> Response:
        if any(one.name == request.path_params["name"] for one in self.providers):
            return await super().show_provider(request)
        return Response(media_type="application/json")


# What becomes of a new provider --------------------------------------------------------------


class _Changing(ReferenceServer):
    """Changes every provider that it did not have from the beginning, whenever it is written."""

    def __init__(self, change: Callable[[Provider], Provider]) -> None:
        super().__init__()
        self._change = change

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        self.providers = tuple(
            one if one.name in ORIGINAL else self._change(one) for one in super().write(how)
        )
        return self.providers


_DEFAULT = Tag(key="created-by", value="api")

for _name, _what, _change in (
    ("owner-added", "An ownerApp is added to", lambda one: replace(one, owner_app="conductor")),
    (
        "tag-added",
        "A default tag is added to",
        lambda one: one if _DEFAULT in one.tags else replace(one, tags=(*one.tags, _DEFAULT)),
    ),
    (
        "settings-dropped",
        "No response has the secret settings of",
        lambda one: replace(
            one,
            configuration={
                name: value for name, value in one.configuration.items() if name != "api_key"
            },
        ),
    ),
    (
        "settings-added",
        "Settings with default values are added to",
        lambda one: replace(
            one, configuration={"endpoint": "", "timeoutSeconds": 30, **one.configuration}
        ),
    ),
    (
        "times-left-out",
        "No times and authors are kept of",
        lambda one: replace(
            one, create_time=None, update_time=None, created_by=None, updated_by=None
        ),
    ),
):
    WRITING.add(_name, f"{_what} a new provider.", partial(_Changing, _change))


@WRITING.variation()
class FieldsAdded(ReferenceServer):
    """New providers have fields that others do not have."""

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        return shown if provider.name in ORIGINAL else shown | {"region": "eu", "revision": 1}


@WRITING.variation()
class NewestFirst(ReferenceServer):
    """The order of the providers is that of their last update, the latest first."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return sorted(super().select(query), key=lambda one: -(one.update_time or 0))


@WRITING.variation()
class UpdateReplaces(ReferenceServer):
    """An update of a provider replaces it: settings and description that it leaves out are lost."""

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        old = self.providers
        bare = tuple(replace(one, description=None, configuration={}) for one in old)
        changed = zip(how(old), how(bare), strict=True)
        # Only an update of the provider itself changes its time.
        times = {one.name: one.update_time for one in old}
        self.providers = tuple(
            short if whole.update_time != times.get(whole.name) else whole
            for whole, short in changed
        )
        return self.providers


@WRITING.variation()
class Limited(ReferenceServer):
    """No more than 100 providers can be created."""

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        if len(how(self.providers)) > len(ORIGINAL) + 100:
            raise Refusal("The cluster has too many providers")
        return super().write(how)
