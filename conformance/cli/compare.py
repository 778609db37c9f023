"""The command ``compare``: its arguments and options."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("reports", nargs=-1, metavar="REPORT REPORT...", type=click.Path())
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': standard output)."
)
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it for a pull request.")
@click.option("--html", "html_file", metavar="FILE", help="Write it as a page of its own.")
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should"]),
    help="The least binding level of which a new failure is a regression.  [default: must]",
)
@click.option(
    "--require-evidence",
    is_flag=True,
    help="What was passed and cannot be decided any more is a regression, too.",
)
@click.pass_context
def compare(context: click.Context, /, **options: Any) -> None:
    """Compare JSON reports, which `run --json` writes: what differs comes first.

    Of two reports the first is the earlier one, and the second is held against it. Three and more
    are shown side by side. Exit codes: 0 no regression (or more than two reports), 1 a regression,
    2 usage error or a file that is no report, 3 a run broke off, so that it cannot be told.
    """
    from conformance.cli.compare_job import CompareRequest, execute

    context.exit(execute(CompareRequest(**options)))
