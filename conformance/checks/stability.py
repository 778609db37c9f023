"""STABLE: equal queries get equal answers, and each answer is that of its own query."""

from __future__ import annotations

from collections import defaultdict

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.oracle import is_documented, readings
from conformance.contract.query import Query
from conformance.core.text import counted, shown
from conformance.evidence.carry_over import carried, lacks_carried
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.intermittent import Blip, stability
from conformance.evidence.providers import filtered_by, kinds
from conformance.evidence.view_comparison import KEPT_CHANGING

TOO_FEW = "some answers differed for a moment, too few to tell mistakes from changes of the cluster"

OWN = "the answer to this query, whatever else is asked"


@check("STABLE-01")
def equal_queries_get_equal_answers(evidence: Evidence) -> Observed:
    """Judge STABLE-01.

    Ask every documented query several times, in changing order, and compare the answers as
    sets. Look for first answers that differ from all later ones. Where others differ, watch long
    enough to tell mistakes from a cluster that changes.
    """
    findings = Findings(evidence)
    seen = stability(evidence)
    if seen.wrong:
        share = f"{counted(len(seen.blips), 'answer')} of {seen.answers}"
        for blip in seen.blips:
            findings.add(
                (blip.exchange.query, blip.lost, blip.added, blip.altered),
                blip.exchange,
                f"{_difference(blip)} this time; {share} differ so for a moment",
                "equal answers to equal queries while nothing changes",
            )
    for blip in seen.firsts:
        findings.add(
            ("first", blip.exchange.query),
            blip.exchange,
            f"{_difference(blip)} the first time it was asked and never again, as with "
            f"{len(seen.firsts)} of {seen.asked} queries",
            "equal answers to equal queries while nothing changes",
        )
    unable = None
    if not seen.usual:
        unable = KEPT_CHANGING if evidence.unfiltered_reads else "there was no view to compare with"
    elif seen.blips and not seen.wrong and not seen.firsts:
        unable = KEPT_CHANGING if evidence.changing and not seen.doubtful else TOO_FEW
    return findings.observed(_looked(evidence, seen.repeated), unable=unable)


def _looked(evidence: Evidence, repeated: int) -> dict[str, int]:
    return {
        "repeated": repeated,
        "answers": len(evidence.listings),
        "providers": len(evidence.providers),
    }


def _difference(blip: Blip) -> str:
    for names, words in (
        (blip.lost, "is missing"),
        (blip.added, "is there"),
        (blip.altered, "reads differently"),
    ):
        if names:
            others = f" and {counted(len(names) - 1, 'other')}" if len(names) > 1 else ""
            verb = (
                words if len(names) == 1 else words.replace("is ", "are ").replace("reads", "read")
            )
            return f"provider {shown(names[0])}{others} {verb}"
    return "nothing differs"


@check("STABLE-02")
def answers_belong_to_their_queries(evidence: Evidence) -> Observed:
    """Judge STABLE-02.

    Ask different queries at once, and look for answers with providers that the query excludes,
    although the same query is answered without them at other times. Ask some one after the other,
    and look for bare queries that are answered by a parameter of the query before.
    """
    findings = Findings(evidence)
    for parameter, pairs in carried(evidence).items():
        first = pairs[0]
        (value,) = first.before.query.values(parameter)
        findings.add(
            ("carried", parameter),
            first.bare,
            f"the answer follows {parameter} of the query before it, here {parameter}={value} of "
            f"{first.before.query}, each time when asked in turn",
            OWN,
        )
    groups: dict[Query, list[tuple[Exchange, str | None]]] = defaultdict(list)
    for read in evidence.listings:
        if is_documented(evidence.contract, read.query) and not lacks_carried(evidence, read.query):
            groups[read.query].append((read, _stranger(evidence, read)))
    for group in groups.values():
        wrong = [(read, name) for read, name in group if name is not None]
        # What is wrong every time is the filter's fault, which FILTER judges.
        if wrong and 2 * len(wrong) <= len(group):
            read, name = wrong[0]
            findings.add(
                read.query,
                read,
                f"provider {name}, which the query excludes, in {len(wrong)} of "
                f"{counted(len(group), 'answer')} to it",
                OWN,
            )
    repeated = sum(len(group) > 1 for group in groups.values())
    return findings.observed(_looked(evidence, repeated))


def _stranger(evidence: Evidence, read: Exchange) -> str | None:
    (reading,) = readings(evidence.contract, read.query)
    for kind, alike in kinds(read, filtered_by(evidence.contract)).items():
        if reading.keeps(dict(kind)) is False:
            return shown(alike[0].get("name"))
    return None
