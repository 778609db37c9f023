"""Show changes as a table, with the verdict below."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from spec_changes.change import Bump, Change

NARROWEST = 100
"""Minimum number of columns if the output is not a terminal, as in logs of CI servers."""
STYLES = {Bump.MAJOR: "bold red", Bump.MINOR: "yellow", Bump.PATCH: ""}


def show(head: str, found: Sequence[Change], verdict: str) -> None:
    """Print the changes and the verdict to standard output."""
    console = Console(highlight=False, emoji=False)
    if not sys.stdout.isatty():
        console.width = max(console.width, NARROWEST)
    console.print(Text(head), soft_wrap=True)
    if found:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("what", ratio=5, overflow="fold")
        table.add_column("where", ratio=4, overflow="fold")
        table.add_column("breaks", min_width=7)
        table.add_column("bump", min_width=5)
        for change in found:
            breaks = " and ".join(sorted(change.breaks)) or "nobody"
            what = f"{change.rule}: {change.what}" if change.what else change.rule
            bump = Text(change.bump.word, STYLES[change.bump])
            table.add_row(Text(what), Text(change.place), Text(breaks), bump)
        console.print()
        console.print(table)
    console.print()
    console.print(Text(verdict))
