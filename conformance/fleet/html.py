"""Render the result of a fleet as one HTML page, which links the reports beside it."""

from __future__ import annotations

from conformance.checks.verdict import Outcome
from conformance.fleet import parts
from conformance.fleet.summary import Entry, Fleet
from conformance.report.render import templating
from conformance.report.render.html_parts import SIGNS
from conformance.report.render.parts import ranges

OPENED = 3
"""Groups that are open when the page is loaded."""
MOST_NAMED = 200
"""Targets that a group names; the table has all of them."""


def render(fleet: Fleet) -> str:
    """Return a page that loads nothing, and in which everything from a target stays text.

    It is readable without its script, which adds the search.
    """
    mark = parts.mark(fleet)
    names: dict[str, str] = {}
    for group in fleet.groups():
        names |= dict.fromkeys(group.targets, group.id)
    return templating.page(
        "fleet.html",
        styles=("report.css", "fleet.css"),
        scripts=("search.js", "fleet.js"),
        fleet=fleet,
        parts=parts,
        headline=parts.headline(fleet).capitalize(),
        mark=mark,
        signs=SIGNS,
        groups=fleet.groups(),
        group_of=names,
        most_named=MOST_NAMED,
        opened=OPENED,
        linked={one.name: link(one) for one in fleet.entries},
        failed=fleet.requirements(Outcome.FAILED),
        undecided=parts.undecided(fleet.requirements(Outcome.INCONCLUSIVE), len(fleet.entries)),
        results=results,
        ranges=ranges,
        facts=[
            ("Contract", f"version {fleet.contract}"),
            ("Started", fleet.started.strftime("%Y-%m-%d %H:%M:%S UTC")),
            ("Duration", f"{fleet.duration:,.1f} s"),
            ("Requests", f"{sum(one.requests for one in fleet.entries):,}"),
            ("Seed", str(fleet.seed)),
        ],
    )


def link(entry: Entry) -> str:
    """Return the path of the report that is best for people."""
    return next((entry.reports[one] for one in ("html", "json") if one in entry.reports), "")


def results(entry: Entry) -> str:
    """Return the requirements by outcome for the script, such as ``failed=A-01,A-02;error=B-01``.

    Families and numbers are short enough; passed requirements are most of the page otherwise, so
    they are ranges of numbers.
    """
    return ";".join(f"{outcome}={','.join(ids)}" for outcome, ids in entry.results.items())
