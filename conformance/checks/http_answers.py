"""HTTP: status, media type and well-formed JSON."""

from __future__ import annotations

from collections import defaultdict

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import is_documented, readings
from conformance.core import media_type
from conformance.core.memo import remembered
from conformance.core.strict_json import BLANK_BODY, NO_BODY
from conformance.core.text import clipped, counted, outlined, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import UNSUPPORTED_STATUSES, Exchange, TroubleKind
from conformance.evidence.providers import filtered_by, kinds

BROKEN_BODY = frozenset({TroubleKind.CUT_SHORT, TroubleKind.UNDECODABLE})
OF_MALFORMED = frozenset({200, 400, 422})
"""Statuses with which a server that works responds to a malformed query."""


@check("HTTP-01")
def documented_queries_succeed(evidence: Evidence) -> Observed:
    """Judge HTTP-01.

    Send every combination of the documented values and check the status. Failures at one time that
    do not recur may be an outage of a part of the server, which decides nothing.
    """
    findings = Findings(evidence)
    if evidence.refusal is not None and not evidence.opening.ok:
        findings.add("opening", evidence.opening, evidence.opening.outcome, "status 200")
    # HTTP-05 judges these, of which some may have been repeated when nothing else was read.
    empty = {
        (exchange.query, exchange.status)
        for exchange in _empty_results(evidence)
        if _is_wrong_status(exchange)
    }
    for exchange in evidence.documented:
        if (exchange.query, exchange.status) in empty:
            continue
        broken_body = exchange.trouble is not None and exchange.trouble.kind in BROKEN_BODY
        if exchange.status != 200 or (exchange.trouble is not None and not broken_body):
            findings.add(
                (exchange.query, exchange.status), exchange, exchange.outcome, "status 200"
            )
    queries = {exchange.query for exchange in evidence.documented}
    measured = {"documentedQueries": len(queries), "answers": len(evidence.answers)}
    return findings.observed(measured, unable=_passed_over(evidence))


def _passed_over(evidence: Evidence) -> str | None:
    if not evidence.passed_over:
        return None
    first, *others = evidence.passed_over
    if others:
        return (
            f"{counted(1 + len(others), 'request')} failed within a short time, as with "
            f"{first.outcome}, and not later: a part of the server may have been down"
        )
    return (
        f"a query ({first.query}) got {first.outcome}, and not when it was repeated at once: "
        "an outage may have ended then"
    )


@check("HTTP-02")
def media_type_is_json(evidence: Evidence) -> Observed:
    """Judge HTTP-02.

    Check the Content-Type of every response with status 200. If it names a charset, decode the
    body with it and compare the text with the one in UTF-8.
    """
    findings = Findings(evidence)
    for exchange in evidence.answers:
        content_type = exchange.header("content-type")
        if content_type is None:
            findings.add("none", exchange, "no Content-Type", "Content-Type: application/json")
            continue
        found = media_type.parse(content_type)
        shown = visible(clipped(content_type))
        if found.name != "application/json":
            findings.add(found.name, exchange, f"Content-Type: {shown}", "application/json")
        elif not found.decodes_like_utf_8(exchange.body):
            # HTTP-03 reports a body that is not UTF-8.
            findings.add(
                found.charset,
                exchange,
                f"Content-Type: {shown}, under which the body reads differently than in UTF-8",
                "UTF-8, or no charset",
            )
    return findings.observed({"answers": len(evidence.answers)})


@check("HTTP-03")
def body_is_one_json_text(evidence: Evidence) -> Observed:
    """Judge HTTP-03.

    Decode every response with status 200 as UTF-8 and parse it strictly, up to its announced end.
    """
    findings = Findings(evidence)
    unable = None
    expected = "one complete JSON text in UTF-8"
    for exchange in evidence.answers:
        if exchange.trouble is not None:
            if exchange.trouble.kind in BROKEN_BODY:
                findings.add(exchange.trouble, exchange, exchange.trouble.reason, expected)
            continue
        decoded = exchange.decoded
        if decoded.exceeds_limits:
            unable = f"the response to {exchange.query} could not be judged: {decoded.error}"
        elif decoded.error is not None:
            findings.add((exchange.query, decoded.error), exchange, decoded.error, expected)
        for word in decoded.constants:
            findings.add(word, exchange, f"the word {word}, which JSON does not have", expected)
    return findings.observed({"answers": len(evidence.answers)}, unable=unable)


