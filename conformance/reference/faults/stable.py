"""Servers that fail occasionally, or mix up concurrent requests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.caching import CachedServer
from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.reading import ProviderQuery, first_parameter
from conformance.reference.replies import json_reply
from conformance.reference.server import Handler, ReferenceServer

STABLE = Catalogue("now-and-then")
ONE_IN = 20


class _Fickle(ReferenceServer):
    """Fails in one of twenty responses, at random; ``seed`` makes the sequence reproducible."""

    def __init__(
        self, *, seed: int | None = None, concerns: Callable[[Request], bool] = bool
    ) -> None:
        super().__init__()
        self._random = random.Random(seed)  # noqa: S311 - not a secret
        self._concerns = concerns
        self._turns: list[bool] = []

    async def respond(self, request: Request, handler: Handler) -> Response:
        if is_listing(request) and self._concerns(request) and self.unlucky():
            return await self.err(request, handler)
        return await super().respond(request, handler)

    def unlucky(self) -> bool:
        """Return true for one random call in each twenty."""
        if not self._turns:
            self._turns = [True] + [False] * (ONE_IN - 1)
            self._random.shuffle(self._turns)
        return self._turns.pop()

    async def err(self, request: Request, handler: Handler) -> Response:
        """Return the wrong response; here, the one of ``handler``."""
        return await ReferenceServer.respond(self, request, handler)


class _Choosing(_Fickle):
    """Occasionally selects the wrong providers."""

    async def err(self, request: Request, handler: Handler) -> Response:
        return await super().err(request, self._list_wrongly)

    async def _list_wrongly(self, request: Request) -> Response:
        query = self.read_query(request)
        chosen = self.choose(query, self.select(query))
        return self.render([self.represent(provider, query) for provider in chosen], request)

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return chosen


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL"), profile="standard")
class LosesTheLast(_Choosing):
    """One response in twenty lacks its last provider."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return chosen[:-1]


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL"), profile="standard")
class LosesAny(_Choosing):
    """One response in twenty lacks a random provider."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self._random.sample(chosen, max(0, len(chosen) - 1))


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL", "HTTP"), profile="standard")
class LosesAll(_Choosing):
    """One response in twenty is an empty array."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return []


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL"), profile="standard")
class RenamesOne(_Choosing):
    """One response in twenty has an outdated description of its first provider."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return [*(replace(one, description="as it was") for one in chosen[:1]), *chosen[1:]]


@STABLE.fault("FILTER-04", "FILTER-06", besides=("STABLE",), profile="standard", by_chance=True)
class ShowsInactive(_Choosing):
    """One response in twenty includes inactive providers."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self.select(replace(query, active_only=False))


@STABLE.fault(
    "FILTER-01", "FILTER-03", besides=("STABLE", "ROBUST"), profile="standard", by_chance=True
)
class ForgetsCategory(_Choosing):
    """One response in twenty includes all categories."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self.select(replace(query, category=None))


@STABLE.fault("MODEL-01", besides=("STABLE",), profile="standard")
class EmbedsModels(_Fickle):
    """One response in twenty embeds the models."""

    async def err(self, request: Request, handler: Handler) -> Response:
        return await super().err(request, self.list_integrations)


@STABLE.fault("HTTP-01", besides=("ROBUST-01", "FILTER", "AUTH"), profile="standard")
class Fails(_Fickle):
    """One response in twenty has status 500."""

    async def err(self, request: Request, handler: Handler) -> Response:
        return self.refuse(500, "Internal Server Error")


@STABLE.fault("HTTP-03", besides=("SHAPE", "MODEL", "FILTER"), profile="standard")
class CutsShort(_Fickle):
    """One response in twenty is truncated in the middle."""

    async def err(self, request: Request, handler: Handler) -> Response:
        answer = await super().err(request, handler)
        body = bytes(answer.body)
        short = body[: len(body) // 2] if answer.status_code == 200 else body
        return Response(short, answer.status_code, _without_length(answer))


@STABLE.fault("HTTP-02", profile="standard")
class SaysText(_Fickle):
    """One response in twenty has the media type text/plain."""

    async def err(self, request: Request, handler: Handler) -> Response:
        answer = await super().err(request, handler)
        headers = _without_length(answer) | {"content-type": "text/plain"}
        return Response(bytes(answer.body), answer.status_code, headers)


def _without_length(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "content-length"}


@STABLE.fault(
    "AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-06", profile="standard", by_chance=True
)
class AdmitsStrangers(_Fickle):
    """One request in twenty is accepted without checking its token."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        return await ReferenceServer.respond(self, request, handler)

    def authorise(self, request: Request) -> Response | None:
        return None if is_listing(request) and self.unlucky() else super().authorise(request)


