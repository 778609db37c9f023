"""Servers with unusual HTTP responses."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from conformance.reference import (
    Model,
    Operation,
    Provider,
    ProviderQuery,
    ReferenceServer,
    operation_of,
)
from conformance.reference.routing import OperationRoute
from conformance.reference.server import Handler
from conformance.reference.variations.entries import Catalogue
from conformance.reference.variations.relay import relayed

ANSWERS = Catalogue("answer")
JSON = "application/json"


def _text(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


class _Sending(ReferenceServer):
    """Sends the same JSON in another form."""

    def __init__(
        self,
        body: Callable[[object], bytes] = _text,
        *,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._body = body
        self._headers = {"content-type": media_type} | dict(headers or {})

    def render(self, payload: object, request: Request) -> Response:
        return Response(self._body(payload), headers=self._headers)


def _raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(body) + squeeze.flush()


def _in_two_members(body: bytes) -> bytes:
    return gzip.compress(body[:50]) + gzip.compress(body[50:])


def _encoded(encode: Callable[[bytes], bytes], payload: object) -> bytes:
    return encode(_text(payload))


BODIES: tuple[tuple[str, str, Callable[[object], bytes]], ...] = (
    ("indented", "indented", lambda payload: json.dumps(payload, indent="\t").encode()),
    ("ascii", "in ASCII with escapes", lambda payload: json.dumps(payload).encode()),
    (
        "blanks-around",
        "surrounded by whitespace",
        lambda payload: b"\r\n\t " + _text(payload) + b"\r\n\n",
    ),
    (
        "names-escaped",
        "written with escapes in field names",
        lambda p: json.dumps(p).replace('"name"', '"\\u006eame"').encode(),
    ),
    ("slashes-escaped", "written with escaped slashes", lambda p: _text(p).replace(b"/", b"\\/")),
)
for _name, _what, _body in BODIES:
    ANSWERS.add(_name, f"The JSON is {_what}.", partial(_Sending, _body))

for _name, _type in {
    "capitals": "Application/JSON",
    "charset": "application/json;charset=UTF-8",
    "charset-quoted": 'application/json; charset="utf-8"',
    "charset-spaced": "application/json ; charset=utf8",
    "other-parameter": "application/json; odata.metadata=none; v=1",
    "semicolon": "application/json;",
}.items():
    ANSWERS.add(f"type-{_name}", f"The media type is {_type}.", partial(_Sending, media_type=_type))
for _charset in ("us-ascii", "iso-8859-1"):
    ANSWERS.add(
        f"type-{_charset}",
        f"The charset is {_charset}, and the body is in ASCII.",
        partial(_Sending, BODIES[1][2], media_type=f"{JSON}; charset={_charset}"),
    )
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": _in_two_members,
    "deflate": zlib.compress,
    "identity": bytes,
}
for _coding, _encode in CODINGS.items():
    ANSWERS.add(
        f"coding-{_coding}",
        f"The body has the content coding {_coding}.",
        partial(_Sending, partial(_encoded, _encode), headers={"content-encoding": _coding}),
    )
ANSWERS.add(
    "coding-raw-deflate",
    "The body is deflated without the zlib header.",
    partial(
        _Sending,
        partial(_encoded, _raw_deflate),
        headers={"content-encoding": "deflate"},
    ),
)
ANSWERS.add(
    "close",
    "Every connection is closed after one response.",
    partial(_Sending, headers={"connection": "close"}),
)
ANSWERS.add(
    "closed-without-a-word",
    "Every connection is closed after one response, without announcing it.",
    ReferenceServer,
    front=relayed,
)
ANSWERS.add(
    "http-1-0",
    "Responses are in HTTP/1.0 without Content-Length.",
    ReferenceServer,
    front=partial(relayed, version="HTTP/1.0", lengths=False),
)
ANSWERS.add(
    "without-length",
    "Responses are in HTTP/1.1 without Content-Length.",
    ReferenceServer,
    front=partial(relayed, lengths=False),
)
ANSWERS.add(
    "early-hints",
    "Informational responses 102 and 103 precede each response.",
    ReferenceServer,
    front=partial(relayed, early=True),
)
ANSWERS.add(
    "header-beyond-ascii",
    "One header is not ASCII, and another is empty.",
    partial(_Sending, headers={"x-owner": "Zo\u00eb", "x-empty": ""}),
)
ANSWERS.add(
    "cacheable",
    "Responses are cacheable and have entity tags and cookies.",
    partial(
        _Sending,
        headers={
            "cache-control": "public, max-age=60",
            "etag": '"1"',
            "vary": "*",
            "set-cookie": "theme=dark",
            "access-control-allow-origin": "*",
        },
    ),
)


@ANSWERS.variation()
class Chunked(ReferenceServer):
    """The body is sent in chunks that split characters."""

    def render(self, payload: object, request: Request) -> Response:
        body = _text(payload)

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 701):
                yield body[start : start + 701]

        return StreamingResponse(chunks(), media_type=JSON)


@ANSWERS.variation()
class AnyOrder(ReferenceServer):
    """The order of the providers differs in every response."""

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(5)  # noqa: S311 - not a secret

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        return self._random.sample(chosen, len(chosen))


class _Few(ReferenceServer):
    """Has only some of the related endpoints."""

    def __init__(self, *kept: Operation) -> None:
        super().__init__()
        self._kept = {Operation.LISTING, Operation.TOKEN, *kept}

    def routes(self) -> list[BaseRoute]:
        return [
            route
            for route in super().routes()
            if isinstance(route, OperationRoute) and route.name in self._kept
        ]


ANSWERS.add("no-siblings", "There are no related endpoints.", _Few, "MODEL-06")
ANSWERS.add(
    "no-models-endpoint",
    "Models are listed only by Get All Integrations.",
    partial(_Few, Operation.INTEGRATIONS),
    "MODEL-06",
)
ANSWERS.add(
    "only-single-providers",
    "Single providers can be requested, but no endpoint lists models.",
    partial(_Few, Operation.PROVIDER),
    "MODEL-06",
)


class _FewModels(_Few):
    """Has models in two providers alone, each with as many engines, which may be a coincidence."""

    def __init__(self) -> None:
        super().__init__()
        with_models = ("openAI", "Pinecone")
        self.providers = tuple(
            one if one.name in with_models else replace(one, models=()) for one in self.providers
        )

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        engines = [{"size": 1}] * provider.models_count
        return super().represent(provider, query) | {"engines": engines}


ANSWERS.add(
    "few-models-and-no-siblings",
    "Two providers have models and as many engines, and there are no related endpoints.",
    _FewModels,
    "MODEL-02",
    "MODEL-06",
)
ANSWERS.add("no-get-all", "Get All Integrations is missing.", partial(_Few, Operation.MODELS))


@ANSWERS.variation()
class ModelsWithoutEnabled(ReferenceServer):
    """Related endpoints do not show which models are active; modelsCount counts these."""

    def represent_model(self, provider: Provider, model: Model) -> dict[str, object]:
        shown = super().represent_model(provider, model)
        return {name: value for name, value in shown.items() if name != "enabled"}


class _Siblings(ReferenceServer):
    """Returns another response from related endpoints."""

    def __init__(self, answer: Callable[[], Response]) -> None:
        super().__init__()
        self._answer = answer

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) in (Operation.INTEGRATIONS, Operation.MODELS):
            return self._answer()
        return await super().respond(request, handler)


for _status in (401, 403, 405, 500):
    ANSWERS.add(
        f"siblings-{_status}",
        f"Related endpoints return status {_status}.",
        partial(_Siblings, partial(Response, status_code=_status)),
        "MODEL-06",
    )
ANSWERS.add(
    "siblings-pages",
    "Related endpoints return an HTML page.",
    partial(_Siblings, partial(PlainTextResponse, "<!doctype html>", media_type="text/html")),
    "MODEL-06",
)


# Addresses -----------------------------------------------------------------------------------

PREFIX = "/team/conductor"
for _name, _prefix, _address in (
    ("prefix-and-api", f"{PREFIX}/api", str),
    ("prefix-without-api", f"{PREFIX}/api", lambda url: url.removesuffix("/api")),
    ("prefix-with-slash", f"{PREFIX}/api", lambda url: f"{url}/"),
    ("prefix-instead-of-api", PREFIX, str),
    ("endpoint", "/api", lambda url: f"{url}/integrations/provider"),
    ("host-only", "/api", lambda url: url.removesuffix("/api")),
):
    ANSWERS.add(
        f"at-{_name}",
        f"The API is under {_prefix}, and the URL is given in one of the accepted forms.",
        partial(ReferenceServer, prefix=_prefix),
        address=_address,
    )


@ANSWERS.variation()
class Redirected(ReferenceServer):
    """Authorised requests are redirected to the same path with a trailing slash."""

    def routes(self) -> list[BaseRoute]:
        path = f"{self.prefix}/integrations/provider/"
        handler = partial(self.respond, handler=super().list_providers)
        return [*super().routes(), OperationRoute(Operation.LISTING, path, handler)]

    async def list_providers(self, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{request.url.path}/{query}", status_code=307)


# Transient failures -------------------------------------------------------------------------


class _Troubled(ReferenceServer):
    """Responds to some requests with a status that invites a retry."""

    def __init__(self, status: int, meets: Callable[[int], bool]) -> None:
        super().__init__()
        self._status = status
        self._meets = meets
        self._number = itertools.count(1)

    async def respond(self, request: Request, handler: Handler) -> Response:
        if self._meets(next(self._number)):
            return Response(status_code=self._status, headers={"retry-after": "0"})
        return await super().respond(request, handler)


ANSWERS.add("busy-once", "The fifth response is 429.", partial(_Troubled, 429, lambda n: n == 5))
ANSWERS.add(
    "busy-at-first", "The first three responses are 503.", partial(_Troubled, 503, lambda n: n < 4)
)
for _status in (429, 502, 503, 504):
    ANSWERS.add(
        f"now-and-then-{_status}",
        f"Every seventh response is {_status}.",
        partial(_Troubled, _status, lambda number: number % 7 == 0),
    )
