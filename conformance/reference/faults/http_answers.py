"""Servers whose responses are not valid HTTP responses with one JSON text."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer, Refusal
from conformance.reference.faults.entries import Catalogue, ListingServer

HTTP = Catalogue("http")
Body = Callable[[bytes], bytes]
JSON = "application/json"


def _text(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


class _Bytes(ListingServer):
    """Sends a wrong body, media type, status or headers."""

    def __init__(
        self,
        body: Body = bytes,
        *,
        media_type: str | None = JSON,
        headers: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> None:
        super().__init__()
        self._body = body
        self._type = media_type
        self._headers = headers
        self._status = status

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response(
            self._body(_text(payload)),
            status_code=self._status,
            media_type=self._type,
            headers=self._headers,
        )


# Media type ----------------------------------------------------------------------------------

for _type in (
    None,
    "text/plain",
    "text/html",
    "text/json",
    "application/octet-stream",
    "application/x-ndjson",
    "application/problem+json",
    "application/vnd.conductor.v1+json",
    "application/hal+json",
    "application/json, text/html",
    "json",
):
    _name = "missing" if _type is None else _type.replace("/", "-").replace(", ", "-and-")
    HTTP.add(
        f"type-{_name}",
        f"The media type is {_type or 'missing'}.",
        partial(_Bytes, media_type=_type),
        "HTTP-02",
    )
for _charset in ("iso-8859-1", "windows-1252", "utf-16", "us-ascii", "nonsense"):
    HTTP.add(
        f"charset-{_charset}",
        f"The media type declares the charset {_charset}, but the body is UTF-8.",
        partial(_Bytes, media_type=f"{JSON}; charset={_charset}"),
        "HTTP-02",
    )


# The bytes of the body -----------------------------------------------------------------------


def _latin1(body: bytes) -> bytes:
    return body.decode().encode("latin-1", "replace")


def _with_word(word: bytes) -> Body:
    return lambda body: body.replace(b'"enabled":true', b'"load":' + word + b',"enabled":true')


BODIES: tuple[tuple[str, str, Body], ...] = (
    ("latin-1", "The body is in Latin-1.", _latin1),
    ("utf-16", "The body is in UTF-16.", lambda body: body.decode().encode("utf-16")),
    ("byte-order-mark", "The body begins with a byte order mark.", lambda b: b"\xef\xbb\xbf" + b),
    ("not-a-number", "A field has the value NaN.", _with_word(b"NaN")),
    ("infinity", "A field has the value -Infinity.", _with_word(b"-Infinity")),
    ("undefined", "A field has the value undefined.", _with_word(b"undefined")),
    ("leading-zero", "A number has leading zeros.", _with_word(b"007")),
    (
        "capital-true",
        "The boolean true is written True, as in Python.",
        lambda b: b.replace(b":true", b":True"),
    ),
    (
        "single-quotes",
        "Strings are in single quotes.",
        lambda body: body.replace(b"'", b"").replace(b'"', b"'"),
    ),
    (
        "trailing-comma",
        "The array has a trailing comma.",
        lambda b: b[:-1] + b",]" if b != b"[]" else b,
    ),
    ("comment", "The array follows a comment.", lambda body: b"// providers\n" + body),
    (
        "guarded",
        "The array follows a prefix against script inclusion.",
        lambda b: b")]}',\n" + b,
    ),
    ("callback", "The array is the argument of a function.", lambda b: b"callback(" + b + b");"),
    ("garbage-after", "Text follows the array.", lambda body: body + b"OK"),
    ("two-texts", "The array is sent twice.", lambda body: body + body),
    (
        "null-byte-after",
        "The body ends with a null byte.",
        lambda body: body + b"\0",
    ),
    (
        "event-stream",
        "The array is a server-sent event.",
        lambda body: b"data: " + body + b"\n\n",
    ),
    ("cut-short", "The last ten characters are missing.", lambda body: body[:-10]),
    ("cut-at-4k", "The body ends after 4096 bytes.", lambda body: body[:4096]),
    ("empty", "The body is empty.", lambda _: b""),
    (
        "control-character",
        "A string contains a raw line break.",
        lambda body: body.replace(b"Shared OpenAI", b"Shared\nOpenAI"),
    ),
    (
        "escape",
        "A string contains an escape that JSON does not define.",
        lambda body: body.replace(b"Shared OpenAI", b"Shared\\xOpenAI"),
    ),
    ("gzip-unlabelled", "The body is compressed without Content-Encoding.", gzip.compress),
)
for _name, _fault, _body in BODIES:
    HTTP.add(_name, _fault, partial(_Bytes, _body), "HTTP-03")

HTTP.add(
    "lines",
    "Each provider is on a line of its own, without an array.",
    partial(_Bytes, lambda body: b"\n".join(map(_text, json.loads(body)))),
    "HTTP-03",
    # A single line is a JSON text, but not an array.
    besides=("SHAPE-01",),
)
HTTP.add(
    "gzip-mislabelled",
    "Content-Encoding is gzip, but the body is not compressed.",
    partial(_Bytes, headers={"content-encoding": "gzip"}),
    "HTTP-03",
)
HTTP.add(
    "gzip-cut-short",
    "The compressed body is truncated.",
    partial(_Bytes, lambda b: gzip.compress(b)[:-20], headers={"content-encoding": "gzip"}),
    "HTTP-03",
)
HTTP.add(
    "deflate-as-gzip",
    "Content-Encoding is gzip, but the body is deflated.",
    partial(_Bytes, zlib.compress, headers={"content-encoding": "gzip"}),
    "HTTP-03",
)
HTTP.add(
    "length-too-long",
    "The body is shorter than its announced length.",
    partial(_Bytes, headers={"content-length": "1000000"}),
    "HTTP-03",
)


@HTTP.fault("HTTP-03")
class OneViewCutShort(ListingServer):
    """The body of one result, the active message brokers, is truncated."""

    def render_listing(self, payload: object, request: Request) -> Response:
        body = _text(payload)
        if request.query_params.get("category") == "MESSAGE_BROKER" and b":false" not in body:
            body = body[:-1]
        return Response(body, media_type=JSON)


# Duplicate fields ---------------------------------------------------------------------------


def _twice(body: bytes) -> bytes:
    return body.replace(b'"enabled":', b'"enabled":true,"enabled":')


HTTP.add("member-twice", "The field enabled appears twice.", partial(_Bytes, _twice), "HTTP-04")
HTTP.add(
    "member-twice-in-a-tag",
    "The field key of a tag appears twice.",
    partial(_Bytes, lambda body: body.replace(b'{"key":', b'{"key":"","key":')),
    "HTTP-04",
)
HTTP.add(
    "member-twice-in-the-configuration",
    "A field of one provider's configuration appears twice.",
    partial(_Bytes, lambda body: body.replace(b'{"jdbcDriver":', b'{"user":"a","jdbcDriver":', 1)),
    "HTTP-04",
)


# Statuses ------------------------------------------------------------------------------------


for _status in (201, 203, 206, 299):
    HTTP.add(
        f"status-{_status}",
        f"Every response has status {_status}.",
        partial(_Bytes, status=_status),
        "HTTP-01",
    )


class _Refusing(ReferenceServer):
    """Responds to some documented queries with a status other than 200."""

    def __init__(self, status: int, concerns: Callable[[Request], bool]) -> None:
        super().__init__()
        self._status = status
        self._concerns = concerns

    async def list_providers(self, request: Request) -> Response:
        if self._concerns(request):
            raise Refusal("that does not work here", status=self._status)
        return await super().list_providers(request)


def _both(request: Request) -> bool:
    return {"category", "activeOnly"} <= request.query_params.keys()


def _asks(**values: str) -> Callable[[Request], bool]:
    return lambda request: all(request.query_params.get(n) == v for n, v in values.items())


REFUSALS: tuple[tuple[str, str, int, Callable[[Request], bool]], ...] = (
    ("both-parameters-400", "A query with both parameters returns 400.", 400, _both),
    ("no-parameter-400", "A query without parameters returns 400.", 400, lambda r: not r.url.query),
    (
        "category-required",
        "A query without category returns 422.",
        422,
        lambda request: "category" not in request.query_params,
    ),
    (
        "category-required-500",
        "A query without category returns 500.",
        500,
        lambda request: "category" not in request.query_params,
    ),
    (
        "both-required-500",
        "A query that lacks a parameter returns 500.",
        500,
        lambda request: not _both(request),
    ),
    ("one-category-500", "The category EMAIL returns 500.", 500, _asks(category="EMAIL")),
    ("one-category-404", "The category CLOUD returns 404.", 404, _asks(category="CLOUD")),
    ("one-category-401", "The category GIT returns 401.", 401, _asks(category="GIT")),
    ("active-only-true-400", "activeOnly=true returns 400.", 400, _asks(activeOnly="true")),
    ("absent", "The endpoint returns 404.", 404, lambda _: True),
    ("not-allowed", "The endpoint returns 405 to GET.", 405, lambda _: True),
    ("not-implemented", "The endpoint returns 501.", 501, lambda _: True),
    ("teapot", "The endpoint always returns 418.", 418, lambda _: True),
)
for _name, _fault, _status, _concerns_request in REFUSALS:
    HTTP.add(
        _name,
        _fault,
        partial(_Refusing, _status, _concerns_request),
        "HTTP-01",
        besides=("ROBUST-01",),
    )


# Empty results -----------------------------------------------------------------------------


class _Empty(ListingServer):
    """Returns a wrong response for an empty result."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        super().__init__()
        self._body = body
        self._status = status

    def render_listing(self, payload: object, request: Request) -> Response:
        if payload:
            return super().render_listing(payload, request)
        return Response(self._body, status_code=self._status, media_type=JSON)


