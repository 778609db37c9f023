"""Counting the requests that reach a server, by method, whatever the tool says that it sent."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference import ReferenceServer


class Recorded:
    """A server in the eyes of ``EmbeddedServer``, which counts the requests by method."""

    def __init__(self, server: ReferenceServer) -> None:
        """Record what reaches ``server``, whether it has a route or not."""
        self.prefix = server.prefix
        self.requests: Counter[str] = Counter()
        self._app = server.app

    @property
    def app(self) -> ASGIApp:
        """The application of the server, with a count before it."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.requests[scope["method"]] += 1
            await self._app(scope, receive, send)

        return counted
