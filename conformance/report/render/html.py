"""Render a report as one self-contained HTML page, for screens of any size and for paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance._version import __version__
from conformance.checks.verdict import Outcome
from conformance.report.render import html_parts, templating, time_chart
from conformance.report.render.parts import (
    PLANNING,
    headline,
    labels,
    mark,
    may_be_planned,
    undecided,
    unexplained,
)
from conformance.report.report import TOOL, Qualification, Report, binding_levels

LISTED = 8
"""Number of failed requirements in the list at the top; the others are counted."""
OPENED = 3
"""Number of failed requirements that are open when the page is loaded."""
SHARED = 5
"""A reason that more requirements share is not repeated in the line of each of them."""
NAMED = 3
"""Number of failed requirements named in a cell of the matrix."""


Fact = tuple[str, str, bool]
"""The name and value of a fact about the run, and whether to set the value in monospace."""


def render(report: Report, titles: Mapping[str, str]) -> str:
    """Return a page that loads nothing, and in which everything that a target sent stays text.

    The page is readable without its script, which adds filters, a search and buttons. ``titles``
    maps the names of families to their titles.
    """
    found = html_parts.cards(report)
    broken = html_parts.broken(found)
    groups = unexplained(report)
    return templating.page(
        "report.html",
        styles=("report.css",),
        scripts=("search.js", "requirements.js", "copy.js", "report.js"),
        report=report,
        headline=headline(report).capitalize(),
        mark=mark(report),
        labels=labels(report),
        sign_of_all=html_parts.SIGNS[mark(report)],
        facts=list(_facts(report)),
        more=list(_more(report)),
        numbers=html_parts.numbers(found),
        levels=list(dict.fromkeys(str(card.verdict.requirement.level) for card in found)),
        total=len(found),
        broken=broken[:LISTED],
        unlisted=len(broken) - LISTED,
        opened={card.id for card in broken[:OPENED]},
        families=html_parts.families(found, titles),
        open=groups[:LISTED],
        unlisted_open=len(groups) - LISTED,
        planning=PLANNING if may_be_planned(report) else "",
        common={group.reason for group in undecided(report) if len(group.ids) > SHARED},
        kinds=html_parts.OTHERS,
        most_listed=LISTED,
        undecided=sum(card.verdict.outcome is Outcome.INCONCLUSIVE for card in found),
        grid=html_parts.grid(report, found),
        most_named=NAMED,
        chart=time_chart.chart(report.times) if report.times else None,
        duration=time_chart.duration,
    )


def _facts(report: Report) -> Iterator[Fact]:
    yield report.judged_by.capitalize(), f"version {report.contract_version}", False
    yield "Started", report.started.strftime("%Y-%m-%d %H:%M:%S UTC"), False
    yield "Duration", _seconds(report.duration), False
    limit = f" (limit {report.most_requests:,})" if report.most_requests else ""
    yield "Requests", f"{report.requests:,}{limit}", False


def _seconds(duration: float) -> str:
    if duration < 60:
        return f"{duration:.1f} s"
    minutes, seconds = divmod(round(duration), 60)
    return f"{minutes:,} min {seconds} s"


def _more(report: Report) -> Iterator[Fact]:
    yield "Verdict", str(report.conclusion), True
    if report.qualification is not Qualification.NONE:
        yield "Qualification", str(report.qualification), True
    if report.client is None:
        yield "Profile", report.profile, False
        yield "Seed", str(report.seed), True
    else:
        yield "Scenarios", f"{report.client.scenarios:,}", False
        yield "Answers", f"{report.client.answered:,}", False
    binding = " or ".join(sorted(binding_levels(report.fail_on)))
    yield "Fails the run", f"a broken {binding}", False
    if report.run_id:
        yield "Run id", report.run_id, True
    yield "Exact duration", f"{report.duration:.3f} s", False
    yield "Tool", f"{TOOL} {__version__}", False
    yield "SHA-256 of the contract", report.contract_sha256, True
    if report.baseline is not None:
        yield "Baseline", report.baseline.file, True
