"""Servers that accept requests which they must refuse."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from conformance.reference import Operation, ReferenceServer, operation_of, tokens
from conformance.reference.faults.entries import Catalogue
from conformance.reference.routing import OperationRoute
from conformance.reference.server import Handler

AUTH = Catalogue("auth")


def presented(request: Request) -> str:
    """Return the token of a request, or ``""``."""
    return request.headers.get("x-authorization", "")


class _Lenient(ReferenceServer):
    """Accepts some unauthorised requests."""

    def __init__(self, admits: Callable[[Request], bool]) -> None:
        super().__init__()
        self._admits = admits

    def authorise(self, request: Request) -> Response | None:
        return None if self._admits(request) else super().authorise(request)


ADMISSIONS: tuple[tuple[str, str, Callable[[Request], bool], tuple[str, ...]], ...] = (
    (
        "none",
        "No token is ever required.",
        lambda _: True,
        ("AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06"),
    ),
    (
        "not-for-head",
        "HEAD needs no token.",
        lambda request: request.method == "HEAD",
        ("AUTH-05",),
    ),
    (
        "not-for-active-only-false",
        "Queries with activeOnly=false need no token.",
        lambda request: request.query_params.get("activeOnly") == "false",
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-without-query",
        "The query without parameters needs no token.",
        lambda request: not request.url.query,
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-for-one-category",
        "The query for active EMAIL providers needs no token.",
        lambda request: request.url.query == "category=EMAIL&activeOnly=true",
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-for-an-empty-view",
        "The query for active GIT providers, whose result is empty, needs no token.",
        lambda request: request.url.query == "category=GIT&activeOnly=true",
        ("AUTH-01",),
    ),
    (
        "not-for-pages",
        "Requests that accept HTML need no token.",
        lambda request: "text/html" in request.headers.get("accept", ""),
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-with-unknown-parameters",
        "A query with an unknown parameter needs no token.",
        lambda request: "includeModels" in request.query_params,
        ("AUTH-06",),
    ),
    (
        "not-for-encoded-queries",
        "A query with a percent sign needs no token.",
        lambda request: "%" in request.url.query,
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-in-another-order",
        "A query that begins with activeOnly and has a category needs no token.",
        lambda request: request.url.query.startswith("activeOnly=false&category"),
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "empty-token",
        "An empty token is accepted.",
        lambda request: request.headers.get("x-authorization") == "",
        ("AUTH-02", "AUTH-06"),
    ),
    (
        "any-token",
        "Any non-empty token is accepted.",
        lambda request: bool(presented(request)),
        ("AUTH-03", "AUTH-04", "AUTH-06"),
    ),
    (
        "any-header",
        "The header must be present, but any value is accepted.",
        lambda request: "x-authorization" in request.headers,
        ("AUTH-02", "AUTH-03", "AUTH-04"),
    ),
)
for _name, _fault, _admits, _breaks in ADMISSIONS:
    AUTH.add(_name, _fault, partial(_Lenient, _admits), *_breaks)


class _PathAsWritten(ReferenceServer):
    """Serves another path as well, but requires a token only for the documented one."""

    def __init__(self, other: str) -> None:
        super().__init__()
        self._other = other

    def routes(self) -> list[BaseRoute]:
        path = self.prefix + self._other
        handler = partial(self.respond, handler=self.list_providers)
        return [OperationRoute(Operation.LISTING, path, handler), *super().routes()]

    def authorise(self, request: Request) -> Response | None:
        documented = f"{self.prefix}/integrations/provider".encode()
        if operation_of(request) is Operation.LISTING and request.scope["raw_path"] != documented:
            return None
        return super().authorise(request)


for _name, _other, _words in (
    ("slash", "/integrations/provider/", "with a slash at its end"),
    ("parameter", "/integrations/provider;x=1", "with a parameter at its end"),
    ("suffix", "/integrations/provider.json", "with the suffix .json"),
    ("two-slashes", "/integrations//provider", "with two slashes in a row"),
    ("dot", "/integrations/./provider", "with a segment that is a dot"),
    ("two-dots", "/integrations/x/../provider", "with a segment that is taken back"),
    ("encoded-letter", "/integrations/provider", "with a percent-encoded letter"),
    ("capitals", "/integrations/PROVIDER", "in capital letters"),
):
    AUTH.add(
        f"not-for-a-path-{_name}",
        f"The path {_words} is the same endpoint and needs no token.",
        partial(_PathAsWritten, _other),
        "AUTH-06",
    )


# Tokens that are not checked completely ------------------------------------------------------


def _header_and_claims(token: str) -> tuple[dict[str, object], dict[str, object]]:
    try:
        parts = token.split(".")
        decoded = [json.loads(base64.urlsafe_b64decode(part + "===")) for part in parts[:2]]
    except (ValueError, RecursionError):
        return {}, {}
    header, claims = decoded if len(decoded) == 2 else ({}, {})
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


class _Issuing(ReferenceServer):
    """Remembers the issued tokens and compares them by ``accepts``."""

    def __init__(self) -> None:
        super().__init__()
        self.issued: list[str] = []

    def issue_token(self, *, expired: bool = False) -> str:
        token = super().issue_token(expired=expired)
        if not expired:
            self.issued.append(token)
        return token

    def authorise(self, request: Request) -> Response | None:
        if any(self.accepts(presented(request), token) for token in self.issued):
            return None
        return self.refuse(401, "A valid token is required", error="INVALID_TOKEN")

    def accepts(self, given: str, own: str) -> bool:
        return given == own


@AUTH.fault("AUTH-04")
class BeginningOfTheToken(_Issuing):
    """Tokens are compared by their first sixty-four characters."""

    def accepts(self, given: str, own: str) -> bool:
        return given[:64] == own[:64]


@AUTH.fault("AUTH-04")
class AnyBeginningOfTheToken(_Issuing):
    """A non-empty token is accepted if an issued one begins with it."""

    def accepts(self, given: str, own: str) -> bool:
        return bool(given) and own.startswith(given)


@AUTH.fault("AUTH-02", "AUTH-04")
class NothingIsABeginning(_Issuing):
    """A token is accepted if an issued one begins with it, even an empty token."""

    def accepts(self, given: str, own: str) -> bool:
        return own.startswith(given)


@AUTH.fault("AUTH-04")
class TokenInAnyCase(_Issuing):
    """Tokens are compared case-insensitively."""

    def accepts(self, given: str, own: str) -> bool:
        return given.lower() == own.lower()


@AUTH.fault("AUTH-04")
class MoreThanTheToken(_Issuing):
    """A token is accepted if it begins with an issued one."""

    def accepts(self, given: str, own: str) -> bool:
        return given.startswith(own)


@AUTH.fault("AUTH-04")
class TokenWithBlanks(_Issuing):
    """Whitespace is removed from a token before the comparison."""

    def accepts(self, given: str, own: str) -> bool:
        return "".join(given.split()) == own


@AUTH.fault("AUTH-04")
class TokenOfSameLength(_Issuing):
    """A token is accepted if it has the length, beginning and end of an issued one."""

    def accepts(self, given: str, own: str) -> bool:
        return len(given) == len(own) and (given[:8], given[-8:]) == (own[:8], own[-8:])


@AUTH.fault("AUTH-04")
class HexadecimalInAnyCase(_Issuing):
    """Tokens are hexadecimal and compared case-insensitively."""

    def issue_token(self, *, expired: bool = False) -> str:
        if expired:
            return "ffeeddccbbaa00990f3a9bc4d17e5286"
        self.issued.append("0f3a9bc4d17e5286ffeeddccbbaa0099")
        return self.issued[-1]

    def accepts(self, given: str, own: str) -> bool:
        return given.lower() == own


@AUTH.fault("AUTH-03", "AUTH-04")
class SignatureNotVerified(_Issuing):
    """Any JSON Web Token with an expiry time is accepted."""

    def accepts(self, given: str, own: str) -> bool:
        return "exp" in _header_and_claims(given)[1]


@AUTH.fault("AUTH-04")
class SignatureOfOtherClaims(_Issuing):
    """Only the signature is compared, so it is accepted with any claims."""

    def accepts(self, given: str, own: str) -> bool:
        return given.rpartition(".")[2] == own.rpartition(".")[2]


@AUTH.fault("AUTH-04")
class ClaimsWithAnySignature(_Issuing):
    """Only header and claims are compared, so they are accepted with any signature."""

    def accepts(self, given: str, own: str) -> bool:
        return given.rpartition(".")[0] == own.rpartition(".")[0]


@AUTH.fault("AUTH-03")
class UnsignedTokens(_Issuing):
    """A token with the algorithm none needs no signature."""

    def accepts(self, given: str, own: str) -> bool:
        header, claims = _header_and_claims(given)
        return given == own or (header.get("alg") == "none" and "sub" in claims)


@AUTH.fault("AUTH-03")
class UnsignedTokensInOtherWords(_Issuing):
    """A token with the algorithm None, with a capital letter, needs no signature."""

    def accepts(self, given: str, own: str) -> bool:
        header, claims = _header_and_claims(given)
        return given == own or (header.get("alg") == "None" and "sub" in claims)


@AUTH.fault("AUTH-03")
class EmptyKey(_Issuing):
    """Tokens are verified with the server's key, and with the empty key of a missing setting."""

    def accepts(self, given: str, own: str) -> bool:
        if given == own:
            return True
        with suppress(tokens.InvalidToken):
            return bool(tokens.verify(given, b"", now=self.clock()))
        return False


