"""AUTH: unauthenticated requests are rejected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.checks.detectors.provider_data import ProviderData
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import is_documented
from conformance.core.text import clipped, counted, format_value, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import (
    UNCERTAIN_PREFIX,
    UNSUPPORTED_STATUSES,
    AccessKind,
    Exchange,
)
from conformance.evidence.refusals import is_not_acceptable, passing, recurring_redirects

NO_CREDENTIAL = Observed(
    not_applicable="no credential was given and the server requires none, so none can be rejected"
)
COINCIDENCE = (
    "the credential is so short or common that responses may contain it by coincidence; use one of "
    "at least 8 characters"
)
REFUSAL = "status 401 or 403"
NO_EXPIRED_TOKEN = Observed(
    not_applicable="no expired token was given in the variable CONDUCTOR_EXPIRED_TOKEN"
)
EXPIRY_CODES = ("EXPIRED_TOKEN", "INVALID_TOKEN")
"""The codes on which client libraries of Conductor renew a token."""
SCHEME = re.compile(r"\s*[^\s=,]+(\s|,|$)")
"""The start of a WWW-Authenticate header: the name of a scheme (RFC 9110, section 11.6.1)."""
TELLING_HEADER = re.compile("content-length|content-range|etag|.*(?:count|total).*")
"""Names of headers that depend on the result."""
NOT_STORED = frozenset({"no-store", "private"})
"""Directives of Cache-Control that keep shared caches from storing (RFC 9111, section 5.2.2)."""


def _must_be_refused(evidence: Evidence, kind: AccessKind, measure: str = "refusals") -> Observed:
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    over = passing(evidence.refusals)
    tried = [
        exchange
        for exchange in evidence.refusals
        if exchange.request.access.kind is kind
        and exchange not in over
        and not is_not_acceptable(exchange)
        # A server may throttle or disconnect clients that keep sending wrong tokens.
        and exchange.conclusive
        and is_documented(evidence.contract, exchange.query)
        # What another spelling of the path stands for is open; AUTH-06 judges what it returns.
        and not exchange.request.path
    ]
    for exchange in tried:
        if not exchange.refused:
            key = (exchange.query, exchange.request.access, exchange.status)
            findings.add(key, exchange, _outcome(exchange), REFUSAL)
    return findings.observed({measure: len(tried)})


def _outcome(exchange: Exchange) -> str:
    if exchange.listing:
        return f"status 200 with {counted(len(exchange.value), 'provider')}"
    return exchange.outcome


@check("AUTH-01")
def absent_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-01.

    Send every documented query without the X-Authorization header.
    """
    return _must_be_refused(evidence, AccessKind.ABSENT)


@check("AUTH-02")
def empty_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-02.

    Send every documented query with an empty X-Authorization header.
    """
    return _must_be_refused(evidence, AccessKind.EMPTY)


@check("AUTH-03")
def unknown_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-03.

    Send every documented query with a made-up word, a forged token, an unsigned token or one that
    is signed with an empty key.
    """
    return _must_be_refused(evidence, AccessKind.UNKNOWN)


@check("AUTH-04")
def tampered_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-04.

    Send every documented query with a variation of the token: truncated, extended, with a changed
    character, with a space inside, with the case of its letters swapped, or with other claims.
    Spaces around the token are not tried, because they are not part of a header's value (RFC 9110,
    section 5.5).
    """
    return _must_be_refused(evidence, AccessKind.TAMPERED)


@check("AUTH-11")
def expired_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-11.

    Send documented queries with the expired token in CONDUCTOR_EXPIRED_TOKEN: every second one, in
    the thorough profile every one.
    """
    if evidence.authenticated and not _expired(evidence):
        return NO_EXPIRED_TOKEN
    return _must_be_refused(evidence, AccessKind.EXPIRED, "expired")


@check("AUTH-12")
def expiry_has_a_code(evidence: Evidence) -> Observed:
    """Judge AUTH-12.

    Read the field error in refusals of the expired token in CONDUCTOR_EXPIRED_TOKEN.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    expired = _expired(evidence)
    if not expired:
        return NO_EXPIRED_TOKEN
    findings = Findings(evidence)
    # AUTH-11 judges whether the token is refused.
    refused = [exchange for exchange in expired if exchange.refused]
    for exchange in refused:
        value = exchange.value
        code = value.get("error") if isinstance(value, dict) else None
        if code not in EXPIRY_CODES:
            found = "no error code" if code is None else f"the error code {format_value(code)}"
            findings.add(
                (exchange.status, str(code)),
                exchange,
                f"status {exchange.status} with {found}",
                f'"error": "{EXPIRY_CODES[0]}" or "{EXPIRY_CODES[1]}"',
            )
    return findings.observed({"expired": len(refused)})


def _expired(evidence: Evidence) -> list[Exchange]:
    return [
        exchange
        for exchange in evidence.refusals
        if exchange.request.access.kind is AccessKind.EXPIRED and exchange.conclusive
    ]


@check("AUTH-09")
def rejections_name_a_scheme(evidence: Evidence) -> Observed:
    """Judge AUTH-09.

    Check the header WWW-Authenticate of every response with status 401.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    rejections = [exchange for exchange in evidence.refusals if exchange.status == 401]
    if evidence.refusals and not rejections:
        return Observed(not_applicable="the server refuses requests with other statuses than 401")
    for exchange in rejections:
        if not SCHEME.match(exchange.header("www-authenticate") or ""):
            findings.add(
                exchange.request.access.kind,
                exchange,
                "status 401 without WWW-Authenticate",
                "WWW-Authenticate with the name of a scheme",
            )
    return findings.observed({"rejections": len(rejections)})


