"""The first requests, which decide whether there is anything to judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contract.model import Contract
from conformance.contract.query import Query, documented, unfiltered
from conformance.contract.schema import MOST_ERRORS, Schema
from conformance.core.strict_json import TOO_MANY_VALUES
from conformance.core.text import clipped, visible
from conformance.errors import CannotTest
from conformance.evidence.exchange import UNSUPPORTED_STATUSES, Exchange, Request, TroubleKind
from conformance.target.credentials import LONGEST_TOKEN
from conformance.target.redirects import REDIRECTS
from conformance.target.refused_credentials import ABSENT
from conformance.target.target import Target

TRIES = 3
"""Number of different queries to try before a target that refuses them is given up."""
TOO_MANY = 10_000
"""Elements of a response; if so many are invalid, one response is enough to judge by."""
HOPELESS = frozenset(
    {TroubleKind.UNREACHABLE, TroubleKind.TLS, TroubleKind.NOT_HTTP, TroubleKind.TOO_LARGE}
)
ADVICE = {
    TroubleKind.UNREACHABLE: "start the server, or correct the address",
    TroubleKind.TLS: "give the certificates to trust with --ca-bundle, or correct the scheme",
    TroubleKind.NOT_HTTP: "correct the scheme (http or https) or the port",
    TroubleKind.TIMEOUT: "find out why it is slow, or raise --timeout",
    TroubleKind.TOO_LARGE: "judge a cluster with fewer providers, or make it send fewer headers",
}
"""What to do about each kind of trouble that prevents a test."""
OTHERWISE = "see the server's log for the reason"
PLAIN_HTTP = re.compile(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER|PACKET_LENGTH_TOO_LONG")
"""What OpenSSL says when it reads the response of a server that does not speak TLS."""
ONLY_TLS = re.compile(rb"HTTPS (port|server)|SSL-enabled server port", re.IGNORECASE)
"""What nginx, Go and Apache say in their 400 to a request without TLS on a port for TLS."""
ASKS_FOR_CERTIFICATE = re.compile(r"CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE$")
"""What OpenSSL says when the server wants a certificate of the client."""
NO_CERTIFICATE = re.compile(rb"No required SSL certificate|SSL certificate error", re.IGNORECASE)
"""What nginx says then, in its 400."""
CLIENT_CERTIFICATE = "if the server asks for a client certificate, give it with --client-cert"
CLOSED_TLS = (
    f"{OTHERWISE}; write http:// if it does not speak TLS, or give --client-cert if it asks for a "
    "client certificate"
)
NO_TLS = "the server seems not to speak TLS there; write http:// instead, or correct the port"
INSTEAD = "give a token in CONDUCTOR_AUTH_TOKEN instead"


@dataclass(frozen=True, slots=True)
class Opening:
    """The first response.

    ``refusal`` is ``None`` if its status is 200 and judging can begin. Otherwise it says why the
    server is non-conformant without any further request.
    """

    exchange: Exchange
    refusal: str | None = None


class _Refused(CannotTest):
    """The server neither accepts the credential nor lacks the endpoint at one of its addresses."""


def open_target(target: Target) -> Opening:
    """Check that the endpoint exists and accepts the credential, before anything is judged.

    A run begins with an accepted credential and a 200. The server is non-conformant if the endpoint
    is missing (404, 405, 501) although the server speaks HTTP, or if thousands of elements in the
    first response break the schema. If the URL can mean several addresses, the first one that has
    the endpoint is used.

    Raises:
        CannotTest: no connection, no HTTP, TLS that cannot be verified, a credential that is
            refused or missing, or a server that returns nothing but errors.
    """
    openings = []
    refused = None
    for candidate in target.candidates:
        target.settle_on(candidate)
        try:
            opening = _open(target)
        except _Refused as error:
            # A gateway may refuse every path that it does not know.
            refused = refused or error
            continue
        if opening.refusal is None or opening.exchange.ok:
            return opening
        openings.append(opening)
    target.settle_on(target.candidates[0])
    if refused is not None:
        raise refused
    return openings[0]


def _open(target: Target) -> Opening:
    failed = target.obtain_token()
    if failed is not None:
        return _without_token(target, failed)
    answers: list[Exchange] = []
    tried = _kinds(target.contract)
    for query in tried:
        exchange = target.ask(target.request(query), first=True)
        if opening := _decided(target, exchange):
            return opening
        answers.append(exchange)
    if any(answer.status >= 500 and not answer.transient for answer in answers):
        # A server may fail most queries; a single success shows that it works.
        for query in documented(target.contract):
            if query not in tried:
                exchange = target.ask(target.request(query), first=True)
                if opening := _decided(target, exchange):
                    return opening
    if all(answer.transient for answer in answers) and any(answer.status for answer in answers):
        # The server responds but is not ready; one that never sent a status is not waited for.
        answers = [target.ask(target.request(tried[0]))]
        if opening := _decided(target, answers[0]):
            return opening
    return _no_success(target, answers)


def _kinds(contract: Contract) -> tuple[Query, ...]:
    """Return documented queries with different sets of parameters, the unfiltered one first.

    A server may fail whenever a parameter is missing, or whenever one is present.
    """
    first = unfiltered(contract)
    kinds: dict[frozenset[str], Query] = {}
    for query in (first, *sorted(documented(contract), key=lambda query: len(query.pairs))):
        kinds.setdefault(frozenset(name for name, _ in query.pairs), query)
    return tuple(kinds.values())[:TRIES]


def _decided(target: Target, exchange: Exchange) -> Opening | None:
    if exchange.trouble is not None and exchange.trouble.kind in HOPELESS:
        raise _untestable(target, exchange)
    if exchange.ok and exchange.decoded.error == TOO_MANY_VALUES:
        advice = ADVICE[TroubleKind.TOO_LARGE]
        raise CannotTest(f"{target.address} could not be tested: {TOO_MANY_VALUES}; {advice}")
    if exchange.status == 200 and not exchange.timed_out:
        target.remember_alive(exchange)
        return Opening(exchange, _hopeless(target, exchange))
    if exchange.status in UNSUPPORTED_STATUSES:
        return Opening(exchange, _absence(target, exchange))
    return None


def _untestable(target: Target, failed: Exchange) -> CannotTest:
    advice, trouble = OTHERWISE, failed.trouble
    if trouble is not None:
        advice = ADVICE.get(trouble.kind, OTHERWISE)
        if trouble.kind is TroubleKind.TLS and ASKS_FOR_CERTIFICATE.search(trouble.reason):
            advice = CLIENT_CERTIFICATE
        variable = target.unused_proxy
        if variable is not None and trouble.kind in (TroubleKind.UNREACHABLE, TroubleKind.TIMEOUT):
            advice += f"; {variable} is not used, unless you give --proxy env"
        closed = trouble.kind is TroubleKind.CLOSED and target.address.secure
        if closed or (trouble.kind is TroubleKind.TLS and PLAIN_HTTP.search(trouble.reason)):
            advice = CLOSED_TLS if closed else NO_TLS
    return CannotTest(f"{target.address} could not be tested: {failed.result}; {advice}")


def _no_success(target: Target, answers: Sequence[Exchange]) -> Opening:
    exchange = answers[0]
    if exchange.trouble is not None and not any(answer.status for answer in answers):
        raise _untestable(target, exchange)
    if all(answer.refused for answer in answers):
        raise _Refused(_refusal(target, exchange.status))
    if exchange.status == 400 and not target.address.secure and ONLY_TLS.search(exchange.body):
        raise CannotTest(f"{target.address} expects TLS; write https:// instead")
    if exchange.status == 400 and NO_CERTIFICATE.search(exchange.body):
        raise CannotTest(
            f"{target.address} refuses the TLS connection (status 400); {CLIENT_CERTIFICATE}"
        )
    if all(answer.is_redirect for answer in answers):
        raise _Refused(_redirect(target, exchange))
    if exchange.status >= 500 and not exchange.transient:
        raise CannotTest(
            f"{target.address} could not be tested: no documented query returned 200, and "
            f"{exchange.request.method} {exchange.url} returned {exchange.outcome}; {OTHERWISE}"
        )
    if any(answer.status >= 500 or answer.transient for answer in answers):
        times = f" {exchange.attempts} times" if exchange.attempts > 1 else ""
        raise CannotTest(
            f"{target.address} did not recover: {exchange.request.method} {exchange.url} "
            f"returned {exchange.outcome}{times}; {OTHERWISE}"
        )
    return Opening(
        exchange,
        f"the server returns status {exchange.status} for documented queries, "
        f"such as {exchange.request.method} {exchange.url}",
    )


def _hopeless(target: Target, exchange: Exchange) -> str | None:
    many = exchange.listing and len(exchange.value) > TOO_MANY
    if not many or len(Schema(target.contract).breaches(exchange.value)) < MOST_ERRORS:
        return None
    return (
        f"so many of the {len(exchange.value):,} elements in the first response break the schema "
        f"that nothing else was requested; the request was {exchange.request.method} {exchange.url}"
    )


def _absence(target: Target, exchange: Exchange) -> str:
    return (
        f"the server has no {target.contract.path}: {exchange.request.method} {exchange.url} "
        f"returned status {exchange.status}"
    )


def _redirect(target: Target, exchange: Exchange) -> str:
    place = visible(clipped(exchange.header("location") or "itself", 200))
    if exchange.status not in REDIRECTS or exchange.header("location") is None:
        return (
            f"{target.address} returned status {exchange.status} and no address to follow; correct "
            f"the address, or {OTHERWISE}"
        )
    if exchange.redirects:
        return (
            f"{target.address} redirects in a circle, finally to {place}; "
            "give the address that does not redirect"
        )
    return (
        f"{target.address} redirects to another origin, {place}, and the credential is not sent "
        "there; if the API is there, give that address"
    )


def _refusal(target: Target, status: int) -> str:
    if not target.authenticated:
        return (
            f"{target.address} needs credentials (status {status}): set CONDUCTOR_AUTH_TOKEN, or "
            "CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET, or give --token-file"
        )
    return (
        f"{target.address} refuses the credential (status {status}): "
        "it may be wrong, expired, or not allowed to list integrations; give another one"
    )


def _without_token(target: Target, answer: Exchange) -> Opening:
    url = target.token_url(target.address)
    if answer.trouble is not None:
        if not answer.status and answer.trouble.kind is not TroubleKind.TOO_LARGE:
            raise _untestable(target, answer)
        raise CannotTest(f"cannot get a token: POST {url}: {answer.result}; {INSTEAD}")
    if answer.status in UNSUPPORTED_STATUSES:
        exchange = target.ask(Request(unfiltered(target.contract), ABSENT.access))
        if exchange.status in UNSUPPORTED_STATUSES:
            return Opening(exchange, _absence(target, exchange))
        if exchange.ok:
            raise CannotTest(
                f"{target.address} needs no credentials, and POST {url} returned status "
                f"{answer.status}; unset CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET"
            )
    if answer.status in (400, 401, 403):
        raise _Refused(
            f"POST {url} refused the access key (status {answer.status}); "
            "correct CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET"
        )
    if answer.status == 200:
        raise CannotTest(
            f"POST {url} returned 200 without a usable token (printable ASCII of at most "
            f"{LONGEST_TOKEN >> 10} KiB); {INSTEAD}"
        )
    raise _Refused(f"cannot get a token: POST {url} returned status {answer.status}; {INSTEAD}")
