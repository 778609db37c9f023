"""Render a report for the terminal, short enough for one screen."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance._version import __version__
from conformance.checks.verdict import Outcome, Verdict
from conformance.core.text import counted, visible
from conformance.report.render.console import (
    COLOURS,
    GAP,
    STYLES,
    print_finding,
    print_wrapped,
    style_of,
    trimmed,
)
from conformance.report.render.parts import (
    KNOWN,
    Family,
    failed,
    families,
    headline,
    known_failures,
    ranges,
    total,
    undecided,
)
from conformance.report.report import TOOL, Conclusion, Report

DETAILED = 4
"""Number of failed requirements shown with request and response."""
LISTED = 10
"""Number of further ones shown in one line each; of the rest only the ids are shown."""
TITLE = 16
"""Columns that titles of families need; with fewer, they are left out."""


def render(report: Report, console: Console, titles: Mapping[str, str]) -> None:
    """Print a report; ``titles`` maps the names of families to their titles."""
    with trimmed(console):
        _render(report, console, titles)


def _render(report: Report, console: Console, titles: Mapping[str, str]) -> None:
    console.print()
    console.print(
        Text(f"{TOOL} {__version__}, contract {visible(report.contract_version)}", style="dim")
    )
    console.print(Text(visible(report.target), style="bold"))
    console.print()
    if any(verdict.outcome is not Outcome.ERROR for verdict in report.verdicts):
        console.print(Padding(_families(report, titles, console.width - 2), (0, 0, 0, 2)))
        console.print()
    _failures(report, console)
    _known(report, console)
    _undecided(report, console)
    for note in report.notes:
        print_wrapped(console, "note: ", visible(note), "yellow")
    _conclusion(report, console)


def _families(report: Report, titles: Mapping[str, str], room: int) -> Table:
    rows = [
        (Text(family.name, "bold"), _counts(family), Text(visible(titles.get(family.name, ""))))
        for family in families(report)
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


def _counts(family: Family) -> Text:
    counts = [
        (f"{number} {outcome}", STYLES[outcome])
        for outcome, number in zip(Outcome, family.numbers, strict=True)
        if number
    ]
    if family.known:
        counts.append((f"{family.known} {KNOWN}", "yellow"))
    return Text(", ").join(Text(*count) for count in counts)


def _failures(report: Report, console: Console) -> None:
    broken = failed(report)
    for verdict in broken[:DETAILED]:
        requirement = verdict.requirement
        head = (f"{requirement.id} {_word(report, verdict)}", style_of(report, verdict))
        console.print(Text.assemble(head, (f"  {requirement.level}", "dim")))
        console.print(Padding(Text(visible(requirement.statement)), (0, 0, 0, 2)))
        if verdict.findings:
            print_finding(verdict.findings[0], console)
        if len(verdict.findings) > 1:
            console.print(Text(f"  {visible(total(verdict))}", style="dim"))
        console.print()
    others = broken[DETAILED:]
    for verdict in others[:LISTED]:
        style = style_of(report, verdict)
        named = f"{verdict.requirement.id} {_word(report, verdict)}"
        line = Text.assemble((named, style), "  ")
        line.append(visible(verdict.requirement.statement))
        console.print(line, no_wrap=True, overflow="ellipsis")
    if others[LISTED:]:
        ids = ", ".join(ranges([verdict.requirement.id for verdict in others[LISTED:]]))
        print_wrapped(console, "also failed  ", ids, STYLES[Outcome.FAILED])
    if others:
        console.print()


def _known(report: Report, console: Console) -> None:
    found = known_failures(report)
    for name, known in found:
        until = f" until {known.expires}" if known.expires else ""
        print_wrapped(console, f"{name} known to fail{until}: ", visible(known.reason), "yellow")
    if found:
        console.print()


def _word(report: Report, verdict: Verdict) -> str:
    return "failed" if report.counts_against(verdict) else "not met"


def _undecided(report: Report, console: Console) -> None:
    found = undecided(report)
    if len(found) == 1 and report.conclusion is Conclusion.ERROR:
        return
    for group in found:
        label = f"{', '.join(ranges(group.ids))} {group.outcome}: "
        console.print(Text.assemble((label, STYLES[group.outcome]), visible(group.reason)))
    if found:
        console.print()


def _conclusion(report: Report, console: Console) -> None:
    word = headline(report).upper()
    print_wrapped(console, f"{word}  ", visible(report.reason), COLOURS[report.conclusion])
    total = len(report.verdicts)
    checked = total - report.counts()[Outcome.ERROR]
    console.print(
        Text(
            f"{f'{checked} of ' if checked < total else ''}"
            f"{counted(total, 'requirement')} checked with "
            f"{counted(report.requests, 'request')} (limit {report.most_requests:,}) "
            f"in {report.duration:.1f} s\n"
            f"profile {report.profile}, seed {report.seed}, run {report.run_id}",
            style="dim",
        )
    )