NOTHING: tuple[tuple[str, str, bytes, int, tuple[str, ...]], ...] = (
    ("204", "returns status 204", b"", 204, ("HTTP-05",)),
    ("404", "returns status 404", b'{"status":404}', 404, ("HTTP-05",)),
    ("null", "is null", b"null", 200, ("HTTP-05", "SHAPE-01")),
    ("object", "is an empty object", b"{}", 200, ("HTTP-05", "SHAPE-01")),
    ("string", "is an empty string", b'""', 200, ("HTTP-05", "SHAPE-01")),
    ("array-of-null", "is an array that contains null", b"[null]", 200, ("SHAPE-01",)),
    ("array-of-array", "is an array that contains an empty array", b"[[]]", 200, ("SHAPE-01",)),
    ("array-of-object", "is an array that contains an empty object", b"[{}]", 200, ("SHAPE-02",)),
    ("no-body", "has status 200 and no body", b"", 200, ("HTTP-03", "HTTP-05")),
    ("blank", "has status 200 and a body of whitespace", b" \n", 200, ("HTTP-03", "HTTP-05")),
    ("message", "is an object with a message", b'{"message":"none"}', 200, ("HTTP-05", "SHAPE-01")),
)
for _name, _fault, _content, _status, _breaks in NOTHING:
    HTTP.add(
        f"nothing-is-{_name}",
        f"An empty result {_fault}.",
        partial(_Empty, _content, _status),
        *_breaks,
        besides=("HTTP-05", "ROBUST-06"),
    )


