"""Servers with unusual authentication and unusual error responses to unauthenticated requests."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Route

from conformance.reference import (
    ReferenceServer,
    tokens,
)
from conformance.reference.routing import OperationRoute
from conformance.reference.server import Handler
from conformance.reference.strangers import CountingStrangers
from conformance.reference.variations.entries import Catalogue, Key

CALLERS = Catalogue("caller")


# Refusals ------------------------------------------------------------------------------------


class _Refusing(ReferenceServer):
    """Refuses unauthenticated requests by ``refuse``."""

    def __init__(self, refuse: Callable[[Request], Response]) -> None:
        super().__init__()
        self._turn_away = refuse

    def authorise(self, request: Request) -> Response | None:
        return super().authorise(request) and self._turn_away(request)


def _json(**members: object) -> Callable[[Request], Response]:
    return lambda _: JSONResponse(members, status_code=401)


def _negotiated(request: Request) -> Response:
    """Refuse a request, unless it accepts no JSON: frameworks may check that first."""
    accepted = request.headers.get("accept", "*/*")
    acceptable = any(kind in accepted for kind in ("json", "application/*", "*/*"))
    return Response(status_code=401 if acceptable else 406)


REFUSALS: tuple[tuple[str, str, Callable[[Request], Response]], ...] = (
    ("forbidden", "403", lambda _: JSONResponse({"message": "no"}, status_code=403)),
    ("empty", "an empty 401", lambda _: Response(status_code=401)),
    ("text", "plain text", lambda _: PlainTextResponse("Unauthorized", status_code=401)),
    (
        "page",
        "a page with a login form",
        lambda _: HTMLResponse("<form action=/login><input name=name></form>", status_code=401),
    ),
    (
        "polite",
        "a message that contains the type of a provider",
        _json(message="Ask your administrator for access to openai, or log in to openAI first."),
    ),
    (
        "described",
        "an error with a name, a type and a category",
        _json(error={"name": "Unauthorized", "type": "client", "category": "SECURITY"}),
    ),
    (
        "problem",
        "problem details",
        _json(type="about:blank", title="Unauthorized", status=401, detail="token?"),
    ),
    (
        "documented",
        "a reference to the documented fields",
        _json(help="members: name, type, category, configuration, enabled, modelsCount"),
    ),
    ("negotiated", "406 if they do not accept JSON, and 401 otherwise", _negotiated),
    (
        "by-token",
        "403 with a wrong token and 401 without a token",
        lambda r: Response(status_code=403 if r.headers.get("x-authorization") else 401),
    ),
)
for _name, _what, _refuse in REFUSALS:
    CALLERS.add(
        f"refusal-{_name}", f"Unauthenticated requests return {_what}.", partial(_Refusing, _refuse)
    )


class _OtherPaths(ReferenceServer):
    """Answers every other spelling of the path, without a token."""

    def __init__(self, answer: Callable[[ReferenceServer, Request], Response]) -> None:
        super().__init__()
        self._answer = answer

    def routes(self) -> list[BaseRoute]:
        async def answer(request: Request) -> Response:
            return self._answer(self, request)

        pattern = self.prefix + "/integrations/{rest:path}"
        related = [route for route in super().routes() if isinstance(route, OperationRoute)]
        return [*related, Route(pattern, answer)]


def _catalogue(server: ReferenceServer, _: Request) -> Response:
    shown = ("name", "type", "category", "enabled", "description")
    kinds = [{name: one.as_dict().get(name) for name in shown} for one in server.providers]
    return JSONResponse([{**kind, "configuration": [], "modelsCount": None} for kind in kinds])


def _to_the_endpoint(server: ReferenceServer, request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{server.prefix}/integrations/provider{query}", status_code=308)


OTHER_PATHS: tuple[tuple[str, str, Callable[[ReferenceServer, Request], Response]], ...] = (
    ("catalogue", "are a public catalogue of integrations with the providers' names", _catalogue),
    ("redirected", "are redirected to the documented one", _to_the_endpoint),
    ("page", "return a page", lambda *_: HTMLResponse("<title>Conductor</title>")),
)
for _name, _what, _answer in OTHER_PATHS:
    CALLERS.add(
        f"paths-{_name}",
        f"Other spellings of the path need no token and {_what}.",
        partial(_OtherPaths, _answer),
    )


@CALLERS.variation()
class StrangersThrottled(CountingStrangers):
    """After some wrong tokens, unauthenticated requests return 429."""

    def turn_away(self, number: int, refusal: Response) -> Response:
        # The suite has sent each kind of wrong token by then.
        if number > 145:
            return Response(status_code=429, headers={"retry-after": "0"})
        return refusal


class _NoHead(ReferenceServer):
    """Does not support HEAD."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    async def respond(self, request: Request, handler: Handler) -> Response:
        if request.method == "HEAD":
            return Response(status_code=self._status)
        return await super().respond(request, handler)


