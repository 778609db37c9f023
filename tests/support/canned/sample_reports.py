"""One report of each sort that a reader may be given, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from conformance.checks.verdict import Finding, Kind, Known, Outcome, Verdict
from conformance.contract.query import documented
from conformance.evidence.statistics import View, summarize
from conformance.report.report import BaselineResult, Conclusion, Problem, ProblemKind, Report
from support.canned.reports import LAW, report, verdicts

TIMES = summarize(0.001 * 1.013**number for number in range(400))
"""From a millisecond to a sixth of a second."""


def finding(number: int = 0) -> Finding:
    """Return a finding that differs from others by its number."""
    query = f"category=GIT&x={number}"
    return Finding(
        message=(
            f'GET {LAW.path}?{query}: provider "openAI" of category "AI_MODEL"; '
            'expected only providers of category "GIT"'
        ),
        query=query,
        curl=(
            'curl -sS -H "X-Authorization: $CONDUCTOR_AUTH_TOKEN" '
            f"'https://conductor.example.com{LAW.path}?{query}'"
        ),
        pointer=f"/{number}/category",
        observed='provider "openAI" of category "AI_MODEL"',
        expected='only providers of category "GIT"',
    )


def views(**members: Any) -> tuple[View, ...]:
    """Return every documented query, asked six times."""
    names = [item.parameter for item in LAW.filters]
    found = []
    for number, query in enumerate(documented(LAW)):
        values = {name: dict(query.pairs).get(name) for name in names}
        found.append(View(query.wire, values, 6, 6, number))
    return tuple(replace(view, **members) for view in found)


def failing(
    ids: Mapping[str, tuple[str, ...]], *, examples: int = 3, **members: Any
) -> tuple[Verdict, ...]:
    """Return verdicts of which these fail, each by these documented queries."""
    found = []
    for verdict in verdicts(dict.fromkeys(ids, Outcome.FAILED)):
        if verdict.outcome is Outcome.FAILED:
            verdict = replace(  # noqa: PLW2901 - the same one, with more in it
                verdict,
                reason=f"{examples + 4} violations, {examples} of them shown",
                findings=tuple(map(finding, range(examples))),
                kinds=(Kind("0123456789ab", "provider … of category …"),),
                queries=ids[verdict.requirement.id],
                **members,
            )
        found.append(verdict)
    return tuple(found)


GIT = ("category=GIT", "category=GIT&activeOnly=true")
BROKEN = {"HTTP-04": GIT[:1], "MODEL-03": GIT, "FILTER-01": GIT, "ROBUST-01": ()}
"""Of these MODEL-03 is a SHOULD, and ROBUST-01 was broken by no documented query."""


def broken() -> Report:
    """A server that breaks some requirements."""
    return report(failing(BROKEN), views=views(), times=TIMES, notes=("One note.", "Another."))


def known() -> Report:
    """A run with a baseline that does not fit in every way."""
    judged = failing(BROKEN)
    excuses = {"HTTP-04": Known("ticket 12", date(2099, 1, 31)), "FILTER-01": Known("ticket 13")}
    held = tuple(replace(one, known=excuses.get(one.requirement.id)) for one in judged)
    problems = tuple(
        Problem(kind, "SHAPE-01", f"SHAPE-01 does not fit: {kind}.") for kind in ProblemKind
    )
    return report(held, baseline=BaselineResult("known.toml", problems), views=views(), times=TIMES)


def excused() -> Report:
    """A run in which nothing fails but what is known."""
    excuse = Known("ticket 13", date(2099, 1, 31))
    judged = failing({"FILTER-01": GIT}, known=excuse)
    return report(judged, baseline=BaselineResult("known.toml"), views=views(), times=TIMES)


def undecided() -> Report:
    """A server whose data could have shown no violation of many requirements."""
    outcomes = {
        requirement.id: Outcome.INCONCLUSIVE
        for requirement in LAW.requirements
        if requirement.family == "FILTER"
    }
    outcomes["AUTH-05"] = Outcome.NOT_APPLICABLE
    reason = "the target showed no inactive provider"
    return report(verdicts(outcomes, reason=reason), views=views(), times=TIMES)


def untested() -> Report:
    """A server that could not be reached."""
    reason = "http://127.0.0.1:9 could not be tested: nothing listens there"
    judged = verdicts(otherwise=Outcome.ERROR, reason=reason)
    return report(judged, reason=f"{reason}.", requests=1)


def interrupted() -> Report:
    """A run that was stopped after it had found something."""
    judged = tuple(
        one
        if one.outcome is Outcome.FAILED
        else replace(one, outcome=Outcome.ERROR, reason="the run was interrupted", evidence="")
        for one in failing({"FILTER-01": GIT})
    )
    return report(
        judged,
        conclusion=Conclusion.ERROR,
        reason="The run was interrupted.",
        interrupted=True,
        views=(*views()[:12], *views(asked=0, answered=0, providers=None)[12:]),
        times=summarize([0.5]),
    )


def refused() -> Report:
    """A server without the endpoint."""
    outcomes = {"HTTP-01": Outcome.FAILED}
    judged = verdicts(outcomes, Outcome.INCONCLUSIVE, reason="not judged: the server has no such")
    return report(judged, refused=True, requests=1)


def everything_broken() -> Report:
    """A server that breaks every requirement by every query, with as many examples as there are."""
    queries = tuple(query.wire for query in documented(LAW))
    ids = {requirement.id: queries for requirement in LAW.requirements}
    return report(failing(ids, examples=5), views=views(), times=TIMES)


SAMPLES = {
    "conformant": report(views=views(), times=TIMES),
    "broken": broken(),
    "known": known(),
    "excused": excused(),
    "undecided": undecided(),
    "untested": untested(),
    "interrupted": interrupted(),
    "refused": refused(),
    "everything": everything_broken(),
}
"""By name."""
