"""Render the result of a fleet at the terminal: what failed alike is one paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.checks.verdict import Outcome
from conformance.core.text import counted, visible
from conformance.fleet import parts
from conformance.fleet.summary import Entry, Fleet, Group
from conformance.report.render.console import COLOURS, print_wrapped, trimmed
from conformance.report.render.parts import ranges

GROUPS = 10
"""Groups that are shown; the page has all of them."""
LINES = 20
"""Lines of changes, and of targets that a search found."""


def render(
    fleet: Fleet, console: Console, *, folder: Path, found: Sequence[Entry] | None = None
) -> None:
    """Print the result, and the targets ``found`` by a search."""
    with trimmed(console):
        style = COLOURS.get(parts.mark(fleet), "bold")
        console.print(Text.assemble((parts.headline(fleet).capitalize(), style)))
        took = f"{fleet.duration:,.1f} s"
        console.print(f"{parts.counts(fleet)}; {took}, seed {fleet.seed}")
        for group in fleet.groups()[:GROUPS]:
            _group(group, console)
        if more := fleet.groups()[GROUPS:]:
            console.print(f"\n{counted(len(more), 'more group')} on the page")
        numbers = fleet.requirements(Outcome.INCONCLUSIVE)
        if numbers:
            console.print("\nundecided", style="bold")
            for targets, ids in parts.undecided(numbers, len(fleet.entries)):
                print_wrapped(console, f"  {targets:<14}", ids, "dim")
        if fleet.difference is not None:
            _changes(fleet, console)
        if found is not None:
            _found(found, console)
        console.print(f"\nreports: {visible(str(folder))}", style="dim", soft_wrap=True)
        if fleet.interrupted:
            console.print("continue: the same command with --resume", style="dim")


def _group(group: Group, console: Console) -> None:
    console.print()
    head = f"{counted(len(group.targets), 'target')} {parts.WORDS[group.state]}"
    console.print(
        Text.assemble((head, COLOURS[parts.MARKS[group.state]]), (f"  group {group.id}", "dim"))
    )
    print_wrapped(console, "  ", visible(parts.what(group)), "")
    if group.failures:
        first = group.failures[0]
        for label, text in (
            ("request", first.request),
            ("response", first.observed),
            ("expected", first.expected),
        ):
            print_wrapped(console, f"  {label:<10}", visible(text), "dim")
    print_wrapped(console, "  targets   ", parts.some(group.targets), "dim")


def _changes(fleet: Fleet, console: Console) -> None:
    difference = fleet.difference
    assert difference is not None  # noqa: S101 - see `render`
    console.print(f"\nsince {visible(difference.earlier)}", style="bold")
    if not difference:
        console.print("  no difference")
    for title, number, lines in parts.changes(difference):
        console.print(f"  {title}: {counted(number, 'target')}")
        _lines(lines, console)


def _found(found: Sequence[Entry], console: Console) -> None:
    console.print(f"\n{counted(len(found), 'target')} found", style="bold")
    _lines([f"{one.name}: {_short(one)}" for one in found], console)


def _short(entry: Entry) -> str:
    failed = [one.requirement for one in entry.failures]
    more = f", fails {ranges(failed)}" if failed else ""
    return f"{parts.WORDS[entry.state]}{more}"


def _lines(lines: Sequence[str], console: Console) -> None:
    for line in lines[:LINES]:
        print_wrapped(console, "    ", visible(line), "")
    if len(lines) > LINES:
        console.print(f"    and {len(lines) - LINES:,} more")
