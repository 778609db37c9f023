"""Where a report goes: to files, to a person, and to what runs the command.

A further format is a member of ``Destinations``, an entry of ``RENDERERS`` and an option among
``report_options``; all commands that judge have it then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from conformance.contract.model import Contract
from conformance.core import output
from conformance.core.text import sentence
from conformance.errors import UsageError
from conformance.report.render import badge, console, github, html, json, junit, markdown, terminal
from conformance.report.render import github as as_annotations
from conformance.report.report import Report

Renderer = Callable[[Report, Contract], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """The files that reports are asked for in, by the names of the options; '-' is standard output.

    ``record_file`` is for a recording of the run.
    """

    json_file: str | None = None
    junit_file: str | None = None
    html_file: str | None = None
    markdown_file: str | None = None
    badge_file: str | None = None
    record_file: str | None = None

    @property
    def destinations(self) -> tuple[str | None, ...]:
        """Where something is to be written."""
        return *(getattr(self, name) for name, _ in RENDERERS), self.record_file


RENDERERS: tuple[tuple[str, Renderer], ...] = (
    ("json_file", lambda report, _: json.render(report)),
    ("junit_file", lambda report, _: junit.render(report)),
    ("html_file", lambda report, contract: html.render(report, contract.families)),
    ("markdown_file", lambda report, contract: markdown.render(report, contract.families)),
    ("badge_file", lambda report, _: badge.render(report)),
)
"""What is written to which member of ``Destinations``."""


def deliver(
    wanted: Destinations,
    report: Report,
    contract: Contract,
    recording: Callable[[], Iterable[str]] | None = None,
) -> None:
    """Write the reports that are wanted, and show the report.

    Raises:
        UsageError: something could not be written; everything else was all the same.
    """
    on_standard_output = output.STANDARD_OUTPUT in wanted.destinations
    stream = sys.stderr if on_standard_output else sys.stdout
    failures: list[UsageError] = []
    with output.reader_may_leave():
        for name, render in RENDERERS:
            destination = getattr(wanted, name)
            if destination is not None:
                _attempt(failures, destination, partial(render, report, contract))
        if wanted.record_file is not None and recording is not None:
            _attempt(failures, wanted.record_file, recording)
        # Whatever became of the files, the verdict is not lost.
        terminal.render(report, console.console_for(stream), contract.families)
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
    """Add what GitHub Actions shows beside the log, if the run takes place there."""
    summary = github.summary_file(os.environ)
    if summary is None:
        return
    # The runner looks for commands in both streams.
    stream.write(as_annotations.render(report))
    stream.flush()
    try:
        github.append(summary, markdown.render(report, contract.families))
    except UsageError as error:
        # Nobody asked for it, so it costs neither the verdict nor the exit code.
        sys.stderr.write(f"note: {sentence(str(error))}\n")
