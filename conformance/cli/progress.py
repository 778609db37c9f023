"""Progress on standard error: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from conformance.core.text import counted
from conformance.errors import ExitCode

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from conformance.fleet.summary import Entry
    from conformance.runner.plan import Part, Progress
    from conformance.selftest.trial import Trial

EVERY = 10.0
"""Seconds between two lines of a fleet's progress: six a minute are few enough for a log."""
STEPS = 4
"""Lines of a self-test's progress after the first: few enough for a log."""


@contextmanager
def progress_of_run(stream: TextIO) -> Iterator[Progress]:
    """Yield the callback for a run."""
    if not stream.isatty():
        lock = threading.Lock()

        def write(part: Part, done: int, total: int) -> None:
            if done == 0:
                with lock:
                    _write(stream, f"{part}: {counted(total, 'request')}")

        yield write
        return
    with _bar(stream, "{task.description:<24}") as bar:
        task = bar.add_task("first request", total=None)

        def update(part: Part, done: int, total: int) -> None:
            bar.update(task, description=str(part), completed=done, total=total)
            if done == 0:
                bar.refresh()

        yield update


@contextmanager
def progress_of_self_test(
    stream: TextIO, total: int, jobs: int
) -> Iterator[Callable[[Trial], None]]:
    """Yield the callback for each finished trial of a self-test."""
    done = problems = 0
    if not stream.isatty():
        processes = "1 process" if jobs == 1 else f"{jobs} processes"
        _write(stream, f"testing {counted(total, 'server')} in {processes}")

        def write(trial: Trial) -> None:
            nonlocal done, problems
            done += 1
            problems += len(trial.problems)
            if done * STEPS // total > (done - 1) * STEPS // total and done < total:
                _write(stream, f"{done} of {total} tested, {counted(problems, 'problem')}")

        yield write
        return
    with _bar(stream, "{task.fields[state]:<24}", "{task.description}") as bar:
        task = bar.add_task("", total=total, state="starting servers")

        def update(trial: Trial) -> None:
            nonlocal problems
            problems += len(trial.problems)
            state = counted(problems, "problem") if problems else "no problem so far"
            bar.update(task, advance=1, description=trial.name, state=state)

        yield update


@contextmanager
def progress_of_client(stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """Yield the callback for each finished scenario of a client, of so many."""
    if not stream.isatty():

        def write(done: int, total: int) -> None:
            if done == 0:
                _write(stream, f"running the command in {counted(total, 'scenario')}")

        yield write
        return
    with _bar(stream, "{task.description:<24}") as bar:
        task = bar.add_task("scenarios", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def progress_of_fleet(
    stream: TextIO, total: int, done: int, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[Callable[[Entry], None], Callable[[int], None]]]:
    """Yield the callbacks for each judged target, and for the number of workers.

    The second one is called when the last worker is lost or the first one comes. ``done`` targets
    of ``total`` have a report.
    """
    before, failed, untested = done, 0, 0
    began = shown = clock()

    def noted(entry: Entry) -> str:
        """Count a target, and return how many are judged how fast, and how long the rest takes."""
        nonlocal done, failed, untested
        done += 1
        failed += entry.exit_code == ExitCode.NOT_CONFORMANT
        untested += entry.exit_code == ExitCode.CANNOT_TEST
        return pace(done - before, total - done, clock() - began)

    if not stream.isatty():
        resumed = f", {done:,} of them with a fresh report" if done else ""
        _write(stream, f"judging {counted(total, 'target')}{resumed}")

        def write(entry: Entry) -> None:
            nonlocal shown
            rate = noted(entry)
            if clock() - shown >= EVERY and done < total:
                shown = clock()
                results = f"{failed:,} not conformant, {untested:,} not tested"
                _write(stream, f"{done:,} of {total:,} judged, {results}; {rate}")

        yield write, lambda workers: _write(stream, manned(workers))
        return
    with _bar(stream, "{task.fields[state]:<30}", "{task.description}") as bar:
        task = bar.add_task("", total=total, completed=done, state="starting workers")

        def update(entry: Entry) -> None:
            rate = noted(entry)
            state = f"{failed:,} not conformant, {untested:,} not tested"
            bar.update(task, completed=done, description=rate, state=state)

        yield update, lambda workers: bar.update(task, state=manned(workers))


def manned(workers: int) -> str:
    """Return what to say of the number of workers."""
    return f"{counted(workers, 'worker')} at work" if workers else "no worker is left; waiting"


def pace(done: int, left: int, seconds: float) -> str:
    """Return how fast targets were judged, and the time that the rest takes at that rate.

    ``done`` of them took ``seconds``.
    """
    rate = done / max(seconds, 0.001)
    rest = left / rate if rate else 0
    told = f"{rest / 60:,.0f} min" if rest >= 90 else f"{rest:,.0f} s"
    return f"{rate:,.1f} per second, about {told} left"


def _bar(stream: TextIO, before: str, after: str = "") -> Bar:
    """Return a progress bar with one column of text before it and one after it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn

    from conformance.report.render.console import console_for

    columns: list[ProgressColumn] = [
        TextColumn(before),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
    ]
    if after:
        columns.append(TextColumn(after, style="dim"))
    return Progress(*columns, console=console_for(stream), transient=True)


def _write(stream: TextIO, line: str) -> None:
    # Standard error may be closed or full; that must not end the run.
    with suppress(OSError):
        stream.write(f"{line}\n")
        stream.flush()
