"""The servers that clients are run against: reference servers with chosen data or a sequence.

A sequence begins again once it is over, so that a server that keeps running shows it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.data import Provider, Tag, default_cluster
from conformance.reference.reading import ProviderQuery
from conformance.reference.replies import error_reply, json_reply
from conformance.reference.routing import Operation, operation_of
from conformance.reference.server import Handler, ReferenceServer

RETRY_AFTER = 3
"""Seconds that a throttled client is asked to wait.

Longer than the first pauses of clients that pay no attention to it, which are mostly one second and
then two; and short enough for a run of half a minute.
"""
_TIME = 1_700_000_000_000
_MILLISECONDS = 470
"""Of all times, so that a client that reads seconds loses something."""


def ordinary() -> tuple[Provider, ...]:
    """Return providers with all documented fields in ASCII, of two categories that clients know.

    What only some clients can read has scenarios of its own, so that one mistake fails once.
    """
    return tuple(
        complete(provider)
        for provider in default_cluster()
        if provider.category in ("AI_MODEL", "VECTOR_DB") and provider.name.isascii()
    )


def complete(provider: Provider) -> Provider:
    """Return a provider with all optional fields.

    A key of tags may occur twice, with different values.
    """
    return replace(
        provider,
        description=provider.description or "For tests",
        tags=provider.tags or (Tag(key="team", value="search"), Tag(key="team", value="docs")),
        create_time=(provider.create_time or _TIME) + _MILLISECONDS,
        update_time=(provider.update_time or _TIME + 1000) + _MILLISECONDS,
        created_by=provider.created_by or "ana@example.com",
        updated_by=provider.updated_by or "ben@example.com",
        owner_app=provider.owner_app or "console",
    )


def of_category(category: str) -> ReferenceServer:
    """Return a server with two active providers, both of one category."""
    first, second, *_ = ordinary()
    return ReferenceServer(
        providers=[
            replace(first, name="first", category=category),
            replace(second, name="second", category=category),
        ]
    )


def many(number: int) -> ReferenceServer:
    """Return a server with so many active providers."""
    first = ordinary()[0]
    return ReferenceServer(
        providers=[replace(first, name=f"provider-{place:05}") for place in range(number)]
    )


def with_setting(server: ReferenceServer, value: str) -> ReferenceServer:
    """Return the server with ``value`` as a setting in the configuration of every provider."""
    server.providers = tuple(
        replace(provider, configuration={**provider.configuration, "api_key": value})
        for provider in server.providers
    )
    return server


class Ordinary(ReferenceServer):
    """Has the ordinary providers."""

    def __init__(self, providers: Iterable[Provider] | None = None) -> None:
        """Serve ``providers``, or the ordinary ones."""
        super().__init__(providers=ordinary() if providers is None else tuple(providers))


class Counting(Ordinary):
    """Has these numbers of models, one per provider, and settings that are not texts."""

    def __init__(self, *counts: int, name: str = "models") -> None:
        """Serve one provider per count, each named by ``name`` and a number."""
        first = ordinary()[0]
        self._counts: Mapping[str, int] = {f"{name}-{place}": n for place, n in enumerate(counts)}
        settings = {**first.configuration, "port": 9092, "tls": True, "retry": False}
        super().__init__(replace(first, name=one, configuration=settings) for one in self._counts)

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        """Return the provider with its number."""
        return super().represent(provider, query) | {"modelsCount": self._counts[provider.name]}


class Rendering(Ordinary):
    """Has another response than the list with status 200, made from the providers."""

    def __init__(self, make: Callable[[list[object]], Response]) -> None:
        """Respond with what ``make`` returns for the list."""
        super().__init__()
        self._make = make

    def render(self, payload: object, request: Request) -> Response:
        """Return the other response."""
        if operation_of(request) is not Operation.LISTING or not isinstance(payload, list):
            return super().render(payload, request)
        return self._make(payload)


def web_page(_providers: list[object]) -> Response:
    """Return a page, as of a proxy that asks users to log in."""
    return Response("<!doctype html><title>Log in</title><h1>Log in</h1>", media_type="text/html")


def cut_json(providers: list[object]) -> Response:
    """Return the first half of the list, in a response that is complete as such."""
    text = json.dumps(providers)
    return Response(text[: len(text) // 2], media_type="application/json")


def an_object(providers: list[object]) -> Response:
    """Return an object that contains the list."""
    return json_reply({"content": providers, "total": len(providers)})


def forbidden(_providers: list[object]) -> Response:
    """Return the documented error for a token without the permission."""
    return error_reply(403, "The token does not permit this request")


def forbidden_without_body(_providers: list[object]) -> Response:
    """Return the same status alone."""
    return Response(status_code=403)


class Expiring(Ordinary):
    """Says of a new token that it has expired, and accepts the next one; of all, if ``always``."""

    def __init__(self, *, always: bool = False) -> None:
        """Begin with no tokens."""
        super().__init__()
        self._always = always
        self._accepted: dict[str, bool] = {}

    async def respond(self, request: Request, handler: Handler) -> Response:
        """Return the 401 that makes clients renew their token, or the usual response."""
        if operation_of(request) is Operation.LISTING and self.authorise(request) is None:
            token = request.headers["x-authorization"]
            waiting = list(self._accepted.values())[-1:] == [False]
            if not self._accepted.setdefault(token, waiting and not self._always):
                return self.refuse(401, "The token has expired", error="EXPIRED_TOKEN")
        return await super().respond(request, handler)


class Throttling(Ordinary):
    """Responds with 429 for ``RETRY_AFTER`` seconds, then with the list."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        super().__init__()
        self._until: float | None = None

    async def list_providers(self, request: Request) -> Response:
        """Return 429 until the time is over."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + RETRY_AFTER
        if now < self._until:
            return error_reply(429, "Too many requests", headers={"retry-after": str(RETRY_AFTER)})
        self._until = None
        return await super().list_providers(request)


class Redirecting(Ordinary):
    """Redirects to the same path at ``port`` of another host name, or of the same.

    Some clients take hosts for origins, and some take only names for hosts.
    """

    port = 0

    def __init__(self, host: str) -> None:
        """Redirect to ``host``, a name of this machine."""
        super().__init__()
        self._host = host

    async def list_providers(self, request: Request) -> Response:  # noqa: ARG002 - the shape
        """Return a redirect."""
        location = f"http://{self._host}:{self.port}{self.prefix}/integrations/provider"
        return Response(status_code=302, headers={"location": location})
