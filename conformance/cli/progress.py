"""Progress of a run or a self-test on standard error: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from conformance.core.text import counted

if TYPE_CHECKING:
    from conformance.runner.plan import Part, Progress
    from conformance.selftest.trial import Trial

STEPS = 4
"""Lines of a self-test's progress after the first: few enough for a log."""


@contextmanager
def progress_of_run(stream: TextIO) -> Iterator[Progress]:
    """Yield the callback for a run."""
    if stream.isatty():
        with _run_bar(stream) as callback:
            yield callback
    else:
        yield _run_lines(stream)


@contextmanager
def _run_bar(stream: TextIO) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from conformance.report.render.console import console_for

    columns = (TextColumn("{task.description:<24}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Bar(*columns, console=console_for(stream), transient=True) as bar:
        task = bar.add_task("first request", total=None)

        def update(part: Part, done: int, total: int) -> None:
            bar.update(task, description=str(part), completed=done, total=total)
            if done == 0:
                bar.refresh()

        yield update


def _run_lines(stream: TextIO) -> Progress:
    lock = threading.Lock()

    def update(part: Part, done: int, total: int) -> None:
        if done == 0:
            # Standard error may be closed or full; that must not end the run.
            with lock, suppress(OSError):
                stream.write(f"{part}: {counted(total, 'request')}\n")
                stream.flush()

    return update


@contextmanager
def progress_of_self_test(
    stream: TextIO, total: int, jobs: int
) -> Iterator[Callable[[Trial], None]]:
    """Yield the callback for each finished trial of a self-test."""
    if stream.isatty():
        with _self_test_bar(stream, total) as update:
            yield update
    else:
        processes = "1 process" if jobs == 1 else f"{jobs} processes"
        _write(stream, f"testing {counted(total, 'server')} in {processes}")
        yield _self_test_lines(stream, total)


@contextmanager
def _self_test_bar(stream: TextIO, total: int) -> Iterator[Callable[[Trial], None]]:
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

        def update(trial: Trial) -> None:
            nonlocal problems
            problems += len(trial.problems)
            state = counted(problems, "problem") if problems else "no problem so far"
            bar.update(task, advance=1, description=trial.name, state=state)

        yield update


def _self_test_lines(stream: TextIO, total: int) -> Callable[[Trial], None]:
    done = problems = 0

    def update(trial: Trial) -> None:
        nonlocal done, problems
        done += 1
        problems += len(trial.problems)
        if done * STEPS // total > (done - 1) * STEPS // total and done < total:
            _write(stream, f"{done} of {total} tested, {counted(problems, 'problem')}")

    return update


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()