# Wrapped arrays ----------------------------------------------------------------------------


class _Wrapping(ListingServer):
    """Returns something else than an array of providers."""

    def __init__(self, wrap: Callable[[list[dict[str, Any]]], object]) -> None:
        super().__init__()
        self._wrap = wrap

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        return super().render_listing(self._wrap(payload), request)


WRAPPINGS: tuple[tuple[str, str, Callable[[list[dict[str, Any]]], object]], ...] = (
    ("object", "The array is the field providers of an object.", lambda p: {"providers": p}),
    (
        "page",
        "The array is the field content of a page object.",
        lambda p: {"content": p, "totalElements": len(p), "last": True},
    ),
    ("by-name", "The response is a map of providers by name.", lambda p: {e["name"]: e for e in p}),
    ("string", "The array is JSON in a string.", lambda p: json.dumps(p)),
    ("twice", "The array is nested in another array.", lambda p: [p]),
    ("in-arrays", "Each provider is in an array of its own.", lambda p: [[e] for e in p]),
    ("with-null", "The array ends with null.", lambda p: [*p, None]),
    ("with-number", "The array begins with the number of providers.", lambda p: [len(p), *p]),
    ("names", "The array contains names instead of providers.", lambda p: [e["name"] for e in p]),
    (
        "rows",
        "Each provider is an array of its values.",
        lambda p: [list(e.values()) for e in p],
    ),
    ("strings", "Each provider is JSON in a string.", lambda p: [json.dumps(e) for e in p]),
    (
        "single",
        "A result of one provider is that provider instead of an array.",
        lambda p: p[0] if len(p) == 1 else p,
    ),
)
for _name, _fault, _wrap in WRAPPINGS:
    # If every result is wrapped, the empty ones are not arrays either.
    HTTP.add(
        f"wrapped-{_name}", _fault, partial(_Wrapping, _wrap), "SHAPE-01", besides=("HTTP-05",)
    )


