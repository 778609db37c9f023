"""Servers whose answers are no proper HTTP answers with one JSON text."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer, Refusal
from conformance.reference.faults.entries import Catalogue, ListingServer

HTTP = Catalogue("http")
Body = Callable[[bytes], bytes]
JSON = "application/json"


def _text(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


class _Bytes(ListingServer):
    """Sends other bytes, another media type or other headers than it should."""

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
        f"The media type is {_type}.",
        partial(_Bytes, media_type=_type),
        "HTTP-02",
    )
for _charset in ("iso-8859-1", "windows-1252", "utf-16", "us-ascii", "nonsense"):
    HTTP.add(
        f"charset-{_charset}",
        f"The media type says that the UTF-8 of the body is {_charset}.",
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
    ("not-a-number", "A member has the value NaN.", _with_word(b"NaN")),
    ("infinity", "A member has the value -Infinity.", _with_word(b"-Infinity")),
    ("undefined", "A member has the value undefined.", _with_word(b"undefined")),
    ("leading-zero", "A number begins with zeros.", _with_word(b"007")),
    ("capital-true", "Booleans are spelled as in Python.", lambda b: b.replace(b":true", b":True")),
    (
        "single-quotes",
        "Strings stand in single quotes.",
        lambda body: body.replace(b"'", b"").replace(b'"', b"'"),
    ),
    (
        "trailing-comma",
        "A comma stands before the end of the array.",
        lambda b: b[:-1] + b",]" if b != b"[]" else b,
    ),
    ("comment", "A comment stands before the array.", lambda body: b"// providers\n" + body),
    (
        "guarded",
        "The array comes after characters that no script can read.",
        lambda b: b")]}',\n" + b,
    ),
    ("callback", "The array is the argument of a function.", lambda b: b"callback(" + b + b");"),
    ("garbage-after", "Something comes after the array.", lambda body: body + b"OK"),
    ("two-texts", "The array comes twice.", lambda body: body + body),
    (
        "null-byte-after",
        "A null byte ends the body.",
        lambda body: body + b"\0",
    ),
    (
        "event-stream",
        "The array is an event of a stream.",
        lambda body: b"data: " + body + b"\n\n",
    ),
    ("cut-short", "The last ten characters are missing.", lambda body: body[:-10]),
    ("cut-at-4k", "The body ends after 4096 bytes.", lambda body: body[:4096]),
    ("empty", "The body is empty.", lambda _: b""),
    (
        "control-character",
        "Strings hold line breaks.",
        lambda body: body.replace(b"Shared OpenAI", b"Shared\nOpenAI"),
    ),
    (
        "escape",
        "A string holds an escape that JSON does not have.",
        lambda body: body.replace(b"Shared OpenAI", b"Shared\\xOpenAI"),
    ),
    ("gzip-unlabelled", "The body is compressed and nothing says so.", gzip.compress),
)
for _name, _fault, _body in BODIES:
    HTTP.add(_name, _fault, partial(_Bytes, _body), "HTTP-03")

HTTP.add(
    "lines",
    "Each provider is a line.",
    partial(_Bytes, lambda body: b"\n".join(map(_text, json.loads(body)))),
    "HTTP-03",
    # A single line is a JSON text, but no array.
    besides=("SHAPE-01",),
)
HTTP.add(
    "gzip-mislabelled",
    "The headers say gzip, and the body is plain.",
    partial(_Bytes, headers={"content-encoding": "gzip"}),
    "HTTP-03",
)
HTTP.add(
    "gzip-cut-short",
    "The compressed body is cut short.",
    partial(_Bytes, lambda b: gzip.compress(b)[:-20], headers={"content-encoding": "gzip"}),
    "HTTP-03",
)
HTTP.add(
    "deflate-as-gzip",
    "The headers say gzip, and the body is deflated.",
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
    """The body of one view, the active brokers, ends too early."""

    def render_listing(self, payload: object, request: Request) -> Response:
        body = _text(payload)
        if request.query_params.get("category") == "MESSAGE_BROKER" and b":false" not in body:
            body = body[:-1]
        return Response(body, media_type=JSON)


# Members that stand twice --------------------------------------------------------------------


def _twice(body: bytes) -> bytes:
    return body.replace(b'"enabled":', b'"enabled":true,"enabled":')


HTTP.add("member-twice", "The member enabled stands twice.", partial(_Bytes, _twice), "HTTP-04")
HTTP.add(
    "member-twice-in-a-tag",
    "The member key of a tag stands twice.",
    partial(_Bytes, lambda body: body.replace(b'{"key":', b'{"key":"","key":')),
    "HTTP-04",
)
HTTP.add(
    "member-twice-in-the-configuration",
    "A member of one provider's configuration stands twice.",
    partial(_Bytes, lambda body: body.replace(b'{"jdbcDriver":', b'{"user":"a","jdbcDriver":', 1)),
    "HTTP-04",
)


# Statuses ------------------------------------------------------------------------------------


for _status in (201, 203, 206, 299):
    HTTP.add(
        f"status-{_status}",
        f"Every answer has the status {_status}.",
        partial(_Bytes, status=_status),
        "HTTP-01",
    )


class _Refusing(ReferenceServer):
    """Answers some documented queries with another status than 200."""

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
    ("both-parameters-400", "Both parameters together are refused.", 400, _both),
    ("no-parameter-400", "A query without parameters is refused.", 400, lambda r: not r.url.query),
    (
        "category-required",
        "A query without category is refused.",
        422,
        lambda request: "category" not in request.query_params,
    ),
    (
        "category-required-500",
        "A query without category crashes the server.",
        500,
        lambda request: "category" not in request.query_params,
    ),
    (
        "both-required-500",
        "A query without both parameters crashes the server.",
        500,
        lambda request: not _both(request),
    ),
    ("one-category-500", "The category EMAIL crashes the server.", 500, _asks(category="EMAIL")),
    ("one-category-404", "The category CLOUD does not exist.", 404, _asks(category="CLOUD")),
    ("one-category-401", "The category GIT needs more rights.", 401, _asks(category="GIT")),
    ("active-only-true-400", "activeOnly=true is refused.", 400, _asks(activeOnly="true")),
    ("absent", "The endpoint does not exist.", 404, lambda _: True),
    ("not-allowed", "The endpoint takes no GET.", 405, lambda _: True),
    ("not-implemented", "The endpoint is not implemented.", 501, lambda _: True),
    ("teapot", "The endpoint answers nothing.", 418, lambda _: True),
)
for _name, _fault, _status, _concerns_request in REFUSALS:
    HTTP.add(
        _name,
        _fault,
        partial(_Refusing, _status, _concerns_request),
        "HTTP-01",
        besides=("ROBUST-01",),
    )


# What stands for nothing ---------------------------------------------------------------------


class _Empty(ListingServer):
    """Has its own idea of a view without providers."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        super().__init__()
        self._body = body
        self._status = status

    def render_listing(self, payload: object, request: Request) -> Response:
        if payload:
            return super().render_listing(payload, request)
        return Response(self._body, status_code=self._status, media_type=JSON)


