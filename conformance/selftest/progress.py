"""Telling a person how far a self-test has come, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from conformance.core.text import counted
from conformance.selftest.trial import Trial

Told = Callable[[Trial], None]
STEPS = 4
"""Plain lines between the first and the last, which is few enough for a log."""


@contextmanager
def shown_on(stream: TextIO, total: int, jobs: int) -> Iterator[Told]:
    """Yield a callback for each finished trial: a bar on a terminal, plain lines elsewhere."""
    if stream.isatty():
        with _bar(stream, total) as told:
            yield told
    else:
        processes = "1 process" if jobs == 1 else f"{jobs} processes"
        _say(stream, f"trying {counted(total, 'server')} in {processes}")
        yield _lines(stream, total)


@contextmanager
def _bar(stream: TextIO, total: int) -> Iterator[Told]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from conformance.report.render.console import console_for

    columns = (
        TextColumn("{task.fields[state]:<24}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.description}", style="dim"),
    )
    with Progress(*columns, console=console_for(stream), transient=True) as bar:
        task = bar.add_task("", total=total, state="starting servers")
        problems = 0

        def told(trial: Trial) -> None:
            nonlocal problems
            problems += len(trial.problems)
            state = counted(problems, "problem") if problems else "no problem so far"
            bar.update(task, advance=1, description=trial.name, state=state)

        yield told


def _lines(stream: TextIO, total: int) -> Told:
    done = problems = 0

    def told(trial: Trial) -> None:
        nonlocal done, problems
        done += 1
        problems += len(trial.problems)
        if done * STEPS // total > (done - 1) * STEPS // total and done < total:
            _say(stream, f"{done} of {total} tried, {counted(problems, 'problem')}")

    return told


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()
