"""The command ``compare``: read reports, show and write how they differ."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from conformance.core import output
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.report.compare.comparison import Comparison


@click.command()
@click.argument("reports", nargs=-1, metavar="REPORT REPORT...", type=click.Path())
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': standard output)."
)
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it for a pull request.")
@click.option(
    "--html", "html_file", metavar="FILE", help="Write it as an HTML page without other files."
)
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should"]),
    help="Lowest requirement level whose new failure is a regression.  [default: must]",
)
@click.option(
    "--require-evidence",
    is_flag=True,
    help="A requirement that passed and is now inconclusive is a regression, too.",
)
@click.pass_context
def compare(context: click.Context, /, **options: Any) -> None:
    """Compare JSON reports written by `run --json`; differences come first.

    Of two reports, the first is the earlier one. Three or more are shown side by side. Exit codes:
    0 no regression (or more than two reports), 1 a regression, 2 usage error or a file that is not
    a report, 3 undecided because a run did not finish.
    """
    context.exit(execute(CompareRequest(**options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """The arguments of ``conductor-conformance compare``, named like its options."""

    reports: tuple[str, ...]
    json_file: str | None = None
    markdown_file: str | None = None
    html_file: str | None = None
    fail_on: str | None = None
    require_evidence: bool = False

    @property
    def destinations(self) -> tuple[str | None, ...]:
        """The files that are written."""
        return self.json_file, self.markdown_file, self.html_file


def execute(request: CompareRequest) -> int:
    """Compare the reports and return the exit code.

    Raises:
        UsageError: an argument makes no sense, or a report cannot be read.
    """
    from conformance.report.compare.comparison import PAIR, compare

    output.check(request.destinations, request.reports)
    if len(request.reports) > PAIR and (request.fail_on or request.require_evidence):
        given = "--fail-on" if request.fail_on else "--require-evidence"
        raise UsageError(
            f"{given} compares two reports, and {len(request.reports)} were given; "
            "give two, or leave it out"
        )
    comparison = compare(
        *request.reports,
        fail_on=request.fail_on or "must",
        require_evidence=request.require_evidence,
    )
    _deliver(request, comparison)
    return comparison.exit_code


def _deliver(request: CompareRequest, comparison: Comparison) -> None:
    from conformance.report.compare import html, markdown, terminal
    from conformance.report.render import json
    from conformance.report.render.console import console_for

    written = (
        (request.json_file, json.render),
        (request.markdown_file, markdown.render),
        (request.html_file, html.render),
    )
    on_standard_output = output.STANDARD_OUTPUT in request.destinations
    stream = sys.stderr if on_standard_output else sys.stdout
    failures: list[UsageError] = []
    with output.ignoring_closed_stdout():
        # Shown even if files cannot be written: the result must not be lost.
        terminal.render(comparison, console_for(stream))
        for destination, render in written:
            if destination is not None:
                try:
                    output.write(destination, render(comparison))
                except UsageError as error:
                    failures.append(error)
    if failures:
        raise UsageError("; ".join(map(str, failures)))
