"""Render a comparison of reports for the terminal; differences come first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance._version import __version__
from conformance.core.text import clipped, visible
from conformance.report.compare import parts
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.parts import letters, standing, word, words
from conformance.report.render.console import STYLES, print_finding, print_wrapped, trimmed
from conformance.report.render.parts import cut, ranges
from conformance.report.report import TOOL

DETAILED = 4
"""Number of requirements of each kind of change shown with request and response."""
LISTED = 12
"""Number of further ones shown in one line each; of the rest only the ids are shown."""
SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "known to fail": "k",
    "inconclusive": "?",
    "not-applicable": "-",
    "error": "!",
    "not judged": "·",
}
GAP = 2
STATEMENT = 30
"""Columns that a statement needs in a table; with fewer, it is left out."""
COLOURS = {
    Upshot.REGRESSION: "bold red",
    Upshot.NO_REGRESSION: "bold green",
    Upshot.UNTOLD: "bold magenta",
    None: "bold",
}
STYLES_OF = {
    Change.NEWLY_FAILING: "bold red",
    Change.SPREAD: "bold red",
    Change.NEWLY_PASSING: "bold green",
    Change.EVIDENCE_GAINED: "bold green",
}


def render(comparison: Comparison, console: Console) -> None:
    """Print a comparison."""
    with trimmed(console):
        console.print()
        number = "two" if comparison.is_pair else str(len(comparison.sides))
        console.print(Text(f"{TOOL} {__version__}, comparison of {number} reports", style="dim"))
        console.print()
        _legend(comparison, console)
        if comparison.is_pair:
            _changes(comparison, console)
        else:
            _matrix(comparison, console)
        _alike(comparison, console)
        for note in comparison.notes:
            print_wrapped(console, "note: ", note, "yellow")
        head = parts.UPSHOTS[comparison.upshot].upper()
        print_wrapped(console, f"{head}  ", comparison.reason, COLOURS[comparison.upshot])


def _legend(comparison: Comparison, console: Console) -> None:
    shown = parts.legend(comparison)
    rows = [
        (entry.mark, entry.file, ", ".join(entry.facts), entry.started, entry.verdict)
        for entry in shown.entries
    ]
    # Files are empty for reports in memory, and facts are empty if all are shared.
    used = [number for number in range(5) if any(row[number] for row in rows)]
    widths = [max(cell_len(row[number]) for row in rows) + GAP for number in used]
    if sum(widths) <= console.width:
        table = Table.grid(padding=(0, GAP))
        for number in used:
            table.add_column(no_wrap=True, style="" if number else "bold")
        for row in rows:
            table.add_row(*(row[number] for number in used))
        console.print(Padding(table, (0, 0, 0, GAP)))
    else:
        # In a table, the cells would be so narrow that names are broken.
        for mark, *facts, result in rows:
            text = f"{', '.join(filter(None, facts))}\n{result}"
            print_wrapped(console, f"{' ' * GAP}{mark:<{widths[0]}}", text, "bold")
    if shown.shared:
        label = f"{parts.which(comparison):<{widths[0] - GAP}}"
        print_wrapped(console, f"  {label}  ", ", ".join(shown.shared), "dim")
    console.print()


def _changes(comparison: Comparison, console: Console) -> None:
    for kind, rows in parts.differing(comparison):
        style = STYLES_OF.get(kind, "bold yellow")
        if kind in parts.ONE_BY_ONE:
            _one_by_one(comparison, kind, style, console)
            continue
        for group in parts.together(rows)[:LISTED]:
            reason = f": {cut(group.reason)}" if group.reason else ""
            text = f"{visible(group.names)}: {group.outcomes}{reason}"
            print_wrapped(console, f"{parts.LABELS[kind]}  ", text, style)
        console.print()


def _one_by_one(comparison: Comparison, kind: Change, style: str, console: Console) -> None:
    rows, label = comparison.changed(kind), parts.LABELS[kind]
    for number, row in enumerate(rows[: DETAILED + LISTED]):
        # Failures that do not count are not red.
        worth = "bold yellow" if row.uncounted else style
        line = Text.assemble((f"{row.id} {label}", worth), f"  {standing(row)}  ")
        statement = cut(row.latest.statement)
        if number >= DETAILED:
            console.print(line.append(statement), no_wrap=True, overflow="ellipsis")
            continue
        console.print(line.append(parts.transition(row), "dim"))
        console.print(Padding(Text(statement), (0, 0, 0, 2)))
        for name, text in (("known", cut(row.latest.known or "")), ("failures", parts.kinds(row))):
            if text:
                print_wrapped(console, f"  {name:<10}", text, "dim")
        finding = parts.example(row)
        if finding is not None:
            print_finding(finding, console, parts.labels(comparison, row))
        console.print()
    others = rows[DETAILED:]
    if others[LISTED:]:
        ids = ranges([row.id for row in others[LISTED:]])
        print_wrapped(console, f"also {label}  ", ids, style)
    if others:
        console.print()


def _matrix(comparison: Comparison, console: Console) -> None:
    rows = [row for row in comparison.rows if row.differs]
    if not rows:
        return
    width = max(len(row.id) for row in rows) + GAP + len("SHOULD") + GAP
    longest = max(len(text) for row in rows for text in words(row)) + GAP
    room = console.width - width
    number = len(comparison.sides)
    titled = max(longest, *(len(title) + GAP for title in comparison.titles))
    spelled = longest * number <= room
    heads = [str(one) for one in range(1, number + 1)]
    each = longest if spelled else max(len(str(number)), len("✗a")) + GAP
    if titled * number <= room:
        heads = [f"{one}\n{title}" for one, title in zip(heads, comparison.titles, strict=True)]
        each = titled
    block = room // each
    for start in range(0, number, block):
        columns = range(start, min(start + block, number))
        statement = room - each * len(columns)
        console.print(_table(rows, columns, heads, spelled=spelled, statement=statement))
        console.print()
    keys = [] if spelled else [_key(rows)]
    if parts.lettered(comparison):
        keys.append(parts.WAYS)
    for key in keys:
        console.print(Text(key, style="dim"))
    if keys:
        console.print()


def _key(rows: Sequence[Row]) -> str:
    shown = {word(cell) for row in rows for cell in row.cells}
    return "  ".join(f"{sign} {text}" for text, sign in SIGNS.items() if text in shown)


def _table(
    rows: Sequence[Row], columns: range, heads: Sequence[str], *, spelled: bool, statement: int
) -> Table:
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True, style="bold")
    table.add_column("", no_wrap=True, style="dim")
    for number in columns:
        table.add_column(heads[number], no_wrap=True)
    if statement >= STATEMENT:
        table.add_column("", no_wrap=True, style="dim")
    for row in rows:
        texts = words(row) if spelled else _signs(row)
        styles = [STYLES.get(word(cell), "dim") for cell in row.cells]
        cells = [Text(texts[number], styles[number]) for number in columns]
        text = [clipped(cut(row.latest.statement), statement)] if statement >= STATEMENT else []
        table.add_row(row.id, parts.level(row), *cells, *text)
    return table


def _signs(row: Row) -> tuple[str, ...]:
    pairs = zip(row.cells, letters(row), strict=True)
    return tuple(SIGNS[word(cell)] + letter for cell, letter in pairs)


def _alike(comparison: Comparison, console: Console) -> None:
    found = parts.alike(comparison)
    for group in found:
        label = f"{group.outcomes} in {parts.which(comparison)}  "
        print_wrapped(console, label, visible(group.names), STYLES[group.outcomes])
    if found:
        console.print()
