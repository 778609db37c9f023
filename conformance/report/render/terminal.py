"""Render a report for the terminal, short enough for one screen."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance._version import __version__
from conformance.checks.verdict import Outcome
from conformance.core.text import counted, visible
from conformance.report.fixtures_used import FixturesUsed
from conformance.report.render import parts
from conformance.report.render.console import (
    COLOURS,
    GAP,
    STYLES,
    print_finding,
    print_wrapped,
    trimmed,
)
from conformance.report.render.parts import KNOWN, RESULTS
from conformance.report.report import TOOL, Report

DETAILED = 4
"""Number of failed requirements shown with request and response."""
LISTED = 8
"""Number of further ones shown in one line each; of the rest only the ids are shown."""
TITLE = 16
"""Columns that titles of families need; with fewer, they are left out."""


def render(report: Report, console: Console, titles: Mapping[str, str]) -> None:
    """Print a report; ``titles`` maps the names of families to their titles."""
    with trimmed(console):
        console.print()
        console.print(
            Text(
                f"{TOOL} {__version__}, {report.judged_by} {visible(report.contract_version)}",
                style="dim",
            )
        )
        console.print(Text(parts.cut(report.target), style="bold"))
        console.print()
        if parts.judged(report):
            console.print(Padding(_families(report, titles, console.width - 2), (0, 0, 0, 2)))
            console.print()
        _causes(report, console)
        _failures(report, console)
        _known(report, console)
        _undecided(report, console)
        for note in report.notes:
            print_wrapped(console, "note: ", visible(note), "yellow")
        if report.fixtures is not None:
            _fixtures(report.fixtures, report.target, console)
        _conclusion(report, console)


def render_verdict(report: Report, console: Console) -> None:
    """Print the verdict and its reason only, and which fixtures are left."""
    with trimmed(console):
        if report.fixtures is not None and report.fixtures.left:
            _fixtures(report.fixtures, report.target, console)
        _verdict(report, console)


def _families(report: Report, titles: Mapping[str, str], room: int) -> Table:
    rows = [
        (Text(family, "bold"), _counts(counts), Text(visible(titles.get(family, ""))))
        for family, counts in parts.families(report).items()
    ]
    names, counts = (max((row[column].cell_len for row in rows), default=0) for column in (0, 1))
    titled = names + GAP + counts + GAP + TITLE <= room
    table = Table.grid(padding=(0, GAP))
    table.add_column(no_wrap=True, min_width=names)
    # Without titles, counts may be wrapped; names are never cut.
    table.add_column(no_wrap=titled)
    if titled:
        table.add_column(style="dim")
    for row in rows:
        table.add_row(*row[: len(table.columns)])
    return table


def _counts(counts: Mapping[str, int]) -> Text:
    shown = [Text(f"{counts[one]} {one}", STYLES[one]) for one in RESULTS if one in counts]
    return Text(", ").join(shown)


def _causes(report: Report, console: Console) -> None:
    for cause in report.causes:
        number = counted(len(cause.requirements), "failure")
        shown_by = f"{parts.labels(report)[0]} {cause.finding.request_line}"
        label = f"{number} shown by the {shown_by}"
        line = Text(visible(label), STYLES[Outcome.FAILED])
        for text in (line, Text(f"  {parts.ranges(cause.requirements)}", "dim")):
            console.print(text, no_wrap=True, overflow="ellipsis")
    if report.causes:
        console.print()


def _failures(report: Report, console: Console) -> None:
    broken = parts.failed(report)
    for number, verdict in enumerate(broken[: DETAILED + LISTED]):
        requirement, counts = verdict.requirement, report.counts_against(verdict)
        statement = Text(visible(requirement.statement))
        # Red is for failures that count.
        style = STYLES[Outcome.FAILED] if counts else "yellow"
        head = (f"{requirement.id} {'failed' if counts else 'not met'}", style)
        if number >= DETAILED:
            line = Text.assemble(head, "  ", statement)
            console.print(line, no_wrap=True, overflow="ellipsis")
            continue
        console.print(Text.assemble(head, (f"  {requirement.level}", "dim")))
        console.print(Padding(statement, (0, 0, 0, 2)))
        if verdict.findings:
            print_finding(verdict.findings[0], console, parts.labels(report))
        if len(verdict.findings) > 1:
            console.print(Text(f"  {visible(parts.total(verdict))}", style="dim"))
        console.print()
    others = broken[DETAILED:]
    if others[LISTED:]:
        ids = parts.ranges([verdict.requirement.id for verdict in others[LISTED:]])
        print_wrapped(console, "also failed  ", ids, STYLES[Outcome.FAILED])
    if others:
        console.print()


def _known(report: Report, console: Console) -> None:
    found = parts.known_failures(report)
    for name, known in found:
        until = f" until {known.expires}" if known.expires else ""
        print_wrapped(console, f"{name} {KNOWN}{until}: ", visible(known.reason), "yellow")
    if found:
        console.print()


def _undecided(report: Report, console: Console) -> None:
    found = parts.unexplained(report)
    last = next((group for group in reversed(found) if group.decided_by), None)
    for group in found:
        label = f"{parts.ranges(group.ids)} {group.outcome}: "
        console.print(Text.assemble((label, STYLES[group.outcome]), visible(group.reason)))
        if group.decided_by:
            print_wrapped(console, "  decided by  ", visible(group.decided_by), "dim")
        if group is last and parts.may_be_planned(report):
            advice = f"`{parts.PLANNING}` shows which providers would decide these"
            print_wrapped(console, "  ", advice, "dim")
    if found:
        console.print()


def _fixtures(used: FixturesUsed, url: str, console: Console) -> None:
    style = STYLES[Outcome.FAILED if used.left else Outcome.PASSED]
    print_wrapped(console, "fixtures: ", visible(used.summary), style)
    for one in used.left:
        # Not wrapped, so that it can be copied as a whole.
        command = (visible(one.curl), "cyan")
        console.print(Text.assemble(("  remove with  ", style), command), soft_wrap=True)
    if advice := used.advice(url):
        console.print(Text(f"  {visible(advice)}", style), soft_wrap=True)
    console.print()


def _verdict(report: Report, console: Console) -> None:
    word = parts.headline(report).upper()
    print_wrapped(console, f"{word}  ", visible(report.reason), COLOURS[parts.mark(report)])


def _conclusion(report: Report, console: Console) -> None:
    _verdict(report, console)
    total = len(report.verdicts)
    counts = report.counts()
    checked = total - counts[Outcome.ERROR]
    if report.refused:
        # The others are not even inconclusive: nothing was requested for them.
        checked = counts[Outcome.PASSED] + counts[Outcome.FAILED]
    how = (
        f"with {counted(report.requests, 'request')} (limit {report.most_requests:,})"
        if report.client is None
        else f"in {counted(report.client.scenarios, 'scenario')} with "
        f"{counted(report.requests, 'request')}"
    )
    settings = "" if report.client else f"profile {report.profile}, seed {report.seed}, "
    console.print(
        Text(
            f"{f'{checked} of ' if checked < total else ''}"
            f"{counted(total, 'requirement')} checked {how} "
            f"in {report.duration:.1f} s\n"
            f"{settings}run {report.run_id}",
            style="dim",
        )
    )
