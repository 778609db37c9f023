"""A reference server behind a cache that stores each response to a reader for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.routing import Operation, operation_of
from conformance.reference.server import Handler, ReferenceServer

__all__ = ["CachedServer", "by_url"]


def by_url(request: Request) -> Hashable:
    """Return the key of a response in a right cache: the URL and the credential."""
    return request.url.path, request.url.query, request.headers.get("x-authorization")


class CachedServer(ReferenceServer):
    """Stores each 200 response for ``seconds`` under its ``key``.

    It does so whatever ``Cache-Control`` a request has, as many gateways do. If ``tells`` is set,
    stored responses have the header Age. ``control`` is the ``Cache-Control`` of responses, by
    default one that permits the store. At the request number ``change_at``, the first provider is
    disabled.
    """

    def __init__(
        self,
        *,
        seconds: float = 20.0,
        key: Callable[[Request], Hashable] = by_url,
        tells: bool = False,
        control: str | None = None,
        change_at: int | None = None,
    ) -> None:
        super().__init__()
        self._seconds = seconds
        self._key = key
        self._tells = tells
        self._control = control or f"private, max-age={seconds:g}"
        self._change_at = change_at
        self._number = 0
        self._stored: dict[Hashable, tuple[float, Response]] = {}

    async def respond(self, request: Request, handler: Handler) -> Response:
        """Respond from the store if possible, else as the server does."""
        if operation_of(request) is Operation.TOKEN or request.method != "GET":
            return await super().respond(request, handler)
        self._number += 1
        if self._number == self._change_at:
            first, *others = self.providers
            self.providers = (replace(first, enabled=False), *others)
        key = self._key(request)
        since, response = self._stored.get(key, (0.0, None))
        age = time.monotonic() - since
        if response is not None and age < self._seconds:
            kept = Response(bytes(response.body), 200, dict(response.headers))
            if self._tells:
                kept.headers["age"] = str(int(age) + 1)
            return kept
        response = await super().respond(request, handler)
        if response.status_code == 200:
            response.headers["cache-control"] = self._control
            self._stored[key] = time.monotonic(), response
        return response
