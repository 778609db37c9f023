"""Terminal output shared by several reports: the console, wrapped text, findings, styles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.checks.verdict import Finding, Outcome
from conformance.core.text import visible
from conformance.report.render.parts import ABOUT_SERVERS, KNOWN, Mark, frequency

GAP = 3
"""Spaces between two columns."""


def kept(widths: Sequence[int], importance: Sequence[int], room: int) -> list[int]:
    """Return the indices of the columns that fit into a line, from left to right.

    Args:
        widths: the widths of the columns, from left to right.
        importance: the indices of the columns by importance; the first is always included.
        room: the width of a line in characters.
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
"""Columns where the output is not a terminal."""
BESIDE = 20
"""Columns that a text needs to be set beside its label; with fewer, it follows the label."""
_COMMAND = re.compile(r"^(\s*)::")
WIDEST = 110

STYLES: Mapping[str, str] = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.ERROR: "magenta",
    KNOWN: "yellow",
}
"""By the result of a requirement."""
COLOURS = {
    Mark.GOOD: "bold green",
    Mark.WARN: "bold yellow",
    Mark.BAD: "bold red",
    Mark.TROUBLE: "bold magenta",
}


def console_for(stream: TextIO) -> Console:
    """Return a console that uses colours on a terminal, or if ``FORCE_COLOR`` is set.

    ``NO_COLOR`` switches them off in any case (no-color.org, force-color.org).
    """
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    uncoloured = bool(os.environ.get("NO_COLOR"))
    coloured = terminal or (bool(os.environ.get("FORCE_COLOR")) and not uncoloured)
    width = None if terminal else WIDTH_ELSEWHERE
    console = Console(
        file=stream,
        force_terminal=coloured,
        color_system="auto" if terminal or not coloured else "standard",
        no_color=uncoloured or not coloured,
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
    """Collect what is printed, and write it without whitespace at the ends of lines."""
    with console.capture() as capture:
        yield
    # Tables pad their last column, which is a nuisance when text is copied. A wrapped line could
    # begin like a command for the CI server (``::error::…``).
    lines = (_COMMAND.sub(r"\1\\u003a:", line.rstrip()) for line in capture.get().splitlines())
    console.file.write("\n".join(lines) + "\n")
    console.file.flush()


def print_finding(
    finding: Finding, console: Console, labels: tuple[str, str] = ABOUT_SERVERS
) -> None:
    """Print request, response, expectation, and the command that reproduces the finding.

    ``labels`` are those of the first two.
    """
    place = f"  at {visible(finding.pointer)}" if finding.pointer else ""
    for label, text in (
        (labels[0], finding.request_line),
        (labels[1], finding.observed + place),
        ("expected", finding.expected),
        ("right for", finding.right_for),
        ("seen", frequency(finding)),
    ):
        if text:
            print_wrapped(console, f"  {label:<10}", visible(text), "dim")
    if not finding.curl:
        return
    commands = {"reproduce": finding.curl}
    if finding.compared is not None:
        commands["compare"] = finding.compared.curl
    for label, command in commands.items():
        # Not wrapped, so that it can be copied as a whole.
        line = Text.assemble((f"  {label:<10}", "dim"), (visible(command), "cyan"))
        console.print(line, soft_wrap=True)


def print_wrapped(console: Console, label: str, text: str, style: str) -> None:
    """Print a text beside its styled label; further lines are indented below the text.

    If there is too little room, the text follows the label instead, so that the label is not cut.
    """
    if console.width - cell_len(label) < BESIDE:
        console.print(Text.assemble((label, style), text), overflow="fold")
        return
    grid = Table.grid()
    grid.add_column(no_wrap=True, style=style)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label), Text(text))
    console.print(grid)
