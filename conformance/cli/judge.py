"""The command ``judge``: read a recording, judge it again, show and write the reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from conformance.cli.reports import deliver, report_options, taken_from
from conformance.cli.shared_options import CONTRACT, judgement_options
from conformance.core import output
from conformance.errors import ExitCode, UsageError


@click.command()
@click.argument("recording", required=False)
@report_options
@judgement_options
@CONTRACT
@click.pass_context
def judge(context: click.Context, /, **options: Any) -> None:
    """Judge a RECORDING written by `run --record` again, without sending any request.

    The checks of this version are applied to the recorded run. Exit codes are those of `run`; 3
    also if the recorded run was interrupted.
    """
    context.exit(execute(JudgeRequest(reports=taken_from(options), **options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest:
    """The arguments of ``conductor-conformance judge``, named like its options."""

    reports: dict[str, str]
    recording: str | None
    only: tuple[str, ...]
    skip: tuple[str, ...]
    fail_on: str
    require_evidence: bool
    baseline_file: str | None
    contract_file: Path | None


def execute(request: JudgeRequest) -> int:
    """Judge a recording and return the exit code.

    Raises:
        UsageError: an argument makes no sense, or the file is not a recording.
    """
    from conformance.contract.loader import load
    from conformance.recording.judge import judge
    from conformance.recording.reader import read
    from conformance.report.baseline import read as read_baseline

    if not request.recording:
        raise UsageError("judge needs the name of a recording, which `run --record FILE` writes")
    inputs = (request.recording, request.baseline_file, request.contract_file)
    output.check(tuple(request.reports.values()), inputs)
    file = request.baseline_file
    baseline = None if file is None else read_baseline(Path(file))
    contract = load(request.contract_file)
    report = judge(
        read(Path(request.recording), contract),
        only=request.only,
        skip=request.skip,
        fail_on=request.fail_on,
        require_evidence=request.require_evidence,
        baseline=baseline,
    )
    deliver(request.reports, report, contract)
    # It was the recorded run that was interrupted, not this command.
    return ExitCode.CANNOT_TEST if report.interrupted else report.exit_code
