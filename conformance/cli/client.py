"""The command ``client``: run a client in every scenario, show and write the reports."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

import click

from conformance.cli.reports import deliver, report_options, taken_from
from conformance.cli.shared_options import (
    QUIET,
    UPDATE_BASELINE,
    JudgingCommand,
    judgement_options,
    required,
)
from conformance.core import interruption, output


@click.command(cls=JudgingCommand, context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARG]...")
@report_options
@QUIET
@judgement_options
@UPDATE_BASELINE
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of scenarios at once.  [default: one more than usable processors]",
)
@click.option(
    "--timeout",
    type=float,
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest time for one scenario.",
)
@click.pass_context
def client(
    context: click.Context,
    /,
    command: tuple[str, ...],
    baseline_file: str | None,
    update_baseline: bool,
    quiet: bool,
    jobs: int | None,
    timeout: float,
    **options: Any,
) -> None:
    """Judge a client: run COMMAND once per scenario, each time against a server of its own.

    It finds the server in $CONDUCTOR_SERVER_URL, the access key in $CONDUCTOR_AUTH_KEY and
    $CONDUCTOR_AUTH_SECRET, and may write what it read to the file $CONFORMANCE_ANSWER:
    docs/clients.md. Exit codes are those of `run`; 3 if the command cannot be started or fails the
    first scenario.
    """
    from conformance.cli.progress import progress_of_client
    from conformance.clients import catalogue
    from conformance.clients.run import judge
    from conformance.contract.requirement_selection import needing_evidence

    reports = taken_from(options)
    # A word may name a file, such as the program itself.
    output.check(tuple(reports.values()), (baseline_file, *command))
    baseline = None
    if baseline_file is not None or update_baseline:
        # Slow to import.
        from conformance.report import baseline_update

        baseline = baseline_update.prepared(baseline_file, update=update_baseline, dry_run=False)
    with nullcontext(lambda *_: None) if quiet else progress_of_client(sys.stderr) as progress:
        needed = required(options)
        report = judge(
            command,
            baseline=None if update_baseline else baseline,
            require_evidence=needed,
            jobs=jobs,
            timeout=timeout,
            progress=progress,
            **options,
        )
    contract = catalogue.load().contract
    # A signal that arrives while reports are written must not lose the run.
    with interruption.deferred():
        if baseline is not None and update_baseline:
            report = baseline_update.update(
                baseline.file,
                report,
                contract,
                require_evidence=needing_evidence(contract, needed),
            )
        deliver(reports, report, contract, quiet=quiet)
    context.exit(report.exit_code)