@AUTH.fault("AUTH-04")
class EmptySignature(_Issuing):
    """An empty signature is accepted."""

    def accepts(self, given: str, own: str) -> bool:
        return given == own or given == own.rpartition(".")[0] + "."


@AUTH.fault("AUTH-04")
class NoSignature(_Issuing):
    """A token without a signature part is accepted."""

    def accepts(self, given: str, own: str) -> bool:
        return given in (own, own.rpartition(".")[0])


@AUTH.fault("AUTH-03")
class DefaultToken(_Issuing):
    """Any text that is not a JSON Web Token is accepted, as with an unset password."""

    def accepts(self, given: str, own: str) -> bool:
        return given == own or (bool(given) and "." not in given)


@AUTH.fault("AUTH-03")
class AnyBearer(_Issuing):
    """Whatever follows the word Bearer is accepted."""

    def accepts(self, given: str, own: str) -> bool:
        return given == own or given.startswith("Bearer ")


@AUTH.fault("AUTH-03")
class NullIsAToken(_Issuing):
    """The word null is accepted, which a careless client sends."""

    def accepts(self, given: str, own: str) -> bool:
        return given in (own, "null")


# State shared between clients -----------------------------------------------------------------


class _Remembering(ReferenceServer):
    """Returns responses of authorised requests to unauthenticated ones."""

    def __init__(self, key: Callable[[Request], object]) -> None:
        super().__init__()
        self._key = key
        self._kept: dict[object, bytes] = {}

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) is not Operation.LISTING:
            return await super().respond(request, handler)
        key = self._key(request)
        if key not in self._kept:
            answer = await super().respond(request, handler)
            if answer.status_code != 200:
                return answer
            self._kept[key] = bytes(answer.body)
        return Response(self._kept[key], media_type="application/json")


