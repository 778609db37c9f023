"""The result of a self-test for a person at a terminal: numbers by requirement, then problems."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance._version import __version__
from conformance.render.selftest_parts import (
    Family,
    Mark,
    Subject,
    concerned,
    families,
    found,
    how,
    mark,
    subjects,
    verdict,
)
from conformance.render.terminal import print_wrapped, trimmed
from conformance.report import TOOL
from conformance.selftest.matrix import Matrix, Row
from conformance.selftest.trial import FaultTrial, Problem, Trial, VariationTrial
from conformance.text import counted, visible

STYLES = {Mark.FOUND: "", Mark.MISSED: "bold red", Mark.OTHER: "dim", Mark.WRONG: "bold red"}
HEADLINES = {"Passed": "bold green", "Failed": "bold red", "Interrupted": "bold magenta"}
SIGNS = {Mark.FOUND: "", Mark.MISSED: "missed ", Mark.OTHER: "+", Mark.WRONG: "not permitted "}


def render(matrix: Matrix, console: Console, *, verbose: bool = False) -> None:
    """Print the result; ``verbose`` adds a line for each server."""
    with trimmed(console):
        console.print()
        console.print(
            Text(f"{TOOL} {__version__}, contract {visible(matrix.contract_version)}", style="dim")
        )
        console.print()
        if verbose:
            _print_trials(matrix, console)
        if matrix.faults:
            console.print(Padding(_requirements(families(matrix)), (0, 0, 0, 2)))
            console.print()
        if matrix.variations:
            console.print(Padding(_variations(subjects(matrix)), (0, 0, 0, 2)))
            console.print()
        _print_problems(matrix.problems, console)
        _print_conclusion(matrix, console)


def _requirements(shown: Sequence[Family]) -> Table:
    table = Table(
        box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False, show_edge=False
    )
    table.add_column("requirement", no_wrap=True)
    table.add_column("level", no_wrap=True, style="dim")
    table.add_column("faults found", no_wrap=True)
    table.add_column("by others", no_wrap=True, justify="right")
    table.add_column("slowest", no_wrap=True, overflow="ellipsis", style="dim")
    for family in shown:
        passed = all(trial.passed for trial in family.faults)
        colour = "bold" if passed and all(row.declared for row in family.rows) else "bold red"
        table.add_row(Text(family.name, style=colour))
        for row in family.rows:
            table.add_row(
                f"  {row.requirement.id}",
                str(row.requirement.level),
                _found(row),
                str(len(row.others)) if row.others else "",
                _slowest(row.slowest),
            )
    return table


def _found(row: Row) -> Text:
    if row.missed or not row.declared:
        return Text(found(row), style="bold red")
    return Text(found(row), style="green" if row.found else "dim")


def _slowest(trial: Trial | None) -> str:
    return "" if trial is None else f"{trial.duration:4.1f} s  {visible(trial.name)}"


def _variations(shown: Sequence[Subject]) -> Table:
    table = Table(
        box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False, show_edge=False
    )
    table.add_column("variations", no_wrap=True, min_width=11)
    table.add_column("unharmed", no_wrap=True)
    table.add_column("slowest", no_wrap=True, overflow="ellipsis", style="dim")
    for subject in shown:
        total = len(subject.variations)
        style = "green" if subject.unharmed == total else "bold red"
        unharmed = Text(f"{subject.unharmed} of {total}", style=style)
        table.add_row(f"  {visible(subject.name)}", unharmed, _slowest(subject.slowest))
    return table


def _print_trials(matrix: Matrix, console: Console) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", style="dim")
    table.add_column(overflow="fold")
    seen = [_tripped(trial) for trial in matrix.faults]
    seen += [_left_open(trial) for trial in matrix.variations]
    for trial, text in zip(matrix.trials, seen, strict=True):
        word = Text("ok", style="green") if trial.passed else Text("FAILED", style="bold red")
        table.add_row(word, visible(trial.name), f"{trial.duration:.1f} s", text)
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _tripped(trial: FaultTrial) -> Text:
    text = Text()
    for name in concerned(trial):
        kind = mark(trial, name)
        if kind is not None:
            text.append(" " if text else "")
            text.append(f"{SIGNS[kind]}{visible(name)}", STYLES[kind])
    return text


def _left_open(trial: VariationTrial) -> Text:
    text = Text()
    for label, names, style in (
        ("failed", trial.failed_must, "bold red"),
        ("not met", trial.failed_should, "yellow"),
        ("undecided", trial.undecided, "dim"),
    ):
        if names:
            text.append(", " if text else "")
            text.append(f"{label} {' '.join(map(visible, names))}", style)
    return text


def _print_problems(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems:
        print_wrapped(console, "problem  ", visible(problem.message), "bold red")
    if problems:
        console.print()


def _print_conclusion(matrix: Matrix, console: Console) -> None:
    word = verdict(matrix)
    number = len(matrix.problems)
    told = f"{counted(number, 'problem')}: " if number else ""
    text = f"{told}{matrix.summary()}: {matrix.duration:.1f} s"
    print_wrapped(console, f"{word.upper()}  ", text, HEADLINES[word])
    console.print(Text(how(matrix), style="dim"))
