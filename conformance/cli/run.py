"""The command ``run``: its options, by which a run is requested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import CONTRACT, Header
from conformance.cli.report_options import judgement_options, report_options
from conformance.cli.run_options import configurable, described, settings_file


@click.command()
@click.argument("url", required=False, envvar="CONDUCTOR_SERVER_URL")
@report_options
@click.option(
    "--record", "record_file", metavar="FILE", help="Record the exchanges, for `judge` (HAR)."
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="How much is asked; quick: no generated queries, thorough: many more.",
)
@click.option("--seed", type=int, metavar="N", help="Generate the same queries again.")
@judgement_options
@click.option(
    "--update-baseline",
    is_flag=True,
    help="Write what fails now to the baseline, and take out what passes.",
)
@click.option(
    "--wait",
    type=float,
    default=0.0,
    metavar="SECONDS",
    help="Wait as long for the server to answer at all, such as while it is started.",
)
@click.option(
    "--timeout",
    type=float,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For each request.",
)
@click.option(
    "--retry-budget",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For all waiting while the server is busy or in trouble; 0: do not wait.",
)
@click.option(
    "--run-timeout",
    type=float,
    metavar="SECONDS",
    help="For the whole run.  [default: 900, and what --rate-limit costs]",
)
@click.option(
    "--rate-limit", metavar="N/s", help="Send no more than so many requests; also N/m, N/h."
)
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    metavar="N",
    help="Send no more than so many requests in all.  [default: by profile]",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=8,
    show_default=True,
    metavar="N",
    help="Requests under way at once, at the most.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option(
    "--header",
    "headers",
    type=Header(),
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Send this header with every request; may be given several times.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the access token from a file.",
)
@click.option(
    "--ca-bundle", type=click.Path(path_type=Path), metavar="FILE", help="Trust these certificates."
)
@click.option("--insecure/--no-insecure", help="Do not verify the server's certificate.")
@CONTRACT
@configurable
@click.pass_context
def run(context: click.Context, /, **options: Any) -> None:
    """Judge the server at URL.

    Without URL, the server at $CONDUCTOR_SERVER_URL is judged, and without that the reference
    server that comes with this command. The credential is $CONDUCTOR_AUTH_TOKEN, or
    $CONDUCTOR_AUTH_KEY with $CONDUCTOR_AUTH_SECRET. Only reads are ever sent.
    """
    from conformance.cli.main_job import RunRequest, execute

    shown = options.pop("show_config")
    request = RunRequest(**options, settings_file=settings_file(context))
    if shown:
        from conformance.cli.run_values import check

        check(request)
        click.echo(described(context))
        return
    context.exit(execute(request))
