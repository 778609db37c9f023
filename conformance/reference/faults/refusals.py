"""Servers that refuse unauthenticated requests wrongly, or disclose data when they do."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from conformance.reference import Operation, ReferenceServer, operation_of
from conformance.reference.faults.authentication import presented
from conformance.reference.faults.entries import Catalogue, ListingServer
from conformance.reference.replies import error_reply, json_reply
from conformance.reference.server import Handler
from conformance.reference.strangers import CountingStrangers

REFUSALS = Catalogue("refusal")


# How requests are refused -------------------------------------------------------------------


class _Refusing(ReferenceServer):
    """Refuses unauthenticated requests by ``refuse``."""

    def __init__(self, refuse: Callable[[Request], Response]) -> None:
        super().__init__()
        self._turn_away = refuse

    def authorise(self, request: Request) -> Response | None:
        # Related endpoints refuse requests in the usual way.
        refusal = super().authorise(request)
        if refusal is None or operation_of(request) is not Operation.LISTING:
            return refusal
        return self._turn_away(request)


def _login(request: Request) -> Response:
    return RedirectResponse("/login?next=/api", status_code=302)


def _login_page(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>Please log in</title>")


def _login_for_browsers(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return _login(request)
    return JSONResponse({"message": "who are you?"}, status_code=401)


def _far_login(request: Request) -> Response:
    return RedirectResponse("https://login.example.com/authorize", status_code=307)


def _quoting(request: Request) -> Response:
    return JSONResponse({"message": f"the token {presented(request)} is unknown"}, status_code=401)


def _quoting_in_a_header(request: Request) -> Response:
    error = f'X-Authorization error="invalid_token", token="{presented(request)}"'
    return Response(status_code=401, headers={"www-authenticate": error})


def _with_status(status: int) -> Callable[[Request], Response]:
    return lambda _: JSONResponse({"message": "who are you?"}, status_code=status)


def _empty_list(request: Request) -> Response:
    return JSONResponse([])


TURNED_AWAY: tuple[tuple[str, str, Callable[[Request], Response], tuple[str, ...]], ...] = (
    (
        "login",
        "Unauthenticated requests are redirected to a login page.",
        _login,
        ("AUTH-01", "AUTH-07"),
    ),
    (
        "login-elsewhere",
        "Unauthenticated requests are redirected to a login page on another host.",
        _far_login,
        ("AUTH-01", "AUTH-07"),
    ),
    (
        "login-page",
        "Unauthenticated requests return a login page with status 200.",
        _login_page,
        ("AUTH-01",),
    ),
    (
        "login-for-browsers",
        "Unauthenticated requests that accept HTML are redirected to a login page.",
        _login_for_browsers,
        ("AUTH-07",),
    ),
    ("quoted", "The error response quotes the token.", _quoting, ("AUTH-08",)),
    (
        "quoted-in-a-header",
        "A header of the error response quotes the token.",
        _quoting_in_a_header,
        ("AUTH-08",),
    ),
    ("empty-list", "Unauthenticated requests return an empty array.", _empty_list, ("AUTH-01",)),
    *(
        (
            f"status-{status}",
            f"Unauthenticated requests return status {status}.",
            _with_status(status),
            ("AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04"),
        )
        for status in (200, 400, 404, 406, 407, 500)
    ),
)
for _name, _fault, _turn_away, _breaks in TURNED_AWAY:
    REFUSALS.add(_name, _fault, partial(_Refusing, _turn_away), *_breaks)


@REFUSALS.fault("AUTH-07")
class LoginNowAndThen(CountingStrangers):
    """Every sixth unauthenticated request is redirected to a login page."""

    def turn_away(self, number: int, refusal: Response) -> Response:
        return refusal if number % 6 else RedirectResponse("/login", status_code=302)


@REFUSALS.fault("AUTH-05")
class HeadWithTheLength(ReferenceServer):
    """Unauthenticated HEAD requests are rejected with the Content-Length of the result."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if request.method == "HEAD" and answer.status_code == 401:
            result = await self.list_providers(request)
            answer.headers["content-length"] = result.headers["content-length"]
        return answer


