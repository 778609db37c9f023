"""The command ``compare``: read reports, show and write how they differ."""

from __future__ import annotations

import click

from conformance.cli.reports import deliver_result, result_options, taken_from
from conformance.core import output
from conformance.errors import UsageError


@click.command()
@click.argument("reports", nargs=-1, metavar="REPORT REPORT...", type=click.Path())
@result_options("Write it for a pull request.")
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
def compare(
    context: click.Context,
    /,
    reports: tuple[str, ...],
    fail_on: str | None,
    require_evidence: bool,
    **options: str | None,
) -> None:
    """Compare JSON reports written by `run --json`; differences come first.

    Of two reports, the first is the earlier one. Three or more are shown side by side. Exit codes:
    0 no regression (or more than two reports), 1 a regression, 2 usage error or a file that is not
    a report, 3 undecided because a run did not finish.
    """
    from conformance.report.compare import comparison, html, markdown, terminal
    from conformance.report.render import json

    files = taken_from(options)
    output.check(tuple(files.values()), reports)
    if len(reports) > comparison.PAIR and (fail_on or require_evidence):
        given = "--fail-on" if fail_on else "--require-evidence"
        raise UsageError(
            f"{given} compares two reports, and {len(reports)} were given; "
            "give two, or leave it out"
        )
    found = comparison.compare(
        *reports, fail_on=fail_on or "must", require_evidence=require_evidence
    )
    renderers = {"json": json.render, "markdown": markdown.render, "html": html.render}
    deliver_result(found, files, terminal.render, renderers)
    context.exit(found.exit_code)