AUTH.add(
    "shared-cache",
    "Responses are cached by URL, for all clients together.",
    partial(_Remembering, lambda request: str(request.url)),
    "AUTH-01",
    "AUTH-06",
)


@AUTH.fault("HTTP-01")
class RefusalsKept(ReferenceServer):
    """A refusal is kept for three seconds and returned for the same URL, whoever asks."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: dict[str, float] = {}

    def authorise(self, request: Request) -> Response | None:
        now, url = time.monotonic(), str(request.url)
        if now - self._refused.get(url, -3.0) < 3:
            return self.refuse(401, "A valid token is required", error="INVALID_TOKEN")
        refusal = super().authorise(request)
        if refusal is not None:
            self._refused[url] = now
        return refusal


@AUTH.fault("AUTH-01", "AUTH-06")
class TrustedAddress(ReferenceServer):
    """A client address is trusted after it sent an accepted token once."""

    def __init__(self) -> None:
        super().__init__()
        self._trusted: set[str] = set()

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        client = request.client.host if request.client else ""
        if refusal is None:
            self._trusted.add(client)
        return None if client in self._trusted else refusal


@AUTH.fault("AUTH-01", "AUTH-06")
class TrustedConnection(ReferenceServer):
    """A connection is trusted after it carried an accepted token once."""

    def __init__(self) -> None:
        super().__init__()
        self._trusted: set[object] = set()

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        if refusal is None:
            self._trusted.add(request.client)
        return None if request.client in self._trusted else refusal
