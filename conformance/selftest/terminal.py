"""Render the result of a self-test for the terminal: numbers by requirement, then problems."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance._version import __version__
from conformance.core.text import counted, visible
from conformance.report.render.console import GAP, kept, print_wrapped, trimmed
from conformance.report.report import TOOL
from conformance.selftest import parts
from conformance.selftest.matrix import Matrix, Row
from conformance.selftest.parts import Family, Mark, Subject
from conformance.selftest.trial import FaultTrial, Problem, Trial, VariationTrial

STYLES = {Mark.FOUND: "", Mark.MISSED: "bold red", Mark.OTHER: "dim", Mark.WRONG: "bold red"}
HEADLINES = {"Passed": "bold green", "Failed": "bold red", "Interrupted": "bold magenta"}
Line = tuple[list[Text], Trial | None]
"""A row of a table: its cells, and the slowest trial that belongs to it."""
OTHERS = "other faults"
TIME = len("123.4 s  …")
"""Minimum width of the column for the slowest trial."""
TRIPPED = 22
"""Columns needed to list tripped requirements beside a server; with fewer, they go below."""
SIGNS = {Mark.FOUND: "", Mark.MISSED: "missed ", Mark.OTHER: "+", Mark.WRONG: "not permitted "}


def render(matrix: Matrix, console: Console, *, verbose: bool = False) -> None:
    """Print the result; ``verbose`` adds a line for each server."""
    with trimmed(console):
        console.print()
        console.print(
            Text(f"{TOOL} {__version__}, contract {visible(matrix.contract_version)}", style="dim")
        )
        console.print()
        if verbose and matrix.trials:
            _print_trials(matrix, console)
        if matrix.faults:
            console.print(Padding(_requirements(parts.families(matrix), console), (0, 0, 0, 2)))
            console.print()
        if matrix.variations:
            console.print(Padding(_variations(parts.subjects(matrix), console), (0, 0, 0, 2)))
            console.print()
        _print_problems(matrix.problems, console)
        _print_conclusion(matrix, console)


def _requirements(shown: Sequence[Family], console: Console) -> Table:
    lines: list[Line] = []
    for family in shown:
        passed = all(trial.passed for trial in family.faults)
        colour = "bold" if passed and all(row.declared for row in family.rows) else "bold red"
        lines.append(([Text(family.name, colour), Text(), Text(), Text()], None))
        for row in family.rows:
            cells = [
                Text(f"  {row.requirement.id}"),
                Text(str(row.requirement.level), "dim"),
                _found(row),
                Text(str(len(row.others)) if row.others else ""),
            ]
            lines.append((cells, row.slowest))
    heads = ("requirement", "level", "faults caught", OTHERS, "slowest")
    return _fitting(heads, lines, (0, 2, 1, 3, 4), console)


def _variations(shown: Sequence[Subject], console: Console) -> Table:
    lines: list[Line] = []
    for subject in shown:
        total = len(subject.variations)
        style = "green" if subject.accepted == total else "bold red"
        accepted = Text(f"{subject.accepted} of {total}", style)
        lines.append(([Text(f"  {visible(subject.name):<9}"), accepted], subject.slowest))
    return _fitting(("variations", "accepted", "slowest"), lines, (0, 1, 2), console)


def _fitting(
    heads: Sequence[str], lines: Sequence[Line], importance: Sequence[int], console: Console
) -> Table:
    """Return a table ending with the slowest trials; columns that do not fit are left out."""
    room = console.width - 2
    *others, _ = heads
    widths = [
        max(cell_len(head), *(cells[column].cell_len for cells, _ in lines))
        for column, head in enumerate(others)
    ]
    columns = kept([*widths, TIME], importance, room)
    table = Table(
        box=None, padding=(0, GAP, 0, 0), header_style="dim", pad_edge=False, show_edge=False
    )
    for column in columns:
        justify: JustifyMethod = "right" if heads[column] == OTHERS else "left"
        table.add_column(heads[column], no_wrap=True, justify=justify)
    left = room - sum(width + GAP for width in widths)
    for cells, slowest in lines:
        row = [*cells, _slowest(slowest, left)]
        table.add_row(*(row[column] for column in columns))
    return table


def _found(row: Row) -> Text:
    if row.missed or not row.declared:
        return Text(parts.found(row), style="bold red")
    return Text(parts.found(row), style="green" if row.found else "dim")


def _slowest(trial: Trial | None, room: int) -> Text:
    if trial is None:
        return Text()
    time, name = f"{trial.duration:4.1f} s  ", visible(trial.name)
    return Text(time + (name if cell_len(time + name) <= room else "…"), "dim")


def _print_trials(matrix: Matrix, console: Console) -> None:
    seen = [_tripped(trial) for trial in matrix.faults]
    seen += [_left_open(trial) for trial in matrix.variations]
    rows = [
        (
            Text("ok", "green") if trial.passed else Text("FAILED", "bold red"),
            Text(visible(trial.name)),
            Text(f"{trial.duration:.1f} s", "dim", justify="right"),
            text,
        )
        for trial, text in zip(matrix.trials, seen, strict=True)
    ]
    widths = [max(row[column].cell_len for row in rows) + 2 for column in range(3)]
    if console.width - sum(widths) - 2 < TRIPPED:
        _print_one_by_one(rows, console)
    else:
        table = Table.grid(padding=(0, 2, 0, 0))
        for _ in widths:
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*row)
        console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _print_one_by_one(rows: Sequence[tuple[Text, ...]], console: Console) -> None:
    for word, name, time, text in rows:
        # Left to the terminal to wrap, so that a name is copied as a whole.
        console.print(Text("  ").join((Text(), word, name, time)), soft_wrap=True)
        if text:
            console.print(Padding(text, (0, 0, 0, 6)))


def _tripped(trial: FaultTrial) -> Text:
    marks = [(parts.mark(trial, name), visible(name)) for name in parts.concerned(trial)]
    return Text(" ").join(Text(SIGNS[kind] + name, STYLES[kind]) for kind, name in marks if kind)


def _left_open(trial: VariationTrial) -> Text:
    groups = (
        ("failed", trial.failed_must, "bold red"),
        ("not met", trial.failed_should, "yellow"),
        ("undecided", trial.undecided, "dim"),
    )
    return Text(", ").join(
        Text(f"{label} {' '.join(map(visible, names))}", style)
        for label, names, style in groups
        if names
    )


def _print_problems(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems:
        print_wrapped(console, "problem  ", visible(problem.message), "bold red")
    if problems:
        console.print()


def _print_conclusion(matrix: Matrix, console: Console) -> None:
    word = parts.verdict(matrix)
    number = len(matrix.problems)
    problems = f"{counted(number, 'problem')}: " if number else ""
    text = f"{problems}{matrix.summary()}: {matrix.duration:.1f} s"
    print_wrapped(console, f"{word.upper()}  ", text, HEADLINES[word])
    console.print(Text(parts.how(matrix), style="dim"))
