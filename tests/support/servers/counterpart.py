"""A reference server that clients are tried on: it keeps what it was sent, and follows a script."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference import EmbeddedServer, Operation, ReferenceServer, operation_of
from conformance.reference.server import Handler


@dataclass(frozen=True)
class Sent:
    """A request: when it came (seconds), and what it was."""

    at: float
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    token: str | None
    authorization: str | None

    @property
    def is_listing(self) -> bool:
        """Whether it reads the list."""
        return self.method == "GET" and self.path.endswith("/integrations/provider")

    @property
    def is_token_request(self) -> bool:
        """Whether it requests a token."""
        return self.method == "POST" and self.path.endswith("/token")


class Counterpart(ReferenceServer):
    """Returns the responses of ``script`` to the next requests for the list, then as usual.

    If ``listed`` is set, the list has these providers, those of one category if one is requested.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self.issued: list[str] = []
        self.script: list[Response] = []
        self.listed: Sequence[dict[str, object]] | None = None

    def begin(
        self,
        script: Sequence[Response] = (),
        listed: Sequence[dict[str, object]] | None = None,
    ) -> None:
        """Forget what was sent, and begin a new script."""
        self.sent, self.issued, self.script, self.listed = [], [], list(script), listed

    @property
    def app(self) -> Starlette:
        app = super().app
        app.add_middleware(_Watching, sent=self)
        return app

    def issue_token(self, *, expired: bool = False) -> str:
        token = super().issue_token(expired=expired)
        self.issued.append(token)
        return token

    async def respond(self, request: Request, handler: Handler) -> Response:
        usual = await super().respond(request, handler)
        if operation_of(request) is not Operation.LISTING or request.method != "GET":
            return usual
        if self.script:
            return self.script.pop(0)
        if self.listed is None or usual.status_code != 200:
            return usual
        category = request.query_params.get("category")
        return JSONResponse([it for it in self.listed if category in (None, it["category"])])


class _Watching:
    def __init__(self, app: ASGIApp, sent: Counterpart) -> None:
        self._app = app
        self._server = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Request(scope).headers
        query = scope["query_string"].decode("latin-1")
        self._server.sent.append(
            Sent(
                time.monotonic(),
                scope["method"],
                scope["path"],
                tuple(parse_qsl(query, keep_blank_values=True)),
                headers.get("x-authorization"),
                headers.get("authorization"),
            )
        )
        await self._app(scope, receive, send)


@contextmanager
def counterpart() -> Iterator[tuple[Counterpart, str]]:
    """Run a counterpart; yield it and the API's URL."""
    server = Counterpart()
    with EmbeddedServer(server) as embedded:
        yield server, embedded.url
