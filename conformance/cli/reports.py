"""Where results go: to files, to the terminal, and to the CI server that runs the command.

A further format is one entry of ``FORMATS``: all commands that judge have its option then.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance.cli.shared_options import Command, with_options
from conformance.core import interruption, output
from conformance.core.text import sentence
from conformance.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.contract.model import Contract
    from conformance.report.report import Report

Result = TypeVar("Result")
FORMATS = {
    "json": "Write a JSON report ('-': standard output).",
    "junit": "Write a JUnit XML report.",
    "html": "Write an HTML report: one page without other files.",
    "markdown": "Write a summary for a pull request.",
    "badge": "Write JSON for a shields.io badge.",
}
"""Modules of ``report.render``, which are also options, and the help of each option."""
LEAST = 1.0
"""Seconds to write a recording after the run was interrupted or its time is up."""


def report_options(command: Command) -> Command:
    """Add an option for each report format."""
    return _file_options(FORMATS)(command)


def result_options(markdown: str) -> Callable[[Command], Command]:
    """Return the decorator that adds the options for a result that is not a report."""
    return _file_options(
        {
            "json": "Write the result as JSON ('-': standard output).",
            "markdown": markdown,
            "html": "Write it as an HTML page without other files.",
        }
    )


def _file_options(helps: Mapping[str, str]) -> Callable[[Command], Command]:
    return with_options(
        *(
            click.option(f"--{name}", f"{name}_file", metavar="FILE", help=text)
            for name, text in helps.items()
        )
    )


def taken_from(options: dict[str, Any]) -> dict[str, str]:
    """Take the options for files out of a command's options.

    Returns:
        The requested destinations by the name of the format; '-' is standard output.
    """
    given = {name: options.pop(f"{name}_file", None) for name in FORMATS}
    return {name: file for name, file in given.items() if file is not None}


def deliver(
    reports: Mapping[str, str],
    report: Report,
    contract: Contract,
    *,
    record_file: str | None = None,
    recording: Callable[[], Iterable[str]] | None = None,
    seconds: float = math.inf,
    quiet: bool = False,
) -> None:
    """Write the requested reports and the recording, and show the report, or only its verdict.

    Writing the recording may take ``seconds``, or at least ``LEAST``; of an interrupted run, only
    that.

    Raises:
        UsageError: something could not be written; everything else was written all the same.
        KeyboardInterrupt: the same, caused by that error, if the run was interrupted.
    """
    from conformance.report.render import terminal
    from conformance.report.render.formats import rendered

    console = _console((*reports.values(), record_file))
    written = [
        partial(_write, reports[name], partial(rendered, name, report, contract.families))
        for name in FORMATS
        if name in reports
    ]
    if record_file is not None and recording is not None:
        left = LEAST if report.interrupted else max(seconds, LEAST)
        written.append(partial(_record, record_file, recording, left))
    show = (
        partial(terminal.render_verdict, report, console)
        if quiet
        else partial(terminal.render, report, console, contract.families)
    )
    try:
        _attempt_all(
            *written,
            show,
            partial(_tell_github, report, contract, console),
        )
    except UsageError as error:
        if report.interrupted:
            raise KeyboardInterrupt from error
        raise


def deliver_result(
    result: Result,
    files: Mapping[str, str],
    show: Callable[[Result, Console], object],
    renderers: Mapping[str, Callable[[Result], str]],
) -> None:
    """Show a result that is not a report, and write the requested files.

    Raises:
        UsageError: something could not be written; everything else was written all the same.
    """
    console = _console(files.values())
    _attempt_all(
        *(partial(_write, file, partial(renderers[name], result)) for name, file in files.items()),
        # Last, since the reader of the output may be gone.
        partial(show, result, console),
    )


def _console(destinations: Iterable[str | None]) -> Console:
    """Return the console of the standard output, or error if a file goes to the output."""
    from conformance.report.render.console import console_for

    return console_for(sys.stderr if output.STANDARD_OUTPUT in destinations else sys.stdout)


def _record(file: str, recording: Callable[[], Iterable[str]], seconds: float) -> None:
    try:
        with interruption.limited(seconds):
            _write(file, recording)
    except interruption.OutOfTime:
        raise UsageError(
            f"there was no time to write the recording {file}; raise --run-timeout, or record "
            "fewer requirements (--only)"
        ) from None


def _write(destination: str, make: Callable[[], str | Iterable[str]]) -> None:
    made = make()
    output.write_parts(destination, (made,) if isinstance(made, str) else made)


def _attempt_all(*acts: Callable[[], object]) -> None:
    """Do everything even if a file cannot be written: the verdict must not be lost."""
    failures: list[UsageError] = []
    with output.ignoring_closed_stdout():
        for act in acts:
            try:
                act()
            except UsageError as error:
                failures.append(error)
    if failures:
        raise UsageError("; ".join(map(str, failures)))


def _tell_github(report: Report, contract: Contract, console: Console) -> None:
    """Inside GitHub Actions, add annotations and the summary of the step."""
    from conformance.report.render import github, markdown

    summary = github.summary_file(os.environ)
    if summary is None:
        return
    # The runner looks for commands in both streams.
    console.file.write(github.render(report))
    console.file.flush()
    try:
        github.append(summary, markdown.render(report, contract.families))
    except UsageError as error:
        # Nobody asked for it, so a failure changes neither the verdict nor the exit code.
        sys.stderr.write(f"note: {sentence(str(error))}\n")
