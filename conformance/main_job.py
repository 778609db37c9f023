"""The main job of the command: judge a target, show and write the reports."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from conformance import baseline_job, github, output
from conformance import contract as contracts
from conformance.configuration import configured_target
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.limits import Limits, parse_rate
from conformance.progress import shown_on
from conformance.rehearsal import Rehearsal, described
from conformance.render import as_annotations, as_badge, as_json, as_junit, as_markdown, terminal
from conformance.report import Report
from conformance.runner import run
from conformance.selection import select
from conformance.text import sentence
from conformance.transport import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The arguments of ``conductor-conformance run``, by the names of its options."""

    url: str | None = None
    json_file: str | None = None
    junit_file: str | None = None
    markdown_file: str | None = None
    badge_file: str | None = None
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

    @property
    def destinations(self) -> tuple[str | None, ...]:
        """Where reports go."""
        return self.json_file, self.junit_file, self.markdown_file, self.badge_file

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
    output.check(request.destinations)
    baseline = baseline_job.prepared(request)
    contract = contracts.load(request.contract_file)
    select(contract, only=request.names_only, skip=request.names_skipped)
    limits = request.limits
    if request.dry_run:
        return _rehearse(request, contract, limits)
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
            progress=progress,
        )
    written = False
    if baseline is not None and request.update_baseline:
        report, written = baseline_job.update(request, baseline, report, contract)
    _deliver(request, report, contract)
    return 0 if written else report.exit_code


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
    return 0


def _deliver(request: RunRequest, report: Report, contract: Contract) -> None:
    on_standard_output = output.STANDARD_OUTPUT in request.destinations
    stream = sys.stderr if on_standard_output else sys.stdout
    failures: list[UsageError] = []
    with output.reader_may_leave():
        for destination, renderer in (
            (request.json_file, as_json.render),
            (request.junit_file, as_junit.render),
            (request.markdown_file, partial(as_markdown.render, titles=contract.families)),
            (request.badge_file, as_badge.render),
        ):
            if destination is not None:
                try:
                    output.write(destination, renderer(report))
                except UsageError as error:
                    failures.append(error)
        # Whatever became of the files, the verdict is not lost.
        terminal.render(report, terminal.console_for(stream), contract.families)
        _tell_github(report, contract, stream)
    if failures:
        raise UsageError("; ".join(map(str, failures)))


def _tell_github(report: Report, contract: Contract, stream: TextIO) -> None:
    """Add what GitHub Actions shows beside the log, if the run takes place there."""
    summary = github.summary_file(os.environ)
    if summary is None:
        return
    # The runner looks for commands in both streams.
    stream.write(as_annotations.render(report))
    stream.flush()
    try:
        github.append(summary, as_markdown.render(report, contract.families))
    except UsageError as error:
        # Nobody asked for it, so it costs neither the verdict nor the exit code.
        sys.stderr.write(f"note: {sentence(str(error))}\n")
