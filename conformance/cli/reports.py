"""Where reports go: to files, to the terminal, and to the CI server that runs the command.

A further format is one entry of ``FORMATS``: all commands that judge have its option then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

import click

from conformance.cli.shared_options import Command, with_options
from conformance.core import output
from conformance.core.text import sentence
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.contract.model import Contract
    from conformance.report.report import Report


# Renderers are imported when one is needed: completion and --help must stay quick.
def _json(report: Report, _contract: Contract) -> str:
    from conformance.report.render import json

    return json.render(report)


def _junit(report: Report, _contract: Contract) -> str:
    from conformance.report.render import junit

    return junit.render(report)


def _html(report: Report, contract: Contract) -> str:
    from conformance.report.render import html

    return html.render(report, contract.families)


def _markdown(report: Report, contract: Contract) -> str:
    from conformance.report.render import markdown

    return markdown.render(report, contract.families)


def _badge(report: Report, _contract: Contract) -> str:
    from conformance.report.render import badge

    return badge.render(report)


@dataclass(frozen=True, slots=True)
class Format:
    """A report format; ``name`` is also that of its option, ``help`` the option's description."""

    name: str
    help: str
    render: Callable[[Report, Contract], str]

    @property
    def parameter(self) -> str:
        """The name of the option's value."""
        return f"{self.name}_file"


FORMATS = (
    Format("json", "Write a JSON report ('-': standard output).", _json),
    Format("junit", "Write a JUnit XML report.", _junit),
    Format("html", "Write an HTML report: one page without other files.", _html),
    Format("markdown", "Write a summary for a pull request.", _markdown),
    Format("badge", "Write JSON for a shields.io badge.", _badge),
)


def report_options(command: Command) -> Command:
    """Add an option for each report format."""
    return with_options(
        tuple(
            click.option(f"--{each.name}", each.parameter, metavar="FILE", help=each.help)
            for each in FORMATS
        ),
        command,
    )


def taken_from(options: dict[str, Any]) -> dict[str, str]:
    """Take the options of reports out of a command's options.

    Returns:
        The requested destinations by the name of the format; '-' is standard output.
    """
    given = {each.name: options.pop(each.parameter) for each in FORMATS}
    return {name: file for name, file in given.items() if file is not None}


def deliver(
    reports: Mapping[str, str],
    report: Report,
    contract: Contract,
    *,
    record_file: str | None = None,
    recording: Callable[[], Iterable[str]] | None = None,
) -> None:
    """Write the requested reports and the recording, and show the report.

    Raises:
        UsageError: something could not be written; everything else was written all the same.
    """
    from conformance.report.render import terminal
    from conformance.report.render.console import console_for

    destinations = (*reports.values(), record_file)
    stream = sys.stderr if output.STANDARD_OUTPUT in destinations else sys.stdout
    failures: list[UsageError] = []
    with output.ignoring_closed_stdout():
        for each in FORMATS:
            if each.name in reports:
                make = partial(each.render, report, contract)
                _attempt(failures, reports[each.name], make)
        if record_file is not None and recording is not None:
            _attempt(failures, record_file, recording)
        # Shown even if files could not be written: the verdict must not be lost.
        terminal.render(report, console_for(stream), contract.families)
        _tell_github(report, contract, stream)
    if failures:
        raise UsageError("; ".join(map(str, failures)))


def _attempt(
    failures: list[UsageError], destination: str, make: Callable[[], str | Iterable[str]]
) -> None:
    try:
        made = make()
        output.write_parts(destination, (made,) if isinstance(made, str) else made)
    except UsageError as error:
        failures.append(error)


def _tell_github(report: Report, contract: Contract, stream: TextIO) -> None:
    """Inside GitHub Actions, add annotations and the summary of the step."""
    from conformance.report.render import github, markdown

    summary = github.summary_file(os.environ)
    if summary is None:
        return
    # The runner looks for commands in both streams.
    stream.write(github.render(report))
    stream.flush()
    try:
        github.append(summary, markdown.render(report, contract.families))
    except UsageError as error:
        # Nobody asked for it, so a failure changes neither the verdict nor the exit code.
        sys.stderr.write(f"note: {sentence(str(error))}\n")
