"""Terminal output that several reports share: the console, wrapped text, findings, styles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.core.text import visible
from conformance.report.render.parts import (
    asked,
)
from conformance.report.report import Conclusion, Report

GAP = 3
"""Blanks between two columns."""


def kept(widths: Sequence[int], importance: Sequence[int], room: int) -> list[int]:
    """Return the numbers of the columns to show, from left to right.

    Args:
        widths: of the columns, from left to right.
        importance: the numbers of the columns, the most important one first; that is always shown.
        room: characters of a line.
    """
    chosen: list[int] = []
    taken = -GAP
    for number in importance:
        taken += GAP + widths[number]
        if chosen and taken > room:
            break
        chosen.append(number)
    return sorted(chosen)


WIDTH_ELSEWHERE = 100
BESIDE = 20
"""Columns below which a text is not shown beside its label but goes on where that ends."""
_COMMAND = re.compile(r"^(\s*)::")
WIDEST = 110

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.ERROR: "magenta",
}
COLOURS = {
    Conclusion.CONFORMANT: "bold green",
    Conclusion.NON_CONFORMANT: "bold red",
    Conclusion.ERROR: "bold magenta",
}


def console_for(stream: TextIO) -> Console:
    """Return a console that colours only on a terminal, and never with ``NO_COLOR``."""
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    width = None if terminal else WIDTH_ELSEWHERE
    console = Console(
        file=stream,
        force_terminal=terminal,
        no_color=bool(os.environ.get("NO_COLOR")) or not terminal,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    if console.width > WIDEST:
        console.width = WIDEST
    return console


@contextmanager
def trimmed(console: Console) -> Iterator[None]:
    """Hold back what is printed and then write it without blanks at the end of lines."""
    with console.capture() as capture:
        yield
    # Tables pad their last column, which would only be in the way of those who copy. And where a
    # line is broken, it could begin like a command for the CI server (``::error::…``).
    lines = (_COMMAND.sub(r"\1\\u003a:", line.rstrip()) for line in capture.get().splitlines())
    console.file.write("\n".join(lines) + "\n")
    console.file.flush()


def style_of(report: Report, verdict: Verdict) -> str:
    """Return the style of a failed verdict: that of a failure only if it counts."""
    return STYLES[Outcome.FAILED] if report.counts_against(verdict) else "yellow"


def print_finding(finding: Finding, console: Console) -> None:
    """Print what was asked, what came back and what is right, and the command that shows it."""
    place = f"  at {visible(finding.pointer)}" if finding.pointer else ""
    for label, text in (
        ("asked", asked(finding)),
        ("came back", finding.observed + place),
        ("expected", finding.expected),
    ):
        print_wrapped(console, f"  {label:<10}", visible(text), "dim")
    if not finding.curl:
        return
    # Not wrapped, so that it can be copied.
    console.print(
        Text.assemble(("  see it    ", "dim"), (visible(finding.curl), "cyan")), soft_wrap=True
    )


def print_wrapped(console: Console, label: str, text: str, style: str) -> None:
    """Print a text beside its label, which is styled; further lines are indented under it.

    Where there is no room for that, they are not, so that nothing of the label is cut.
    """
    if console.width - cell_len(label) < BESIDE:
        console.print(Text.assemble((label, style), text), overflow="fold")
        return
    grid = Table.grid()
    grid.add_column(no_wrap=True, style=style)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label), Text(text))
    console.print(grid)
