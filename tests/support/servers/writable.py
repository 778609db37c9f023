"""The reference server with the cluster of the documentation, and what can go wrong with writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference import ReferenceServer, operation_of
from conformance.reference.entities import Model, Provider
from conformance.reference.replies import Dropped
from conformance.reference.routing import WRITES
from conformance.reference.server import Handler


def documented_cluster() -> tuple[Provider, ...]:
    """Return the three active providers of the documentation's example."""
    times = {"create_time": 1_772_787_470_214, "update_time": 1_773_839_434_450}
    models = tuple(Model(api=f"gpt-example-{number}") for number in (1, 2, 3))
    common: dict[str, Any] = {"configuration": {"api_key": "xxxxx"}, "description": "Test", **times}
    return (
        Provider(name="openAI", type="openai", category="AI_MODEL", models=models, **common),
        Provider(name="SendGrid", type="sendgrid", category="EMAIL", **common),
        Provider(
            name="Pinecone", type="pineconedb", category="VECTOR_DB", models=models[:1], **common
        ),
    )


class WritableServer(ReferenceServer):
    """The reference server, which notes more and may fail.

    ``methods`` has the method and path of every request. ``before`` is called with each request
    that writes before it is handled, and may return the status to send instead; ``after`` may do so
    once it was handled. Status 0 drops the connection.
    """

    def __init__(
        self,
        providers: Sequence[Provider] | None = None,
        *,
        before: Callable[[str, str], int | None] = lambda _method, _name: None,
        after: Callable[[str, str], int | None] = lambda _method, _name: None,
    ) -> None:
        super().__init__(providers=providers)
        self.methods: set[tuple[str, str]] = set()
        self._before, self._after = before, after

    @property
    def app(self) -> ASGIApp:  # type: ignore[override]
        """The application, which notes the method and path of every request."""
        app = super().app

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            self.methods.add((scope["method"], scope["path"]))
            await app(scope, receive, send)

        return noting

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) not in WRITES or self.authorise(request) is not None:
            return await super().respond(request, handler)
        about = request.method, request.path_params["name"]
        status = self._before(*about)
        if status is None:
            response = await super().respond(request, handler)
            status = self._after(*about)
            if status is None:
                return response
        return self.refuse(status, "no") if status else Dropped()

    def names(self) -> set[str]:
        """Return the names of all providers."""
        return {provider.name for provider in self.providers}