@REFUSALS.fault("AUTH-05")
class HeadWithTheCount(ReferenceServer):
    """Unauthenticated HEAD requests are rejected with the X-Total-Count of the result."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if answer.status_code == 200 or (request.method == "HEAD" and answer.status_code == 401):
            result = await self.list_providers(request)
            if result.status_code == 200:
                answer.headers["x-total-count"] = str(len(json.loads(bytes(result.body))))
        return answer


class _Telling(ReferenceServer):
    """Refuses unauthenticated requests with a body that discloses data."""

    def __init__(self, tell: Callable[[ReferenceServer], object]) -> None:
        super().__init__()
        self._tell = tell

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        return refusal and JSONResponse(self._tell(self), status_code=401)


TOLD: tuple[tuple[str, str, Callable[[ReferenceServer], object]], ...] = (
    ("data", "contains the data", lambda s: [p.as_dict() for p in s.providers]),
    (
        "data-nested",
        "contains a message and the data",
        lambda s: {"message": "log in", "data": {"items": [p.as_dict() for p in s.providers]}},
    ),
    (
        "data-as-text",
        "contains the data as JSON in a string",
        lambda s: {"message": json.dumps([p.as_dict() for p in s.providers])},
    ),
    (
        "names",
        "names the providers",
        lambda s: {"message": "no access", "hidden": [p.name for p in s.providers]},
    ),
    (
        "one-provider",
        "contains one provider",
        lambda s: {"message": "for example", "example": s.providers[0].as_dict()},
    ),
    (
        "names-in-a-sentence",
        "names two providers in its message",
        lambda s: {"message": f"You may not see {s.providers[0].name}, {s.providers[4].name}."},
    ),
)


def _open_providers(server: ReferenceServer) -> object:
    return [
        {"type": p.type, "configuration": p.as_dict()["configuration"]} for p in server.providers
    ]


def _names_in_base64(server: ReferenceServer) -> object:
    names = json.dumps([provider.name for provider in server.providers])
    return {"message": "no access", "context": base64.b64encode(names.encode()).decode()}


TOLD += (
    ("names-in-base64", "names the providers in base64", _names_in_base64),
    (
        "providers-without-names",
        "contains types and configurations of providers without their names",
        lambda s: {"message": "no access", "partial": _open_providers(s)},
    ),
    (
        "an-address",
        "contains the URL of one provider",
        lambda _: {"message": "no access to https://weaviate.staging.example.com"},
    ),
    (
        "a-description",
        "contains the description of one provider",
        lambda s: {"message": f"Ask for it: {s.providers[8].description}."},
    ),
)
for _name, _fault, _tell in TOLD:
    REFUSALS.add(
        f"with-{_name}", f"The error response {_fault}.", partial(_Telling, _tell), "AUTH-06"
    )


@REFUSALS.fault("AUTH-06")
class NamesInHeader(ReferenceServer):
    """A header of the error response names the providers."""

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        if refusal is not None:
            names = [provider.name for provider in self.providers if provider.name.isascii()]
            refusal.headers["x-providers"] = ", ".join(names)
        return refusal


# The credential in responses to authorised requests ------------------------------------------


class _Repeating(ReferenceServer):
    """Adds the token to the headers of its responses."""

    def __init__(self, header: str, spell: Callable[[str], str] = str) -> None:
        super().__init__()
        self._header = header
        self._spell = spell

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if presented(request):
            answer.headers[self._header] = self._spell(presented(request))
        return answer


def _encoded(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


REFUSALS.add(
    "token-in-a-header",
    "Responses repeat the token in a header.",
    partial(_Repeating, "x-authorization"),
    "AUTH-08",
)
REFUSALS.add(
    "token-in-a-cookie",
    "Responses set a cookie that contains the token.",
    partial(_Repeating, "set-cookie", lambda token: f"session={token}; HttpOnly"),
    "AUTH-08",
)
REFUSALS.add(
    "token-in-base64",
    "Responses repeat the token in a header, in base64.",
    partial(_Repeating, "x-trace", _encoded),
    "AUTH-08",
)


@REFUSALS.fault("AUTH-08")
class TokenInTheBody(ReferenceServer):
    """Every provider contains the token of the request."""

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        rows = [
            self.represent(p, query) | {"trace": presented(request)} for p in self.select(query)
        ]
        return self.render(rows, request)


@REFUSALS.fault("AUTH-08")
class TokenInTheConfiguration(ReferenceServer):
    """The configuration of one provider contains the token of the request."""

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        rows = [self.represent(provider, query) for provider in self.select(query)]
        for row in rows:
            if row["name"] == "gcp-sandbox":
                row["configuration"] = {"file": f"Bearer {presented(request)}"}
        return self.render(rows, request)


# Headers and codes for clients ---------------------------------------------------------------


class _Coding(ReferenceServer):
    """Refuses tokens with another error code, and another header."""

    def __init__(self, code: str | None, scheme: str | None = "X-Authorization") -> None:
        super().__init__()
        self._code = code
        self._scheme = scheme

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        headers = {"www-authenticate": self._scheme} if self._scheme and status == 401 else None
        return error_reply(status, message, error=self._code, headers=headers)


REFUSALS.add(
    "without-scheme",
    "Status 401 has no WWW-Authenticate.",
    partial(_Coding, "EXPIRED_TOKEN", None),
    "AUTH-09",
)
REFUSALS.add(
    "without-code", "An expired token gets no error code.", partial(_Coding, None), "AUTH-12"
)
REFUSALS.add(
    "unknown-code",
    "An expired token gets the error code UNAUTHORIZED.",
    partial(_Coding, "UNAUTHORIZED"),
    "AUTH-12",
)


class _Storing(ListingServer):
    """Sets other headers for caches."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._headers = headers

    def render_listing(self, payload: object, request: Request) -> Response:
        return json_reply(payload, headers=self._headers)


for _name, _what, _headers in (
    ("public", "Cache-Control: public", {"cache-control": "public, max-age=60"}),
    ("for-a-minute", "Cache-Control: max-age=60", {"cache-control": "max-age=60"}),
    ("by-origin", "only Vary: Origin", {"cache-control": "", "vary": "Origin"}),
):
    REFUSALS.add(
        f"stored-{_name}",
        f"A shared cache may store the list: it has {_what}.",
        partial(_Storing, _headers),
        "AUTH-10",
    )


@REFUSALS.fault("AUTH-11", besides=("AUTH-06",))
class ExpiredTokenAccepted(ReferenceServer):
    """An expired token is accepted."""

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        expired = refusal is not None and b"EXPIRED_TOKEN" in bytes(refusal.body)
        return None if expired else refusal
