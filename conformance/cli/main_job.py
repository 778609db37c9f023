"""The main job of the command: judge a target, show and write the reports."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.cli.progress import shown_on
from conformance.cli.reports import Destinations, deliver
from conformance.contract import loader as contracts
from conformance.contract.model import Contract
from conformance.contract.selection import select
from conformance.core import interruption, output
from conformance.recording.recorder import Recorder
from conformance.report import baseline_update
from conformance.runner.dry_run import Rehearsal, described
from conformance.runner.run import run, seeded
from conformance.runner.targets import configured_target
from conformance.target import startup
from conformance.target.limits import Limits, parse_rate
from conformance.target.transport import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(Destinations):
    """The arguments of ``conductor-conformance run``, by the names of its options."""

    url: str | None = None
    profile: str = "standard"
    seed: int | None = None
    only: tuple[tuple[str, ...], ...] = ()
    skip: tuple[tuple[str, ...], ...] = ()
    fail_on: str = "must"
    require_evidence: bool = False
    timeout: float = 10.0
    retry_budget: float = 60.0
    headers: tuple[tuple[str, str], ...] = ()
    token_file: Path | None = None
    ca_bundle: Path | None = None
    insecure: bool = False
    parallel: int = 8
    rate_limit: str | None = None
    run_timeout: float | None = None
    max_requests: int | None = None
    dry_run: bool = False
    contract_file: Path | None = None
    baseline_file: str | None = None
    update_baseline: bool = False
    wait: float = 0.0
    settings_file: Path | None = None

    @property
    def inputs(self) -> tuple[str | Path | None, ...]:
        """The files that are read."""
        files = (self.token_file, self.ca_bundle, self.contract_file, self.settings_file)
        return *files, self.baseline_file

    @property
    def names_only(self) -> tuple[str, ...]:
        """The requirements and families of every ``--only``."""
        return tuple(name for names in self.only for name in names)

    @property
    def limits(self) -> Limits:
        """The limits of the run.

        Raises:
            UsageError: one of them makes no sense.
        """
        rate = parse_rate(self.rate_limit) if self.rate_limit is not None else None
        return Limits(rate=rate, seconds=self.run_timeout, requests=self.max_requests)

    @property
    def names_skipped(self) -> tuple[str, ...]:
        """The requirements and families of every ``--skip``."""
        return tuple(name for names in self.skip for name in names)


def execute(request: RunRequest) -> int:
    """Carry out a run and return the exit code.

    Everything that can be wrong with the arguments is found before the first request is sent.

    Raises:
        UsageError: an argument makes no sense.
    """
    output.check(request.destinations, request.inputs)
    baseline = baseline_update.prepared(request)
    contract = contracts.load(request.contract_file)
    select(contract, only=request.names_only, skip=request.names_skipped)
    limits = request.limits
    startup.checked(request.wait)
    seeded(request.seed)
    if request.dry_run:
        return _rehearse(request, contract, limits)
    recorder = None if request.record_file is None else Recorder()
    with ExitStack() as whole:
        with (
            configured_target(
                request.url,
                os.environ,
                contract=contract,
                timeout=request.timeout,
                retry_budget=request.retry_budget,
                headers=request.headers,
                token_file=request.token_file,
                ca_bundle=request.ca_bundle,
                insecure=request.insecure,
                parallel=request.parallel,
                limits=limits,
            ) as target,
            shown_on(sys.stderr) as progress,
        ):
            _say_waiting(request.wait)
            report = run(
                target,
                profile=request.profile,
                seed=request.seed,
                only=request.names_only,
                skip=request.names_skipped,
                fail_on=request.fail_on,
                require_evidence=request.require_evidence,
                baseline=None if request.update_baseline else baseline,
                wait=request.wait,
                recorder=recorder,
                progress=progress,
            )
            # What a run has cost is not lost for a signal that comes while it is written.
            whole.enter_context(interruption.held_back())
        if baseline is not None and request.update_baseline:
            report = baseline_update.update(request, baseline, report, contract)
        deliver(request, report, contract, None if recorder is None else recorder.parts)
    return report.exit_code


def _say_waiting(seconds: float) -> None:
    if seconds:
        # Nobody may be there to be told, and no room for it.
        with suppress(OSError):
            sys.stderr.write(f"waiting up to {seconds:g} s for the server to answer\n")
            sys.stderr.flush()


def _rehearse(request: RunRequest, contract: Contract, limits: Limits) -> int:
    """Show what a run would send, and send nothing."""
    rehearsals: list[Rehearsal] = []

    def sender(settings: Settings) -> Rehearsal:
        rehearsals.append(Rehearsal(settings, contract.token_header))
        return rehearsals[-1]

    with configured_target(
        request.url,
        os.environ,
        contract=contract,
        headers=request.headers,
        token_file=request.token_file,
        ca_bundle=request.ca_bundle,
        insecure=request.insecure,
        # One after the other, in the order of the plan, and without any wait.
        parallel=1,
        limits=Limits(requests=limits.requests),
        sender=sender,
    ) as target:
        report = run(
            target,
            profile=request.profile,
            seed=request.seed,
            only=request.names_only,
            skip=request.names_skipped,
            progress=rehearsals[0].begin,
        )
        with output.reader_may_leave():
            sys.stdout.write(described(rehearsals[0], target, report) + "\n")
            if any(request.destinations):
                sys.stderr.write("note: --dry-run judges nothing, so no report was written\n")
    return 0
