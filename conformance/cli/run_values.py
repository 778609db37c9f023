"""Refusing the values of options that a run would refuse, where nothing is to be run."""

from __future__ import annotations

from conformance.cli.main_job import RunRequest
from conformance.contract import loader as contracts
from conformance.contract.selection import select
from conformance.runner.dry_run import Rehearsal
from conformance.runner.run import seeded
from conformance.runner.targets import configured_target
from conformance.target import startup

NOWHERE = "http://localhost"
"""Stands for the reference server, which need not be started for this."""


def check(request: RunRequest) -> None:
    """Make sure that a run would take what is requested; no file but the contract is looked at.

    Raises:
        UsageError: it would not, for the reason that it would give.
    """
    contract = contracts.load(request.contract_file)
    select(contract, only=request.names_only, skip=request.names_skipped)
    startup.checked(request.wait)
    seeded(request.seed)
    with configured_target(
        NOWHERE if request.url is None else request.url,
        # Whether there is a credential is shown, not judged.
        {},
        contract=contract,
        timeout=request.timeout,
        retry_budget=request.retry_budget,
        headers=request.headers,
        # What is wrong with the two together is found before the bundle is read.
        ca_bundle=request.ca_bundle if request.insecure else None,
        insecure=request.insecure,
        parallel=request.parallel,
        limits=request.limits,
        sender=lambda settings: Rehearsal(settings, contract.token_header),
    ):
        pass