@check("HTTP-04")
def members_are_unique(evidence: Evidence) -> Observed:
    """Judge HTTP-04.

    Parse every response with status 200 and search it for objects with a repeated field, at any
    depth.
    """
    findings = Findings(evidence)
    for exchange in evidence.answers:
        # The shortest pointer is the example of a field, which may be repeated in every object.
        shortest: dict[str, str] = {}
        for pointer in sorted(exchange.decoded.repeated, key=len):
            shortest.setdefault(visible(pointer.rpartition("/")[2]), pointer)
        for field, pointer in shortest.items():
            findings.add(
                field,
                exchange,
                f'the field "{field}" occurs twice in one object',
                "each field once",
                pointer=pointer,
            )
    return findings.observed({"answers": len(evidence.answers), "providers": len(evidence.held)})


@check("HTTP-05")
def empty_results_are_empty_arrays(evidence: Evidence) -> Observed:
    """Judge HTTP-05.

    Send documented queries that match no provider of the unfiltered list, and check the response.
    """
    findings = Findings(evidence)
    empty = set()
    for exchange in _empty_results(evidence):
        error = exchange.decoded.error
        if _is_wrong_status(exchange):
            findings.add(exchange.query, exchange, exchange.outcome, "status 200 and []")
        elif exchange.status != 200:
            continue
        elif exchange.trouble is not None or error not in (None, NO_BODY, BLANK_BODY):
            # The body cannot be read; HTTP-03 reports that it is not JSON.
            continue
        elif error is not None:
            findings.add(exchange.query, exchange, error, "[]")
        elif not isinstance(exchange.value, list):
            findings.add(exchange.query, exchange, outlined(exchange.value), "[]")
        empty.add(exchange.query)
    return findings.observed({"emptyViews": len(empty)})


@remembered
def _empty_results(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return the responses to documented queries that match no provider."""
    return tuple(
        exchange
        for span in evidence.steady_spans
        for exchange in span.exchanges
        if _matches_nothing(evidence, exchange, span.before)
    )


def _is_wrong_status(exchange: Exchange) -> bool:
    """Whether the status of a response takes the place of an empty array."""
    return _is_accepted(exchange) and exchange.status != 200 and exchange.status < 500


@check("HTTP-06")
def head_agrees_with_get(evidence: Evidence) -> Observed:
    """Judge HTTP-06.

    Send HEAD requests for documented queries and a malformed one with the accepted token. Compare
    the status with that of GET, and check that nothing follows the headers.
    """
    granted = list(evidence.granted_heads())
    if granted and all(one.status in UNSUPPORTED_STATUSES or one.refused for one in granted):
        return Observed(not_applicable="the server does not offer HEAD")
    heads = [head for head in granted if _is_accepted(head)]
    statuses = defaultdict(set)
    for exchange in evidence.reads:
        statuses[exchange.query].add(exchange.status)
    findings = Findings(evidence)
    tried = [
        head
        for head in heads
        if len(statuses[head.query]) == 1
        and (
            is_documented(evidence.contract, head.query)
            # Another status of a malformed query may come from something in front of the server.
            or statuses[head.query] | {head.status} <= OF_MALFORMED
        )
    ]
    for head in tried:
        (status,) = statuses[head.query]
        if head.status != status:
            findings.add(("status", head.status), head, head.outcome, f"status {status}, like GET")
        elif head.body:
            findings.add("body", head, "a body after the headers", "headers only")
    return findings.observed({"headRequests": len(tried)})


@check("HTTP-07")
def json_is_acceptable(evidence: Evidence) -> Observed:
    """Judge HTTP-07.

    Send a documented query with Accept headers that admit JSON by wildcards and weights, and check
    the status. If they prefer JSON to anything else, check the media type as well.
    """
    findings = Findings(evidence)
    tried = [exchange for exchange in evidence.negotiated if _is_accepted(exchange)]
    for exchange in tried:
        accept = exchange.request.accept
        name = media_type.parse(exchange.header("content-type") or "").name
        if exchange.status != 200:
            findings.add(accept, exchange, f"{exchange.outcome} for Accept: {accept}", "status 200")
        elif accept.startswith("application/json") and "json" not in name:
            observed = f"Content-Type: {visible(clipped(name))} for Accept: {accept}"
            findings.add(accept, exchange, observed, "application/json")
    return findings.observed({"acceptHeaders": len({one.request.accept for one in tried})})


def _is_accepted(exchange: Exchange) -> bool:
    # A credential may have expired.
    return exchange.conclusive and not exchange.refused


def _matches_nothing(evidence: Evidence, exchange: Exchange, unfiltered: Exchange) -> bool:
    # FILTER-10 and FILTER-11 judge other spellings; SHAPE-01 judges elements that are not objects.
    if exchange.request.path or exchange.query not in evidence.plain_queries:
        return False
    if len(unfiltered.providers) < len(unfiltered.value):
        return False
    (reading,) = readings(evidence.contract, exchange.query)
    return all(
        reading.keeps(dict(kind)) is False
        for kind in kinds(unfiltered, filtered_by(evidence.contract))
    )
