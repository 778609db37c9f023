"""The command ``judge``: its options, by which a recorded run is judged."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.options import CONTRACT
from conformance.cli.report_options import judgement_options, report_options


@click.command()
@click.argument("recording", required=False)
@report_options
@judgement_options
@CONTRACT
@click.pass_context
def judge(context: click.Context, /, **options: Any) -> None:
    """Judge the RECORDING that `run --record` wrote, again and without any request.

    The verdicts are those of the run, by the checks of this version and by its contract. Exit codes
    are those of `run`; 3 also where the recorded run was interrupted.
    """
    from conformance.cli.judge_job import JudgeRequest, execute

    context.exit(execute(JudgeRequest(**options)))