@check("AUTH-10")
def shared_caches_store_nothing(evidence: Evidence) -> Observed:
    """Judge AUTH-10.

    Check the headers Cache-Control and Vary of every response with status 200.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    header = evidence.contract.token_header.lower()
    for exchange in evidence.answers:
        control, vary = (exchange.header(name) or "" for name in ("cache-control", "vary"))
        if NOT_STORED & _directives(control) or {header, "*"} & _directives(vary):
            continue
        shown = f"Cache-Control: {visible(clipped(control))}" if control else "no Cache-Control"
        findings.add(shown, exchange, shown, "Cache-Control: no-store, or private")
    return findings.observed({"answers": len(evidence.answers)})


def _directives(value: str) -> set[str]:
    """Return the elements of a list in a header, in lower case and without their arguments."""
    return {part.partition("=")[0].strip().lower() for part in value.split(",")}


@check("AUTH-05")
def head_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-05.

    Send a HEAD request for every documented query, without a token and with wrong ones. A refusal
    must not have the Content-Length, the ETag or a count of the result.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    granted = list(evidence.granted_heads())
    if granted and all(head.status in UNSUPPORTED_STATUSES for head in granted):
        return Observed(not_applicable="the server does not offer HEAD")
    findings = Findings(evidence)
    over = passing(evidence.head_requests)
    tried = [
        head
        for head in evidence.head_requests
        if head.request.access.kind is not AccessKind.GRANTED
        and head.conclusive
        and head not in over
    ]
    for head in tried:
        # A server may reject the method HEAD before it checks the credential.
        if not head.refused and head.status not in UNSUPPORTED_STATUSES:
            key = (head.query, head.request.access, head.status)
            findings.add(key, head, head.outcome, REFUSAL)
    for name, head in _headers_of_the_result(evidence, tried):
        value = visible(clipped(head.header(name) or ""))
        shown = f"{name.title().replace('Etag', 'ETag')} {value}"
        observed = f"{head.outcome}, and {shown}, that of the result"
        findings.add((name, head.query), head, observed, "nothing about the result")
    return findings.observed({"headRequests": len(tried)})


def _headers_of_the_result(
    evidence: Evidence, heads: Iterable[Exchange]
) -> Iterator[tuple[str, Exchange]]:
    """Yield refusals with a header of what they refuse, and not of a refusal.

    One such value may be a coincidence, so there are none of a name unless two values occur.
    """
    refused = [head for head in heads if head.refused]
    names = dict.fromkeys(
        name for head in refused for name, _ in head.headers if TELLING_HEADER.fullmatch(name)
    )
    for name in names:
        of_results = {(one.query, one.header(name)) for one in evidence.documented_listings}
        of_refusals = {None, *(one.header(name) for one in evidence.refusals if one.refused)}
        found = [
            head
            for head in refused
            if (head.query, head.header(name)) in of_results
            and head.header(name) not in of_refusals
        ]
        if len({head.header(name) for head in found}) > 1:
            yield from ((name, head) for head in found)


@check("AUTH-06")
def refusals_hold_no_data(evidence: Evidence) -> Observed:
    """Judge AUTH-06.

    Search responses to unauthenticated requests for provider objects, names of providers, and
    descriptions and addresses that identify a provider. Send one query without a token to eight
    other spellings of the path and check that none returns a provider as the listing does.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    data = ProviderData(evidence)
    for exchange in evidence.refusals:
        path = exchange.request.path
        leak = data.served_by(exchange) if path else data.found_in(exchange)
        if leak is not None:
            key = (exchange.status, exchange.request.access.kind, path)
            findings.add(key, exchange, f"status {exchange.status} with {leak}", "no provider data")
    measured = {"refusals": len(evidence.refusals), "providers": len(evidence.providers)}
    return findings.observed(measured)


@check("AUTH-07")
def refusals_are_not_redirects(evidence: Evidence) -> Observed:
    """Judge AUTH-07.

    Check the status of responses to unauthenticated requests, including requests for HTML. A
    redirect that does not recur counts only if others do, and no accepted request gets one.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    # A redirect from another spelling of the path leads to the endpoint.
    refusals = [exchange for exchange in evidence.refusals if not exchange.request.path]
    recurring = recurring_redirects(evidence)
    over = passing(evidence.refusals) - recurring
    for exchange in refusals:
        if exchange.is_redirect and exchange not in over:
            place = visible(clipped(exchange.header("location") or "nowhere"))
            key = (exchange.status, exchange.request.access.kind, exchange.request.accept)
            observed = f"status {exchange.status}, a redirect to {place}"
            if exchange in recurring:
                observed += f", in {len(recurring)} of {len(refusals)} responses"
            findings.add(key, exchange, observed, REFUSAL)
    return findings.observed({"refusals": len(refusals)})


@check("AUTH-08")
def credential_is_not_repeated(evidence: Evidence) -> Observed:
    """Judge AUTH-08.

    Search every header and body of the run for the credential, plain and encoded. If the credential
    is short or a word of the contract, a match may be a coincidence.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    unable = None
    for exchange in evidence.all_exchanges:
        for place in exchange.leaks:
            if place.startswith(UNCERTAIN_PREFIX):
                unable = COINCIDENCE
                continue
            key = (place, exchange.status)
            observed = f"the credential in the {visible(place)}"
            findings.add(key, exchange, observed, "no credential in any response")
    return findings.observed({"answers": len(evidence.all_exchanges)}, unable=unable)
