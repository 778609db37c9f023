"""Count the requests that reach a server, by method, whatever the tool reports."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference import ReferenceServer


class Recorded:
    """A wrapper that ``EmbeddedServer`` runs like a server and that counts requests by method."""

    def __init__(self, server: ReferenceServer) -> None:
        """Count all requests to ``server``, also those without a route."""
        self.prefix = server.prefix
        self.requests: Counter[str] = Counter()
        self._app = server.app

    @property
    def app(self) -> ASGIApp:
        """The application of the server, wrapped with the counter."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.requests[scope["method"]] += 1
            await self._app(scope, receive, send)

        return counted
