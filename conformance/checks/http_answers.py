"""HTTP: statuses, media type and well-formed JSON."""

from __future__ import annotations

from email.message import Message

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.oracle import readings
from conformance.core.strict_json import BLANK_BODY, NO_BODY
from conformance.core.text import clipped, outlined, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.evidence.providers import filtered_by, kinds

UTF_8 = frozenset({"utf-8", "utf8"})
BROKEN_BODY = frozenset({TroubleKind.CUT_SHORT, TroubleKind.UNDECODABLE})


@check("HTTP-01")
def documented_queries_succeed(evidence: Evidence) -> Observed:
    """Judge HTTP-01.

    Ask every combination of the documented values and look at the status.
    """
    findings = Findings(evidence)
    if evidence.refusal is not None and not evidence.opening.ok:
        findings.add("opening", evidence.opening, evidence.opening.outcome, "status 200")
    for exchange in evidence.documented:
        broken_body = exchange.trouble is not None and exchange.trouble.kind in BROKEN_BODY
        if exchange.status != 200 or (exchange.trouble is not None and not broken_body):
            findings.add(
                (exchange.query, exchange.status), exchange, exchange.outcome, "status 200"
            )
    queries = {exchange.query for exchange in evidence.documented}
    return findings.observed({"documentedQueries": len(queries), "answers": len(evidence.answers)})


@check("HTTP-02")
def media_type_is_json(evidence: Evidence) -> Observed:
    """Judge HTTP-02.

    Read the Content-Type of every 200 answer; with a charset, decode the body by it and by
    UTF-8.
    """
    findings = Findings(evidence)
    for exchange in evidence.answers:
        content_type = exchange.header("content-type")
        if content_type is None:
            findings.add("none", exchange, "no Content-Type", "Content-Type: application/json")
            continue
        message = Message()
        message["Content-Type"] = content_type
        # What get_content_type cannot read becomes text/plain, which is wrong here, too.
        media_type = message.get_content_type()
        shown = visible(clipped(content_type))
        if media_type != "application/json":
            findings.add(media_type, exchange, f"Content-Type: {shown}", "application/json")
            continue
        charset = message.get_content_charset()
        if charset is not None and not _reads_the_same(exchange, charset):
            findings.add(
                charset,
                exchange,
                f"Content-Type: {shown}, under which the body reads differently than in UTF-8",
                "UTF-8, or no charset",
            )
    return findings.observed({"answers": len(evidence.answers)})


def _reads_the_same(exchange: Exchange, charset: str) -> bool:
    if charset.lower() in UTF_8:
        return True
    try:
        return exchange.body.decode(charset) == exchange.body.decode("utf-8")
    except (LookupError, ValueError):
        # A body that is no UTF-8 is reported once, by HTTP-03.
        return False


@check("HTTP-03")
def body_is_one_json_text(evidence: Evidence) -> Observed:
    """Judge HTTP-03.

    Decode every 200 answer as UTF-8 and parse it strictly, to its announced end.
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
        if decoded.beyond:
            unable = f"the answer to {exchange.query} could not be judged: {decoded.error}"
        elif decoded.error is not None:
            findings.add((exchange.query, decoded.error), exchange, decoded.error, expected)
        for word in decoded.constants:
            findings.add(word, exchange, f"the word {word}, which JSON does not have", expected)
    return findings.observed({"answers": len(evidence.answers)}, unable=unable)


@check("HTTP-04")
def members_are_unique(evidence: Evidence) -> Observed:
    """Judge HTTP-04.

    Parse every 200 answer and look for a name that an object has twice, at any depth.
    """
    findings = Findings(evidence)
    for exchange in evidence.answers:
        for pointer in exchange.decoded.repeated:
            member = visible(pointer.rpartition("/")[2])
            findings.add(
                member,
                exchange,
                f'the member "{member}" stands twice in one object',
                "each member once",
                pointer=pointer,
            )
    return findings.observed(
        {"answers": len(evidence.answers), "providers": len(evidence.providers)}
    )


@check("HTTP-05")
def empty_results_are_empty_arrays(evidence: Evidence) -> Observed:
    """Judge HTTP-05.

    Ask documented queries that the unfiltered view has no provider for.
    """
    findings = Findings(evidence)
    empty = set()
    for span in evidence.steady_spans:
        for exchange in span.exchanges:
            if not _matches_nothing(evidence, exchange, span.before):
                continue
            error = exchange.decoded.error
            if exchange.status != 200:
                findings.add(exchange.query, exchange, exchange.outcome, "status 200 and []")
            elif exchange.trouble is not None or error not in (None, NO_BODY, BLANK_BODY):
                # What it holds cannot be told; that it is no JSON is HTTP-03's.
                continue
            elif error is not None:
                findings.add(exchange.query, exchange, error, "[]")
            elif not isinstance(exchange.value, list):
                findings.add(exchange.query, exchange, outlined(exchange.value), "[]")
            empty.add(exchange.query)
    return findings.observed({"emptyViews": len(empty)})


def _matches_nothing(evidence: Evidence, exchange: Exchange, unfiltered: Exchange) -> bool:
    # The same in other words is FILTER-11's, and elements that are no objects are SHAPE-01's.
    if exchange.request.path or exchange.query not in evidence.plain_queries:
        return False
    if len(unfiltered.providers) < len(unfiltered.value):
        return False
    (reading,) = readings(evidence.contract, exchange.query)
    return all(
        reading.keeps(dict(kind)) is False
        for kind in kinds(unfiltered, filtered_by(evidence.contract))
    )
