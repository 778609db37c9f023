"""STABLE: equal queries get equal responses, and no response belongs to another query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.query import Query
from conformance.core.text import counted, format_value
from conformance.evidence.carry_over import carried, lacks_carried
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.intermittent import (
    CONFIDENCE,
    Blip,
    Stability,
    restless,
    stability,
    take_turns,
)
from conformance.evidence.mixed_up import excluded, mixed_up, of_another_url, stored
from conformance.evidence.providers import EMBEDDED
from conformance.evidence.second_witness import accounts, most_vanished
from conformance.evidence.view_comparison import KEPT_CHANGING

TOO_FEW = "some responses differed briefly, but too rarely to rule out changes of the cluster"
TOO_SLOW = (
    "some responses differed briefly, but the ones before and after them came too slowly to rule "
    "out changes of the cluster"
)
TAKING_TURNS = (
    "two states of the list take turns, as if two backends disagreed, and it could not be shown "
    "which of them is right"
)
VANISHED = (
    "{} of {} providers disappeared from the list during the run, and no other endpoint showed "
    "whether they still exist"
)
NOTHING_TO_COMPARE = "the unfiltered list could not be read, so there was nothing to compare"

OWN = "the response to this query, whatever else is requested"
SAME = "equal responses to equal queries while nothing changes"


@check("STABLE-01")
def equal_queries_get_equal_answers(evidence: Evidence) -> Observed:
    """Judge STABLE-01.

    Send every documented query several times, in varying order, and compare the results as sets.
    Check for first responses that differ from all later ones. If other responses differ, repeat the
    queries often enough to distinguish faults from changes of the cluster.
    """
    findings = Findings(evidence)
    seen = stability(evidence)
    if seen.wrong:
        share = f"{len(seen.blips)} of {counted(seen.answers, 'response')}"
        for blip in seen.blips:
            findings.add(
                (blip.exchange.query, blip.lost, blip.added, blip.altered),
                blip.exchange,
                f"{_difference(blip)} this time; {share} differ so for a moment",
                SAME,
            )
    for blip in seen.firsts:
        findings.add(
            ("first", blip.exchange.query),
            blip.exchange,
            f"{_difference(blip)} the first time it was asked and never again, as with "
            f"{len(seen.firsts)} of {seen.asked} queries",
            SAME,
        )
    for account in accounts(evidence):
        if account.comes_and_goes:
            reading = next(one for one in account.readings if account.lacks(one.after))
            lists = counted(len(account.shown), "response")
            findings.add(
                ("backends", account.name),
                reading.after,
                f"two backends disagree: provider {format_value(account.name)} is missing in "
                f"{account.shown.count(False)} of {lists}, while "
                f"GET {reading.witness.request.path} has it each time",
                SAME,
                provider=account.name,
                against=reading.witness,
            )
    measured = {
        "equalQueries": seen.equal,
        "comparedAnswers": seen.answers,
        "providers": len(evidence.held),
    }
    observed = findings.observed(measured, unable=_undecided(evidence, seen))
    return replace(observed, power=_power(seen))


def _undecided(evidence: Evidence, seen: Stability) -> str | None:
    vanished = most_vanished(evidence)
    if vanished and not any(one.readings for one in accounts(evidence)):
        return VANISHED.format(*vanished)
    if not seen.usual:
        if not evidence.unfiltered_reads:
            return NOTHING_TO_COMPARE
        return TAKING_TURNS if take_turns(evidence) else KEPT_CHANGING
    if seen.wrong or seen.firsts:
        return None
    if turns := restless(evidence, evidence.documented_fields - {EMBEDDED}):
        return turns
    if not (seen.blips or seen.unclear):
        return None
    if not seen.doubtful and evidence.changing:
        return KEPT_CHANGING
    return TOO_SLOW if seen.unclear > len(seen.blips) else TOO_FEW


def _power(seen: Stability) -> str:
    if seen.power < 2:
        return ""
    return (
        f"would have caught a server that is wrong in 1 of {seen.power} responses with "
        f"{CONFIDENCE:.0%} confidence"
    )


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
            return f"provider {format_value(names[0])}{others} {verb}"
    return "nothing differs"


@check("STABLE-02")
def answers_belong_to_their_queries(evidence: Evidence) -> Observed:
    """Judge STABLE-02.

    Send different queries at the same time. Check for results with providers that the query
    excludes, if other responses to the same query do not contain them. Send some queries one after
    the other. Check whether a query without parameters returns the result for a parameter of the
    previous query.
    """
    findings = Findings(evidence)
    for parameter, pairs in carried(evidence).items():
        first = pairs[0]
        (value,) = first.before.query.values(parameter)
        findings.add(
            ("carried", parameter),
            first.bare,
            f"the response follows {parameter} of the query before it, here {parameter}={value} of "
            f"{first.before.query}, each time when asked in turn",
            OWN,
            against=first.before,
        )
    foreign = of_another_url(evidence)
    if foreign is not None:
        findings.add(
            "stored",
            foreign,
            f"a stored response ({stored(foreign)}), though its URL, with an additional parameter, "
            "was never requested before",
            OWN,
        )
    for query, read in mixed_up(evidence).items():
        findings.add(
            query,
            read,
            f"provider {excluded(evidence, read)}, which the query excludes, unless caches are "
            "told not to respond",
            OWN,
        )
    groups: dict[Query, list[tuple[Exchange, str | None]]] = defaultdict(list)
    for read in evidence.documented_listings:
        if not lacks_carried(evidence, read.query):
            groups[read.query].append((read, excluded(evidence, read)))
    for group in groups.values():
        wrong = [(read, name) for read, name in group if name is not None]
        # FILTER judges a filter that is wrong every time.
        if wrong and 2 * len(wrong) <= len(group):
            read, name = wrong[0]
            findings.add(
                read.query,
                read,
                f"provider {name}, which the query excludes, in {len(wrong)} of "
                f"{counted(len(group), 'response')} to it",
                OWN,
            )
    repeated = sum(len(group) > 1 for group in groups.values())
    measured = {
        "repeated": repeated,
        "answers": len(evidence.listings),
        "providers": len(evidence.held),
    }
    return findings.observed(measured)
