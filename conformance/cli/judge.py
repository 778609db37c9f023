"""The command ``judge``: read a recording, judge it again, show and write the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.reports import deliver, report_options, taken_from
from conformance.cli.shared_options import (
    CONTRACT,
    QUIET,
    JudgingCommand,
    judgement_options,
    required,
)
from conformance.core import output
from conformance.errors import ExitCode, UsageError


@click.command(cls=JudgingCommand)
@click.argument("recording", required=False)
@report_options
@QUIET
@judgement_options
@CONTRACT
@click.pass_context
def judge(
    context: click.Context,
    /,
    recording: str | None,
    baseline_file: str | None,
    contract_file: Path | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Judge a RECORDING written by `run --record` again, without sending any request.

    The checks of this version are applied to the recorded run. Exit codes are those of `run`; 3
    also if the recorded run was interrupted.
    """
    from conformance.contract.loader import files, load
    from conformance.recording import judge as recordings
    from conformance.recording.reader import read
    from conformance.report.baseline import read as read_baseline

    reports = taken_from(options)
    if not recording:
        raise UsageError("judge needs the name of a recording, which `run --record FILE` writes")
    output.check(tuple(reports.values()), (recording, baseline_file, *files(contract_file)))
    baseline = None if baseline_file is None else read_baseline(Path(baseline_file))
    contract = load(contract_file)
    needed = required(options)
    report = recordings.judge(
        read(Path(recording), contract), baseline=baseline, require_evidence=needed, **options
    )
    deliver(reports, report, contract, quiet=quiet)
    # It was the recorded run that was interrupted, not this command.
    context.exit(ExitCode.CANNOT_TEST if report.interrupted else report.exit_code)
