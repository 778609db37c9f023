"""Render a report as one self-contained HTML page, for screens of any size and for paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance._version import __version__
from conformance.checks.verdict import Outcome
from conformance.core.text import counted
from conformance.report.render import html_parts, templating, time_chart
from conformance.report.render.html_parts import Mark
from conformance.report.render.parts import headline, undecided
from conformance.report.report import TOOL, Conclusion, Report, binding_levels

LISTED = 8
"""Number of failed requirements in the list at the top; the others are counted."""
OPENED = 3
"""Number of failed requirements that are open when the page is loaded."""
SHARED = 5
"""A reason that more requirements share is not repeated in the line of each of them."""
NAMED = 3
"""Number of failed requirements named in a cell of the matrix."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact about the run; ``code`` marks values that are set in a monospaced font."""

    name: str
    value: str
    code: bool = False


def render(report: Report, titles: Mapping[str, str]) -> str:
    """Return a page that loads nothing, and in which everything that a target sent stays text.

    The page is readable without its script, which adds filters, a search and buttons. ``titles``
    maps the names of families to their titles.
    """
    found = html_parts.cards(report)
    broken = html_parts.broken(found)
    groups = undecided(report)
    # If nothing could be tested, the only reason is already shown with the verdict.
    alone = len(groups) == 1 and report.conclusion is Conclusion.ERROR
    open_groups = () if alone else groups
    return templating.page(
        "report.html",
        styles=("report.css",),
        scripts=("report.js",),
        report=report,
        headline=headline(report).capitalize(),
        mark=_mark(report),
        sign_of_all={Mark.GOOD: "✓", Mark.BAD: "✗"}.get(_mark(report), "!"),
        facts=list(_facts(report)),
        more=list(_more(report)),
        numbers=html_parts.numbers(found),
        levels=list(dict.fromkeys(str(card.verdict.requirement.level) for card in found)),
        total=len(found),
        broken=broken[:LISTED],
        unlisted=len(broken) - LISTED,
        opened={card.id for card in broken[:OPENED]},
        families=html_parts.families(found, titles),
        open=open_groups[:LISTED],
        unlisted_open=len(open_groups) - LISTED,
        common={group.reason for group in groups if len(group.ids) > SHARED},
        kinds=html_parts.OTHERS,
        most_listed=LISTED,
        undecided=sum(card.verdict.outcome is Outcome.INCONCLUSIVE for card in found),
        grid=html_parts.grid(report, found),
        described=html_parts.described,
        most_named=NAMED,
        chart=time_chart.chart(report.times) if report.times else None,
        duration=time_chart.duration,
        counted=counted,
        tool=TOOL,
    )


def _mark(report: Report) -> Mark:
    if report.interrupted or report.conclusion is Conclusion.ERROR:
        return Mark.TROUBLE
    return Mark.GOOD if report.conclusion is Conclusion.CONFORMANT else Mark.BAD


def _facts(report: Report) -> Iterator[_Fact]:
    yield _Fact("Contract", f"version {report.contract_version}")
    yield _Fact("Started", report.started.strftime("%Y-%m-%d %H:%M:%S UTC"))
    yield _Fact("Duration", _seconds(report.duration))
    limit = f" (limit {report.most_requests:,})" if report.most_requests else ""
    yield _Fact("Requests", f"{report.requests:,}{limit}")


def _seconds(duration: float) -> str:
    if duration < 60:
        return f"{duration:.1f} s"
    minutes, seconds = divmod(round(duration), 60)
    return f"{minutes:,} min {seconds} s"


def _more(report: Report) -> Iterator[_Fact]:
    yield _Fact("Verdict", str(report.conclusion), code=True)
    yield _Fact("Profile", report.profile)
    yield _Fact("Seed", str(report.seed), code=True)
    yield _Fact("Fails the run", f"a broken {' or '.join(sorted(binding_levels(report.fail_on)))}")
    if report.run_id:
        yield _Fact("Run id", report.run_id, code=True)
    yield _Fact("Exact duration", f"{report.duration:.3f} s")
    yield _Fact("Tool", f"{TOOL} {__version__}")
    yield _Fact("SHA-256 of the contract", report.contract_sha256, code=True)
    if report.baseline is not None:
        yield _Fact("Baseline", report.baseline.file, code=True)
