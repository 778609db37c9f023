"""AUTH: who may see the answer."""

from __future__ import annotations

from conformance.checks.detectors.provider_data import Disclosure
from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.oracle import is_documented
from conformance.core.text import clipped, counted, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import MISSING, PERHAPS, AccessKind, Exchange

NO_CREDENTIAL = Observed(
    not_applicable="no credential was given and the server asks for none: there is none to refuse"
)
BY_CHANCE = (
    "the credential is so short or plain a word that answers hold it, perhaps by chance; judge "
    "with one of 8 characters and more"
)
REFUSAL = "status 401 or 403"


def _must_be_refused(evidence: Evidence, kind: AccessKind) -> Observed:
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    tried = [
        exchange
        for exchange in evidence.refusals
        if exchange.request.access.kind is kind
        and _judgeable(exchange)
        and is_documented(evidence.contract, exchange.query)
    ]
    for exchange in tried:
        if not exchange.refused:
            key = (exchange.query, exchange.request.access, exchange.status)
            findings.add(key, exchange, _answered(exchange), REFUSAL)
    return findings.observed({"refusals": len(tried)})


def _judgeable(exchange: Exchange) -> bool:
    # A server may slow down or cut off those who keep knocking with wrong tokens.
    return exchange.trouble is None and not exchange.transient


def _answered(exchange: Exchange) -> str:
    if exchange.listing:
        return f"status 200 with {counted(len(exchange.value), 'provider')}"
    return exchange.outcome


@check("AUTH-01")
def absent_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-01.

    Ask every documented query without the header.
    """
    return _must_be_refused(evidence, AccessKind.ABSENT)


@check("AUTH-02")
def empty_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-02.

    Ask every documented query with an empty header.
    """
    return _must_be_refused(evidence, AccessKind.EMPTY)


@check("AUTH-03")
def unknown_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-03.

    Ask every documented query with a made-up word, a forged token and an unsigned one.
    """
    return _must_be_refused(evidence, AccessKind.UNKNOWN)


@check("AUTH-04")
def tampered_token_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-04.

    Ask every documented query with a near miss of the token: cut short, with more at its end, a
    character changed, a blank inside, its letters in the other case, or other claims. Blanks
    around it are no part of a header's value (RFC 9110, section 5.5), so they are not tried.
    """
    return _must_be_refused(evidence, AccessKind.TAMPERED)


@check("AUTH-05")
def head_is_refused(evidence: Evidence) -> Observed:
    """Judge AUTH-05.

    Send HEAD for every documented query without a token or with a wrong one.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    granted = list(evidence.granted_heads())
    if granted and all(head.status in MISSING for head in granted):
        return Observed(not_applicable="the server does not offer HEAD")
    findings = Findings(evidence)
    tried = [
        head
        for head in evidence.head_requests
        if head.request.access.kind is not AccessKind.GRANTED and _judgeable(head)
    ]
    for head in tried:
        # A server may turn HEAD down for what it is before it looks at who asks.
        if not head.refused and head.status not in MISSING:
            key = (head.query, head.request.access, head.status)
            findings.add(key, head, head.outcome, REFUSAL)
    return findings.observed({"headRequests": len(tried)})


@check("AUTH-06")
def refusals_hold_no_data(evidence: Evidence) -> Observed:
    """Judge AUTH-06.

    Search answers to strangers for provider objects, names of providers, and the descriptions and
    addresses by which one can be told from others.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    disclosure = Disclosure(evidence)
    for exchange in evidence.refusals:
        leak = disclosure.found_in(exchange)
        if leak is not None:
            key = (exchange.status, exchange.request.access.kind)
            findings.add(key, exchange, f"status {exchange.status} with {leak}", "no provider data")
    return findings.observed({"refusals": len(evidence.refusals)})


@check("AUTH-07")
def refusals_are_not_redirects(evidence: Evidence) -> Observed:
    """Judge AUTH-07.

    Look at the status of answers to strangers, also where a page is asked for.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    for exchange in evidence.refusals:
        if 300 <= exchange.status < 400:
            place = visible(clipped(exchange.header("location") or "nowhere"))
            key = (exchange.status, exchange.request.access.kind, exchange.request.accept)
            findings.add(key, exchange, f"status {exchange.status}, a redirect to {place}", REFUSAL)
    return findings.observed({"refusals": len(evidence.refusals)})


@check("AUTH-08")
def credential_is_not_repeated(evidence: Evidence) -> Observed:
    """Judge AUTH-08.

    Search every header and body of the run for the credential, also encoded. One that is short, or
    a word of the contract, may stand there by chance.
    """
    if not evidence.authenticated:
        return NO_CREDENTIAL
    findings = Findings(evidence)
    unable = None
    for exchange in evidence.all_exchanges:
        for place in exchange.leaks:
            if place.startswith(PERHAPS):
                unable = BY_CHANCE
                continue
            key = (place, exchange.status)
            observed = f"the credential in the {visible(place)}"
            findings.add(key, exchange, observed, "no credential in any answer")
    return findings.observed({"answers": len(evidence.all_exchanges)}, unable=unable)
