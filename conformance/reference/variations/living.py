"""Clusters that change during a run."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from conformance.reference import (
    Operation,
    Provider,
    ReferenceServer,
    operation_of,
)
from conformance.reference.caching import CachedServer
from conformance.reference.server import Handler
from conformance.reference.variations.entries import Catalogue

LIVING = Catalogue("living")


class _Living(ReferenceServer):
    """Changes its cluster depending on the number of requests so far."""

    def __init__(self, change: Callable[[int, tuple[Provider, ...]], tuple[Provider, ...]]) -> None:
        super().__init__()
        self._change = change
        self._number = itertools.count(1)

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) is not Operation.TOKEN:
            self.providers = self._change(next(self._number), self.providers)
        return await super().respond(request, handler)


def _added(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    if number != 11:
        return cluster
    return (*cluster, Provider(name="new", type="kafka", category="MESSAGE_BROKER"))


def _removed(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    return cluster[1:] if number == 40 else cluster


def _filled(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    # The cluster is empty for the first response, before it is set up.
    return () if number == 1 else EVERYONE if number == 2 else cluster


def _cleared(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    inactive = [one for one in cluster if not one.enabled]
    return tuple(one for one in cluster if one not in inactive[:3]) if number == 2 else cluster


def _toggled(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    if number % 5:
        return cluster
    return (replace(cluster[0], enabled=not cluster[0].enabled), *cluster[1:])


def _touched(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    return (replace(cluster[0], update_time=1_750_000_000_000 + number), *cluster[1:])


def _growing(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    if number % 3:
        return cluster
    return (
        *cluster,
        Provider(name=f"new {number}", type="git", category="GIT", enabled=bool(number % 2)),
    )


def _moved(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    categories = ("CLOUD", "GIT", "EMAIL")
    return (replace(cluster[0], category=categories[number // 2 % 3]), *cluster[1:])


def _losing_models(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    models = cluster[0].models
    return (
        replace(cluster[0], models=models[1:] + models[:1] if number % 2 else models[1:] or WHOLE),
        *cluster[1:],
    )


class _Replaced(ReferenceServer):
    """Deletes a provider and creates it again in a while, all the time."""

    every = 1.3
    gone = 0.09

    def __init__(self) -> None:
        super().__init__()
        self._whole = self.providers
        self._began = time.monotonic()

    async def respond(self, request: Request, handler: Handler) -> Response:
        away = (time.monotonic() - self._began) % self.every < self.gone
        self.providers = self._whole[1:] if away else self._whole
        return await super().respond(request, handler)


class _Lagging(_Replaced):
    """Shows in the list only a second later what was deleted and created."""

    every = 2.4
    gone = 0.4
    lag = 1.0

    async def list_providers(self, request: Request) -> Response:
        away = (time.monotonic() - self._began - self.lag) % self.every < self.gone
        self.providers = self._whole[1:] if away else self._whole
        return await super().list_providers(request)


class _Emptied(_Living):
    """Has no related endpoints, and is emptied at the fortieth request."""

    def routes(self) -> list[BaseRoute]:
        kept = {Operation.LISTING, Operation.TOKEN}
        return [one for one in super().routes() if getattr(one, "name", None) in kept]


def _emptied(number: int, cluster: tuple[Provider, ...]) -> tuple[Provider, ...]:
    return () if number == 40 else cluster


EVERYONE = ReferenceServer().providers
WHOLE = EVERYONE[0].models
# Of concurrent responses it is unknown which preceded the change.
ONCE = ("MODEL-06", "STABLE-01")
LIVING.add("one-added", "A provider is added once.", partial(_Living, _added), *ONCE)
LIVING.add("one-removed", "A provider is removed once.", partial(_Living, _removed), *ONCE)
LIVING.add(
    "set-up-at-first",
    "The cluster is set up after the first response.",
    partial(_Living, _filled),
    *ONCE,
)
LIVING.add(
    "cleared-at-first",
    "Three inactive providers are removed after the first response.",
    partial(_Living, _cleared),
    *ONCE,
)
COMPARED = ("MODEL-05", "MODEL-06", "FILTER", "HTTP-05", "ROBUST", "STABLE-01")
for _name, _oddity, _alter in (
    ("one-toggled", "A provider is enabled and disabled repeatedly.", _toggled),
    ("one-touched", "The updateTime of a provider changes with every request.", _touched),
    ("growing", "Providers are added continually.", _growing),
    ("one-moved", "The category of a provider changes continually.", _moved),
    ("models-change", "The models of a provider change continually.", _losing_models),
):
    LIVING.add(_name, _oddity, partial(_Living, _alter), *COMPARED)
LIVING.add(
    "one-replaced", "A provider is deleted and created again all the time.", _Replaced, *COMPARED
)
LIVING.add(
    "list-lags-behind",
    "A second passes before the list shows that a provider was deleted or created.",
    _Lagging,
    *COMPARED,
)
for _name, _oddity, _tells, _control in (
    (
        "cached",
        "A cache stores each URL for a while, and a provider is disabled meanwhile.",
        0,
        None,
    ),
    ("cached-says-age", "The same, and stored responses have the header Age.", 1, None),
    ("cached-says-no-store", "The same, but clients are told not to store them.", 0, "no-store"),
):
    LIVING.add(
        _name,
        _oddity,
        partial(CachedServer, tells=bool(_tells), control=_control, change_at=40),
        *COMPARED,
    )
# What was empty from then on shows nothing more.
LIVING.add(
    "all-removed",
    "All providers are removed, and no other endpoint shows that.",
    partial(_Emptied, _emptied),
    *COMPARED,
    *("SHAPE", "MODEL", "SECRET", "STABLE", "AUTH", "HTTP-04"),
)