# Mixed up ----------------------------------------------------------------------------------------


@STABLE.fault("STABLE-02", besides=("FILTER", "STABLE", "ROBUST", "HTTP", "MODEL"))
class OneQueryForAll(ReferenceServer):
    """The query is stored where a concurrent request overwrites it."""

    _latest: Request | None = None

    async def list_providers(self, request: Request) -> Response:
        self._latest = request
        # The time of a database query.
        await asyncio.sleep(0.002)
        return await super().list_providers(self._latest)


class _Buffered(ReferenceServer):
    """Occasionally returns the previous response."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self._every = every
        self._number = 0
        self._before: object = None

    def render(self, payload: object, request: Request) -> Response:
        if not is_listing(request):
            return super().render(payload, request)
        self._number += 1
        before, self._before = self._before, payload
        stale = self._number % self._every == 0 and before is not None
        return json_reply(before if stale else payload)


STABLE.add(
    "answers-the-one-before",
    "Every seventh response is the one to the previous query.",
    partial(_Buffered, 7),
    "STABLE-02",
    besides=("FILTER", "STABLE", "ROBUST", "MODEL"),
)


# Kept for the next query --------------------------------------------------------------------------


class _Keeping(ReferenceServer):
    """Takes a missing parameter from the previous query, of the same connection or of any."""

    def __init__(self, parameter: str, *, by_connection: bool) -> None:
        super().__init__()
        self._parameter = parameter
        self._by_connection = by_connection
        self._kept: dict[object, str] = {}

    def read_query(self, request: Request) -> ProviderQuery:
        query = super().read_query(request)
        if not is_listing(request):
            return query
        given = first_parameter(request, self._parameter)
        whose = request.client if self._by_connection else None
        if given is not None:
            self._kept[whose] = given
            return query
        kept = self._kept.get(whose)
        if kept is None:
            return query
        if self._parameter == "category":
            return replace(query, category=kept)
        return replace(query, active_only=kept != "false")


for _name, _parameter, _by_connection in (
    ("keeps-the-category", "category", True),
    ("keeps-active-only", "activeOnly", True),
    ("keeps-active-only-for-all", "activeOnly", False),
):
    # Unknown parameters are added to queries that lack a documented one, too.
    STABLE.add(
        _name,
        f"A query without {_parameter} uses the value of the previous query"
        + (" on the same connection." if _by_connection else "."),
        partial(_Keeping, _parameter, by_connection=_by_connection),
        "STABLE-02",
        besides=("ROBUST",),
    )


class _Warming(ReferenceServer):
    """The first response to each query is empty, as from a cold cache."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[ProviderQuery] = set()

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        if query in self._known:
            return await super().list_providers(request)
        self._known.add(query)
        return self.render([], request)


class _RunningDry(ReferenceServer):
    """The list is a cursor that some request uses up; related endpoints are right."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._left = after

    async def list_providers(self, request: Request) -> Response:
        self._left -= 1
        return await super().list_providers(request) if self._left >= 0 else json_reply([])


for _after in (1, 40):
    STABLE.add(
        f"empty-after-{_after}",
        f"Every list after number {_after} is empty, though the providers exist.",
        partial(_RunningDry, _after),
        "FILTER-07",
        besides=("STABLE", "FILTER", "ROBUST", "MODEL"),
    )


STABLE.add(
    "cache-forgets-the-query",
    "A cache stores responses without the query in its key, and says their age.",
    partial(CachedServer, key=lambda request: request.url.path, tells=True),
    "STABLE-02",
    besides=("AUTH", "HTTP"),
)


class _Replicas(ReferenceServer):
    """Several replicas take turns, and one of them lacks a provider."""

    def __init__(self, replicas: int) -> None:
        super().__init__()
        self._replicas = replicas
        self._number = 0

    async def list_providers(self, request: Request) -> Response:
        self._number += 1
        query = self.read_query(request)
        chosen = self.select(query)
        if self._number % self._replicas == 0:
            chosen = [provider for provider in chosen if provider.name != self.providers[-1].name]
        return self.render([self.represent(provider, query) for provider in chosen], request)


for _replicas in (2, 3):
    STABLE.add(
        f"one-of-{_replicas}-replicas-is-stale",
        f"Every {_replicas} requests one meets a replica that lacks a provider.",
        partial(_Replicas, _replicas),
        "STABLE-01",
        besides=("FILTER", "ROBUST", "MODEL"),
    )

STABLE.add(
    "first-answers-are-empty", "The first response to each query is empty.", _Warming, "STABLE-01"
)