@HTTP.fault("HTTP-02", "HTTP-03")
class PageInsteadOfApi(ListingServer):
    """The front end returns its HTML page for every path that it does not know."""

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response("<!doctype html><title>Conductor</title>", media_type="text/html")


@HTTP.fault("HTTP-02")
class TypeOfEmptyViews(ListingServer):
    """Empty results have no media type."""

    def render_listing(self, payload: object, request: Request) -> Response:
        return super().render_listing(payload, request) if payload else Response(b"[]")


@HTTP.fault("HTTP-03")
class NotANumberInOneView(ListingServer):
    """One provider has a field with the value NaN, in results of its category."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        load = "@@" if (provider.type, query.category) == ("aws", "CLOUD") else 0.5
        return {**super().represent(provider, query), "load": load}

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response(_text(payload).replace(b'"@@"', b"NaN"), media_type=JSON)


# HEAD and Accept ---------------------------------------------------------------------------


class _Heading(ListingServer):
    """Responds to HEAD in another way than to GET."""

    def __init__(self, status: int = 200, body: bytes = b"") -> None:
        super().__init__()
        self._status = status
        self._body = body

    def render_listing(self, payload: object, request: Request) -> Response:
        if request.method != "HEAD":
            return super().render_listing(payload, request)
        return Response(self._body, status_code=self._status, media_type=JSON)


HTTP.add("head-crashes", "HEAD returns status 500.", partial(_Heading, 500), "HTTP-06")
HTTP.add("head-bad-request", "HEAD returns status 400.", partial(_Heading, 400), "HTTP-06")
HTTP.add("head-no-content", "HEAD returns status 204.", partial(_Heading, 204), "HTTP-06")


@HTTP.fault("HTTP-06", profile="standard")
class HeadNotFoundIfEmpty(ListingServer):
    """HEAD returns status 404 if the result is empty."""

    def render_listing(self, payload: object, request: Request) -> Response:
        if request.method == "HEAD" and not payload:
            return self.refuse(404, "No such integration")
        return super().render_listing(payload, request)


@HTTP.fault("HTTP-06")
class HeadNotValidated(ListingServer):
    """A malformed boolean gets status 400 with GET, and 200 with HEAD."""

    def read_active_only(self, request: Request) -> bool:
        if request.method == "HEAD":
            return request.query_params.get("activeOnly") != "false"
        return super().read_active_only(request)


class _Picky(ListingServer):
    """Accepts only some values of the header Accept."""

    def __init__(self, accepts: Callable[[str], bool]) -> None:
        super().__init__()
        self._accepts = accepts

    def render_listing(self, payload: object, request: Request) -> Response:
        if self._accepts(request.headers.get("accept", "")):
            return super().render_listing(payload, request)
        return self.refuse(406, "Only application/json is available")


@HTTP.fault("HTTP-07")
class AcceptHtmlAtAll(ListingServer):
    """An Accept header that admits HTML gets a page, even if it prefers JSON."""

    def render_listing(self, payload: object, request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse("<!doctype html><title>Integrations</title>")
        return super().render_listing(payload, request)


HTTP.add(
    "accept-exactly-json",
    "Any Accept header other than application/json returns status 406.",
    partial(_Picky, lambda accept: accept == "application/json"),
    "HTTP-07",
)
HTTP.add(
    "accept-no-wildcards",
    "Wildcards in the Accept header return status 406.",
    partial(_Picky, lambda accept: "*/*" not in accept and "/*" not in accept),
    "HTTP-07",
)
HTTP.add(
    "accept-no-weights",
    "Weights in the Accept header return status 406.",
    partial(_Picky, lambda accept: "q=" not in accept),
    "HTTP-07",
)
