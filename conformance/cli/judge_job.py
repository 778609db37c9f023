"""The job of the command ``judge``: read a recording, judge it, show and write the reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.cli.reports import Destinations, deliver
from conformance.contract import loader as contracts
from conformance.core import output
from conformance.errors import UsageError
from conformance.recording.judge import judge
from conformance.recording.reader import read
from conformance.report.baseline import read as read_baseline

EXIT_UNTESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest(Destinations):
    """The arguments of ``conductor-conformance judge``, by the names of its options."""

    recording: str | None = None
    only: tuple[tuple[str, ...], ...] = ()
    skip: tuple[tuple[str, ...], ...] = ()
    fail_on: str = "must"
    require_evidence: bool = False
    baseline_file: str | None = None
    contract_file: Path | None = None


def execute(request: JudgeRequest) -> int:
    """Judge a recording and return the exit code.

    Raises:
        UsageError: an argument makes no sense, or the file is no recording.
    """
    if not request.recording:
        raise UsageError("judge needs the name of a recording, which `run --record FILE` writes")
    output.check(
        request.destinations, (request.recording, request.baseline_file, request.contract_file)
    )
    baseline = None
    if request.baseline_file is not None:
        baseline = read_baseline(Path(request.baseline_file))
    contract = contracts.load(request.contract_file)
    report = judge(
        read(Path(request.recording), contract),
        only=[name for names in request.only for name in names],
        skip=[name for names in request.skip for name in names],
        fail_on=request.fail_on,
        require_evidence=request.require_evidence,
        baseline=baseline,
    )
    deliver(request, report, contract)
    # It was the run that was interrupted, not this.
    return EXIT_UNTESTED if report.interrupted else report.exit_code
