"""Servers that answer those whom they should refuse."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Operation, ReferenceServer, operation_of
from conformance.reference.faults.entries import Catalogue
from conformance.reference.server import Handler

AUTH = Catalogue("auth")


def presented(request: Request) -> str:
    """Return what a request gives as its token."""
    return request.headers.get("x-authorization", "")


class _Lenient(ReferenceServer):
    """Lets some requests in that have no right to an answer."""

    def __init__(self, admits: Callable[[Request], bool]) -> None:
        super().__init__()
        self._admits = admits

    def authorise(self, request: Request) -> Response | None:
        return None if self._admits(request) else super().authorise(request)


ADMISSIONS: tuple[tuple[str, str, Callable[[Request], bool], tuple[str, ...]], ...] = (
    (
        "none",
        "No token is ever asked for.",
        lambda _: True,
        ("AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06"),
    ),
    (
        "not-for-head",
        "HEAD is answered to anyone.",
        lambda request: request.method == "HEAD",
        ("AUTH-05",),
    ),
    (
        "not-for-active-only-false",
        "The complete view is open to anyone.",
        lambda request: request.query_params.get("activeOnly") == "false",
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-without-query",
        "The query without parameters is open to anyone.",
        lambda request: not request.url.query,
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-for-one-category",
        "Active providers of EMAIL are open to anyone.",
        lambda request: request.url.query == "category=EMAIL&activeOnly=true",
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-for-an-empty-view",
        "The view of active GIT providers, which is empty, is open to anyone.",
        lambda request: request.url.query == "category=GIT&activeOnly=true",
        ("AUTH-01",),
    ),
    (
        "not-for-pages",
        "Whoever accepts HTML is let in.",
        lambda request: "text/html" in request.headers.get("accept", ""),
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-with-unknown-parameters",
        "A query with a parameter that nobody knows is open to anyone.",
        lambda request: "includeModels" in request.query_params,
        ("AUTH-06",),
    ),
    (
        "not-for-encoded-queries",
        "A query with a percent sign is open to anyone.",
        lambda request: "%" in request.url.query,
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "not-in-another-order",
        "A query that begins with activeOnly and goes on is open to anyone.",
        lambda request: request.url.query.startswith("activeOnly=false&category"),
        ("AUTH-01", "AUTH-06"),
    ),
    (
        "empty-token",
        "An empty token is as good as any.",
        lambda request: request.headers.get("x-authorization") == "",
        ("AUTH-02", "AUTH-06"),
    ),
    (
        "any-token",
        "Any token is good that is not empty.",
        lambda request: bool(presented(request)),
        ("AUTH-03", "AUTH-04", "AUTH-06"),
    ),
    (
        "any-header",
        "The header has to be there, whatever it holds.",
        lambda request: "x-authorization" in request.headers,
        ("AUTH-02", "AUTH-03", "AUTH-04"),
    ),
)
for _name, _fault, _admits, _breaks in ADMISSIONS:
    AUTH.add(_name, _fault, partial(_Lenient, _admits), *_breaks)


# Tokens that are looked at too briefly -------------------------------------------------------


def _header_and_claims(token: str) -> tuple[dict[str, object], dict[str, object]]:
    try:
        parts = token.split(".")
        decoded = [json.loads(base64.urlsafe_b64decode(part + "===")) for part in parts[:2]]
    except (ValueError, RecursionError):
        return {}, {}
    header, claims = decoded if len(decoded) == 2 else ({}, {})
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


class _Issuing(ReferenceServer):
    """Remembers the tokens that it issued, and compares them in its own way."""

    def __init__(self) -> None:
        super().__init__()
        self.issued: list[str] = []

    def issue_token(self) -> str:
        token = super().issue_token()
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
    """Tokens are compared in their first sixty-four characters."""

    def accepts(self, given: str, own: str) -> bool:
        return given[:64] == own[:64]


@AUTH.fault("AUTH-04")
class AnyBeginningOfTheToken(_Issuing):
    """A token is accepted if an issued one begins with it."""

    def accepts(self, given: str, own: str) -> bool:
        return bool(given) and own.startswith(given)


@AUTH.fault("AUTH-02", "AUTH-04")
class NothingIsABeginning(_Issuing):
    """An issued token begins with the one that is given, which may be empty."""

    def accepts(self, given: str, own: str) -> bool:
        return own.startswith(given)


@AUTH.fault("AUTH-04")
class TokenInAnyCase(_Issuing):
    """Tokens are compared without regard to letter case."""

    def accepts(self, given: str, own: str) -> bool:
        return given.lower() == own.lower()


@AUTH.fault("AUTH-04")
class MoreThanTheToken(_Issuing):
    """A token is accepted if it begins with an issued one, whatever follows."""

    def accepts(self, given: str, own: str) -> bool:
        return given.startswith(own)


@AUTH.fault("AUTH-04")
class TokenWithBlanks(_Issuing):
    """Blanks are taken out of a token before it is compared."""

    def accepts(self, given: str, own: str) -> bool:
        return "".join(given.split()) == own


@AUTH.fault("AUTH-04")
class TokenOfSameLength(_Issuing):
    """A token is accepted if it is as long as an issued one and begins and ends like it."""

    def accepts(self, given: str, own: str) -> bool:
        return len(given) == len(own) and (given[:8], given[-8:]) == (own[:8], own[-8:])


@AUTH.fault("AUTH-04")
class HexadecimalInAnyCase(_Issuing):
    """Tokens are words of hexadecimal digits, which are compared without regard to letter case."""

    def issue_token(self) -> str:
        self.issued.append("0f3a9bc4d17e5286ffeeddccbbaa0099")
        return self.issued[-1]

    def accepts(self, given: str, own: str) -> bool:
        return given.lower() == own


@AUTH.fault("AUTH-03", "AUTH-04")
class SignatureNotVerified(_Issuing):
    """Any JSON Web Token with a time of expiry is accepted."""

    def accepts(self, given: str, own: str) -> bool:
        return "exp" in _header_and_claims(given)[1]


@AUTH.fault("AUTH-04")
class SignatureOfOtherClaims(_Issuing):
    """Only the signature is compared, so it may stand under any claims."""

    def accepts(self, given: str, own: str) -> bool:
        return given.rpartition(".")[2] == own.rpartition(".")[2]


@AUTH.fault("AUTH-04")
class ClaimsWithAnySignature(_Issuing):
    """Only the claims are compared, so any signature may follow them."""

    def accepts(self, given: str, own: str) -> bool:
        return given.rpartition(".")[0] == own.rpartition(".")[0]


@AUTH.fault("AUTH-03")
class UnsignedTokens(_Issuing):
    """A token that says alg none needs no signature."""

    def accepts(self, given: str, own: str) -> bool:
        header, claims = _header_and_claims(given)
        return given == own or (header.get("alg") == "none" and "sub" in claims)


@AUTH.fault("AUTH-03")
class UnsignedTokensInOtherWords(_Issuing):
    """What a token says of its algorithm is compared without regard to case, and None is one."""

    def accepts(self, given: str, own: str) -> bool:
        header, claims = _header_and_claims(given)
        return given == own or (header.get("alg") == "None" and "sub" in claims)


@AUTH.fault("AUTH-04")
class EmptySignature(_Issuing):
    """A signature is verified if there is one."""

    def accepts(self, given: str, own: str) -> bool:
        return given == own or given == own.rpartition(".")[0] + "."


@AUTH.fault("AUTH-04")
class NoSignature(_Issuing):
    """A signature is verified if there is a part for it."""

    def accepts(self, given: str, own: str) -> bool:
        return given in (own, own.rpartition(".")[0])


@AUTH.fault("AUTH-03")
class DefaultToken(_Issuing):
    """What is no JSON Web Token is taken for a password that nobody set."""

    def accepts(self, given: str, own: str) -> bool:
        return given == own or (bool(given) and "." not in given)


# What one caller leaves to the next ----------------------------------------------------------


class _Remembering(ReferenceServer):
    """Answers strangers as it answered others before."""

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
    "Answers are cached by their URL, whoever asked.",
    partial(_Remembering, lambda request: str(request.url)),
    "AUTH-01",
    "AUTH-06",
)


@AUTH.fault("AUTH-01", "AUTH-06")
class TrustedAddress(ReferenceServer):
    """An address from which an accepted token came is trusted from then on."""

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
    """A connection over which an accepted token came is trusted from then on."""

    def __init__(self) -> None:
        super().__init__()
        self._trusted: set[object] = set()

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        if refusal is None:
            self._trusted.add(request.client)
        return None if request.client in self._trusted else refusal
