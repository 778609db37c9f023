"""The main job of the command: judge a target, show and write the reports."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from conformance import contract as contracts
from conformance import output
from conformance.configuration import configured_target
from conformance.contract import Contract
from conformance.progress import shown_on
from conformance.render import as_json, as_junit, terminal
from conformance.report import Report
from conformance.runner import run
from conformance.selection import select


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The arguments of ``conductor-conformance run``, by the names of its options."""

    url: str | None = None
    json_file: str | None = None
    junit_file: str | None = None
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
    contract_file: Path | None = None

    @property
    def names_only(self) -> tuple[str, ...]:
        """The requirements and families of every ``--only``."""
        return tuple(name for names in self.only for name in names)

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
    output.check([request.json_file, request.junit_file])
    contract = contracts.load(request.contract_file)
    select(contract, only=request.names_only, skip=request.names_skipped)
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
        ) as target,
        shown_on(sys.stderr) as progress,
    ):
        report = run(
            target,
            profile=request.profile,
            seed=request.seed,
            only=request.names_only,
            skip=request.names_skipped,
            fail_on=request.fail_on,
            require_evidence=request.require_evidence,
            progress=progress,
        )
    _deliver(request, report, contract)
    return report.exit_code


def _deliver(request: RunRequest, report: Report, contract: Contract) -> None:
    on_standard_output = output.STANDARD_OUTPUT in (request.json_file, request.junit_file)
    stream = sys.stderr if on_standard_output else sys.stdout
    with output.reader_may_leave():
        for destination, renderer in (
            (request.json_file, as_json.render),
            (request.junit_file, as_junit.render),
        ):
            if destination is not None:
                output.write(destination, renderer(report))
        terminal.render(report, terminal.console_for(stream), contract.families)
