"""A server whose providers can be created, changed and removed, and what can go wrong with that."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.entities import Model, Provider, Tag
from conformance.reference.reading import Refusal
from conformance.reference.replies import Dropped
from conformance.reference.server import ReferenceServer

PROVIDER = "/integrations/provider/{name}"


@dataclass(frozen=True, slots=True)
class Write:
    """A request that writes, as the server handled it; ``name`` is that of the provider."""

    method: str
    path: str
    name: str
    status: int


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
    """The reference server with the endpoints that write.

    ``writes`` lists the requests that write, ``methods`` the method and path of every request.
    ``before`` is called with each such request before it is handled, and may return the status to
    send instead; ``after`` may do so once it was handled. Status 0 drops the connection.
    """

    def __init__(
        self,
        providers: Sequence[Provider] | None = None,
        *,
        before: Callable[[str, str], int | None] = lambda _method, _name: None,
        after: Callable[[str, str], int | None] = lambda _method, _name: None,
    ) -> None:
        super().__init__(providers=providers)
        self.writes: list[Write] = []
        self.methods: set[tuple[str, str]] = set()
        self._before, self._after = before, after
        self._lock = threading.Lock()

    @property
    def app(self) -> ASGIApp:  # type: ignore[override]
        """The application, which notes the method and path of every request."""
        app = super().app

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            self.methods.add((scope["method"], scope["path"]))
            await app(scope, receive, send)

        return noting

    def routes(self) -> list[BaseRoute]:
        handlers = (
            ("POST", PROVIDER, self._create),
            ("DELETE", PROVIDER, self._remove),
            ("POST", f"{PROVIDER}/integration/{{model}}", self._add_model),
            ("DELETE", f"{PROVIDER}/integration/{{model}}", self._remove_model),
            ("PUT", f"{PROVIDER}/tags", self._tag),
        )
        made: list[BaseRoute] = [
            Route(self.prefix + path, self._handling(handler), methods=[method])
            for method, path, handler in handlers
        ]
        return [*made, *super().routes()]

    def names(self) -> set[str]:
        """Return the names of all providers."""
        return {provider.name for provider in self.providers}

    def _handling(self, handler: Callable[[Request, Any], Response]) -> Any:
        async def handle(request: Request) -> Response:
            method, name = request.method, request.path_params["name"]
            refusal = self.authorise(request)
            if refusal is not None:
                return refusal
            text = await request.body()
            status = self._before(method, name)
            if status is None:
                try:
                    with self._lock:
                        response = handler(request, json.loads(text) if text else None)
                except Refusal as refused:
                    response = self.refuse(refused.status, str(refused))
                status = self._after(method, name)
            if status is not None:
                response = self.refuse(status, "no") if status else Dropped()
            self.writes.append(Write(method, request.url.path, name, status or 200))
            return response

        return handle

    def _create(self, request: Request, body: dict[str, Any]) -> Response:
        name = request.path_params["name"]
        now = int(time.time() * 1000)
        known = next((one for one in self.providers if one.name == name), None)
        if known is not None and known.type != body["type"]:
            raise Refusal("The type of a provider cannot be changed")
        # Secrets go to a secrets backend.
        settings = {
            key: "xxxxx" if "key" in key else value for key, value in body["configuration"].items()
        }
        made = replace(
            known or Provider(name=name, type=body["type"], category=body["category"]),
            category=body["category"],
            description=body["description"],
            enabled=body["enabled"],
            configuration=settings,
            create_time=known.create_time if known else now,
            update_time=now,
        )
        self._put(made)
        return self.render(made.as_dict(), request)

    def _remove(self, request: Request, _body: Any) -> Response:
        gone = self._named(request)
        self.providers = tuple(one for one in self.providers if one is not gone)
        return Response(status_code=200)

    def _add_model(self, request: Request, body: dict[str, Any]) -> Response:
        provider, name = self._named(request), request.path_params["model"]
        others = tuple(one for one in provider.models if one.api != name)
        self._put(replace(provider, models=(*others, Model(api=name, enabled=body["enabled"]))))
        return Response(status_code=200)

    def _remove_model(self, request: Request, _body: Any) -> Response:
        provider, name = self._named(request), request.path_params["model"]
        left = tuple(one for one in provider.models if one.api != name)
        if left == provider.models:
            raise Refusal("There is no such model", status=404)
        self._put(replace(provider, models=left))
        return Response(status_code=200)

    def _tag(self, request: Request, body: list[dict[str, str]]) -> Response:
        provider = self._named(request)
        tags = {one.key: one.value for one in provider.tags}
        tags |= {one["key"]: one["value"] for one in body}
        self._put(
            replace(provider, tags=tuple(Tag(key=key, value=tags[key]) for key in sorted(tags)))
        )
        return Response(status_code=200)

    def _put(self, provider: Provider) -> None:
        places = {one.name: one for one in self.providers} | {provider.name: provider}
        self.providers = tuple(places.values())
