"""Servers that are wrong now and then, or mix up what is asked of them at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.reading import ProviderQuery, first_parameter
from conformance.reference.replies import json_reply
from conformance.reference.server import Handler, ReferenceServer

STABLE = Catalogue("now-and-then")
ONE_IN = 20


class _Fickle(ReferenceServer):
    """Is wrong in one of twenty answers, by chance; a ``seed`` makes the chances the same again."""

    def __init__(
        self, *, seed: int | None = None, concerns: Callable[[Request], bool] = bool
    ) -> None:
        super().__init__()
        self._random = random.Random(seed)  # noqa: S311 - a chance, not a secret
        self._concerns = concerns
        self._turns: list[bool] = []

    async def respond(self, request: Request, handler: Handler) -> Response:
        if is_listing(request) and self._concerns(request) and self.unlucky():
            return await self.err(request, handler)
        return await super().respond(request, handler)

    def unlucky(self) -> bool:
        """Return true for one in each twenty, which one by chance."""
        if not self._turns:
            self._turns = [True] + [False] * (ONE_IN - 1)
            self._random.shuffle(self._turns)
        return self._turns.pop()

    async def err(self, request: Request, handler: Handler) -> Response:
        """Answer wrongly; here, with another handler than the right one."""
        return await ReferenceServer.respond(self, request, handler)


class _Choosing(_Fickle):
    """Selects the wrong providers now and then."""

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
    """One answer in twenty lacks its last provider."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return chosen[:-1]


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL"), profile="standard")
class LosesAny(_Choosing):
    """One answer in twenty lacks one of its providers, now this and now that."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self._random.sample(chosen, max(0, len(chosen) - 1))


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL", "HTTP"), profile="standard")
class LosesAll(_Choosing):
    """One answer in twenty is empty."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return []


@STABLE.fault("STABLE-01", besides=("FILTER", "MODEL"), profile="standard")
class RenamesOne(_Choosing):
    """One answer in twenty shows the description that its first provider used to have."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return [*(replace(one, description="as it was") for one in chosen[:1]), *chosen[1:]]


@STABLE.fault("FILTER-04", "FILTER-06", besides=("STABLE",), profile="standard", by_chance=True)
class ShowsInactive(_Choosing):
    """One answer in twenty shows inactive providers, too."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self.select(replace(query, active_only=False))


@STABLE.fault(
    "FILTER-01", "FILTER-03", besides=("STABLE", "ROBUST"), profile="standard", by_chance=True
)
class ForgetsCategory(_Choosing):
    """One answer in twenty shows all categories."""

    def choose(self, query: ProviderQuery, chosen: list[Provider]) -> list[Provider]:
        return self.select(replace(query, category=None))


@STABLE.fault("MODEL-01", besides=("STABLE",), profile="standard")
class EmbedsModels(_Fickle):
    """One answer in twenty embeds the models."""

    async def err(self, request: Request, handler: Handler) -> Response:
        return await super().err(request, self.list_integrations)


@STABLE.fault("HTTP-01", besides=("ROBUST-01", "FILTER", "AUTH"), profile="standard")
class Fails(_Fickle):
    """One answer in twenty is a status 500."""

    async def err(self, request: Request, handler: Handler) -> Response:
        return self.refuse(500, "Internal Server Error")


@STABLE.fault("HTTP-03", besides=("SHAPE", "MODEL", "FILTER"), profile="standard")
class CutsShort(_Fickle):
    """One answer in twenty ends in the middle."""

    async def err(self, request: Request, handler: Handler) -> Response:
        answer = await super().err(request, handler)
        body = bytes(answer.body)
        short = body[: len(body) // 2] if answer.status_code == 200 else body
        return Response(short, answer.status_code, media_type="application/json")


@STABLE.fault("HTTP-02", profile="standard")
class SaysText(_Fickle):
    """One answer in twenty says that it is plain text."""

    async def err(self, request: Request, handler: Handler) -> Response:
        answer = await super().err(request, handler)
        return PlainTextResponse(bytes(answer.body), answer.status_code)


@STABLE.fault(
    "AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-06", profile="standard", by_chance=True
)
class AdmitsStrangers(_Fickle):
    """One request in twenty is not asked for its token."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        return await ReferenceServer.respond(self, request, handler)

    def authorise(self, request: Request) -> Response | None:
        return None if is_listing(request) and self.unlucky() else super().authorise(request)


# Mixed up ----------------------------------------------------------------------------------------


@STABLE.fault("STABLE-02", besides=("FILTER", "STABLE", "ROBUST", "HTTP", "MODEL"))
class OneQueryForAll(ReferenceServer):
    """The query is kept where the next one, asked at the same time, overwrites it."""

    _latest: Request | None = None

    async def list_providers(self, request: Request) -> Response:
        self._latest = request
        # As long as a database takes.
        await asyncio.sleep(0.002)
        return await super().list_providers(self._latest)


class _Buffered(ReferenceServer):
    """Now and then answers with what it answered before."""

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
    "Every seventh answer is that to the query before.",
    partial(_Buffered, 7),
    "STABLE-02",
    besides=("FILTER", "STABLE", "ROBUST", "MODEL"),
)


# Kept for the next query --------------------------------------------------------------------------


class _Keeping(ReferenceServer):
    """What a query leaves out is taken from the one before, of the same connection or of all."""

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
    # What is unknown is added to queries that lack a parameter, too.
    STABLE.add(
        _name,
        f"A query without {_parameter} is answered by that of the query before"
        + (" on its connection." if _by_connection else "."),
        partial(_Keeping, _parameter, by_connection=_by_connection),
        "STABLE-02",
        besides=("ROBUST",),
    )


class _Warming(ReferenceServer):
    """The first answer to each query is empty, as one that is made from an empty cache."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[ProviderQuery] = set()

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        if query in self._known:
            return await super().list_providers(request)
        self._known.add(query)
        return self.render([], request)


STABLE.add(
    "first-answers-are-empty", "The first answer to each query is empty.", _Warming, "STABLE-01"
)
