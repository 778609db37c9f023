"""The ``compare`` command: read the reports, show and write what came of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from conformance.core import output
from conformance.errors import UsageError
from conformance.report.compare import html, markdown, terminal
from conformance.report.compare.comparison import PAIR, Comparison, compare
from conformance.report.render import json
from conformance.report.render.console import console_for


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """The arguments of ``conductor-conformance compare``, by the names of its options."""

    reports: tuple[str, ...]
    json_file: str | None = None
    markdown_file: str | None = None
    html_file: str | None = None
    fail_on: str | None = None
    require_evidence: bool = False

    @property
    def destinations(self) -> tuple[str | None, ...]:
        """Where the comparison goes."""
        return self.json_file, self.markdown_file, self.html_file


def execute(request: CompareRequest) -> int:
    """Compare the reports and return the exit code.

    Raises:
        UsageError: an argument makes no sense, or a report cannot be read.
    """
    output.check(request.destinations, request.reports)
    if len(request.reports) > PAIR and (request.fail_on or request.require_evidence):
        given = "--fail-on" if request.fail_on else "--require-evidence"
        raise UsageError(
            f"{given} is about what became of one report in another, and there are "
            f"{len(request.reports)}; give two, or leave it out"
        )
    comparison = compare(
        *request.reports,
        fail_on=request.fail_on or "must",
        require_evidence=request.require_evidence,
    )
    _deliver(request, comparison)
    return comparison.exit_code


def _deliver(request: CompareRequest, comparison: Comparison) -> None:
    written = (
        (request.json_file, json.render),
        (request.markdown_file, markdown.render),
        (request.html_file, html.render),
    )
    on_standard_output = output.STANDARD_OUTPUT in request.destinations
    stream = sys.stderr if on_standard_output else sys.stdout
    failures: list[UsageError] = []
    with output.reader_may_leave():
        # Whatever becomes of the files, the result is not lost.
        terminal.render(comparison, console_for(stream))
        for destination, render in written:
            if destination is not None:
                try:
                    output.write(destination, render(comparison))
                except UsageError as error:
                    failures.append(error)
    if failures:
        raise UsageError("; ".join(map(str, failures)))