NOTHING: tuple[tuple[str, str, bytes, int, tuple[str, ...]], ...] = (
    ("204", "is answered with 204", b"", 204, ("HTTP-01", "HTTP-05", "FILTER-03")),
    ("404", "is answered with 404", b'{"status":404}', 404, ("HTTP-01", "HTTP-05")),
    ("null", "is null", b"null", 200, ("HTTP-05", "SHAPE-01")),
    ("object", "is an empty object", b"{}", 200, ("HTTP-05", "SHAPE-01")),
    ("string", "is an empty string", b'""', 200, ("HTTP-05", "SHAPE-01")),
    ("array-of-null", "is an array with null in it", b"[null]", 200, ("SHAPE-01",)),
    ("array-of-array", "is an array with an empty one in it", b"[[]]", 200, ("SHAPE-01",)),
    ("array-of-object", "is an array with an empty object in it", b"[{}]", 200, ("SHAPE-02",)),
    ("no-body", "is a 200 without a body", b"", 200, ("HTTP-03", "HTTP-05")),
    ("blank", "is a 200 with a blank body", b" \n", 200, ("HTTP-03", "HTTP-05")),
    ("message", "is a sentence", b'{"message":"none"}', 200, ("HTTP-05", "SHAPE-01")),
)
for _name, _fault, _content, _status, _breaks in NOTHING:
    HTTP.add(
        f"nothing-is-{_name}",
        f"A view without providers {_fault}.",
        partial(_Empty, _content, _status),
        *_breaks,
        besides=("HTTP-05", "ROBUST-06"),
    )


# What stands for the array -------------------------------------------------------------------


class _Wrapping(ListingServer):
    """Answers with something else than an array of providers."""

    def __init__(self, wrap: Callable[[list[dict[str, Any]]], object]) -> None:
        super().__init__()
        self._wrap = wrap

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        return super().render_listing(self._wrap(payload), request)


WRAPPINGS: tuple[tuple[str, str, Callable[[list[dict[str, Any]]], object]], ...] = (
    ("object", "The array is the member providers of an object.", lambda p: {"providers": p}),
    (
        "page",
        "The array is the content of a page.",
        lambda p: {"content": p, "totalElements": len(p), "last": True},
    ),
    ("by-name", "The answer is a map of providers by name.", lambda p: {e["name"]: e for e in p}),
    ("string", "The array is JSON in a string.", lambda p: json.dumps(p)),
    ("twice", "The array stands in an array.", lambda p: [p]),
    ("in-arrays", "Each provider stands in an array of its own.", lambda p: [[e] for e in p]),
    ("with-null", "The array ends in null.", lambda p: [*p, None]),
    ("with-number", "The array begins with the number of providers.", lambda p: [len(p), *p]),
    ("names", "The array holds the names of providers.", lambda p: [e["name"] for e in p]),
    (
        "rows",
        "Each provider is an array of its values.",
        lambda p: [list(e.values()) for e in p],
    ),
    ("strings", "Each provider is JSON in a string.", lambda p: [json.dumps(e) for e in p]),
    (
        "single",
        "A view of one provider is not an array but the provider.",
        lambda p: p[0] if len(p) == 1 else p,
    ),
)
for _name, _fault, _wrap in WRAPPINGS:
    # Where every view is wrapped, the empty ones are no arrays either.
    HTTP.add(
        f"wrapped-{_name}", _fault, partial(_Wrapping, _wrap), "SHAPE-01", besides=("HTTP-05",)
    )


@HTTP.fault("HTTP-02", "HTTP-03")
class PageInsteadOfApi(ListingServer):
    """Every path that is not known to the front end is answered with its page."""

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response("<!doctype html><title>Conductor</title>", media_type="text/html")


@HTTP.fault("HTTP-02")
class TypeOfEmptyViews(ListingServer):
    """Views without providers have no media type."""

    def render_listing(self, payload: object, request: Request) -> Response:
        return super().render_listing(payload, request) if payload else Response(b"[]")


@HTTP.fault("HTTP-03")
class NotANumberInOneView(ListingServer):
    """One provider without a load has NaN for it, in views of its category."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        load = "@@" if (provider.type, query.category) == ("aws", "CLOUD") else 0.5
        return {**super().represent(provider, query), "load": load}

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response(_text(payload).replace(b'"@@"', b"NaN"), media_type=JSON)