for _status in (405, 501, 404):
    CALLERS.add(
        f"no-head-{_status}",
        f"HEAD returns status {_status}.",
        partial(_NoHead, _status),
        "AUTH-05",
    )


@CALLERS.variation()
class HeadForNobody(ReferenceServer):
    """HEAD returns 401 even for authorised requests."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        if request.method == "HEAD":
            return Response(status_code=401)
        return await super().respond(request, handler)


# Accepted requests -------------------------------------------------------------------------------


@CALLERS.variation()
class Sessions(ReferenceServer):
    """Authorised requests receive a cookie that is accepted instead of a token."""

    SESSION = "session=let-me-in-again"

    def authorise(self, request: Request) -> Response | None:
        if request.headers.get("cookie") == self.SESSION:
            return None
        return super().authorise(request)

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if answer.status_code == 200:
            answer.headers["set-cookie"] = f"{self.SESSION}; Path=/; HttpOnly"
        return answer


class _Opaque(ReferenceServer):
    """Issues opaque tokens and compares them correctly."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def issue_token(self, *, expired: bool = False) -> str:
        return f"expired-{self._token}" if expired else self._token

    def authorise(self, request: Request) -> Response | None:
        known = request.headers.get("x-authorization", "") == self._token
        return None if known else self.refuse(401, "A valid token is required")


CALLERS.add(
    "opaque-token", "Tokens are opaque random strings.", partial(_Opaque, "mJ4x.Q_9-zzTk0aW")
)
CALLERS.add(
    "token-with-scheme",
    "Tokens begin with the word Bearer.",
    partial(_Opaque, "Bearer 0123456789abcdef"),
)
CALLERS.add("token-of-one-character", "The token is a single digit.", partial(_Opaque, "7"))


class _Clock:
    """A clock that advances by a tenth of a second with every call."""

    def __init__(self) -> None:
        self._ticks = itertools.count(17_500_000_000)

    def __call__(self) -> float:
        return next(self._ticks) / 10


class _LongerTokens(ReferenceServer):
    """Issues tokens that expire after ten requests, each longer than the previous one."""

    def __init__(self) -> None:
        super().__init__(token_lifetime=1.0, clock=_Clock())
        self._length = itertools.count()

    def issue_token(self, *, expired: bool = False) -> str:
        now = self.clock() - (self.token_lifetime if expired else 0)
        claims = {"exp": now + self.token_lifetime, "scope": "x" * next(self._length)}
        return tokens.sign(claims, self._signing_key)


CALLERS.add("access-key", "The client has an access key.", ReferenceServer, key=Key.ACCESS_KEY)
CALLERS.add(
    "tokens-expire",
    "Tokens expire after ten requests; the client has an access key.",
    lambda: ReferenceServer(token_lifetime=1.0, clock=_Clock()),
    key=Key.ACCESS_KEY,
)
CALLERS.add(
    "tokens-grow",
    "Tokens expire after ten requests, each new one is longer; the client has an access key.",
    _LongerTokens,
    key=Key.ACCESS_KEY,
)


class _OpenToAll(ReferenceServer):
    """Accepts every request."""

    def authorise(self, request: Request) -> Response | None:
        return None


CALLERS.add(
    "open-to-all",
    "No credential is needed, and the client has none.",
    _OpenToAll,
    key=Key.NONE,
)
