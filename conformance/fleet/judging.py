"""The process that judges one target after the other; only it resolves credentials.

A process of its own, below a Dask worker, has three reasons: what crashes or hangs it costs one
target and not the worker, a run can be stopped when its time is up, and no credential is in a
process that talks to the scheduler.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from conformance.checks import judging
from conformance.checks.verdict import Outcome
from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.core import interruption
from conformance.core.text import sentence
from conformance.core.worker_process import serve
from conformance.errors import CannotTest, ContractError, UsageError
from conformance.fleet.order import Order, Result
from conformance.fleet.summary import Entry
from conformance.report.baseline import read
from conformance.report.render.formats import rendered
from conformance.report.report import Conclusion, FailOn, Report
from conformance.runner.generated_queries import QueryGenerator
from conformance.runner.run import run
from conformance.runner.targets import configured_target, target_options
from conformance.target.limits import Limits, parse_rate
from conformance.target.network import bundle_of_environment


def judged(order: Order, environment: Mapping[str, str] = os.environ) -> Result:
    """Judge the target of an order; whatever is wrong with it is the result."""
    started = datetime.now(UTC)
    try:
        report = _run(order, environment)
    except (CannotTest, UsageError) as error:
        return untested(order, str(error), started)
    return _result(order, report, spent=interruption.was_out_of_time.is_set())


def untested(order: Order, reason: str, started: datetime, *, attempts: int = 1) -> Result:
    """Return the result of a target that was not judged; ``reason`` is a clause."""
    try:
        contract = _contract(order.values["contract_file"])
    except ContractError:
        contract = load()
    only, skip = order.values["only"], order.values["skip"]
    requirements = judging.select(contract, only=only, skip=skip)
    report = Report(
        contract_version=contract.version,
        contract_sha256=contract.sha256,
        target=order.url,
        started=started,
        duration=(datetime.now(UTC) - started).total_seconds(),
        seed=order.values["seed"],
        profile=order.values["profile"],
        conclusion=Conclusion.ERROR,
        reason=sentence(reason),
        requests=0,
        run_id=secrets.token_hex(6),
        verdicts=judging.unjudged(requirements, Outcome.ERROR, reason),
        fail_on=FailOn(order.values["fail_on"]),
    )
    return _result(order, report, attempts=attempts)


def _run(order: Order, environment: Mapping[str, str]) -> Report:
    values = dict(order.values)
    if values["ca_bundle"] is None and not values["insecure"]:
        values["ca_bundle"] = bundle_of_environment(environment, order.url)[1]
    rate = None if values["rate_limit"] is None else parse_rate(values["rate_limit"])
    limits = Limits(rate=rate, seconds=values["run_timeout"], requests=values["max_requests"])
    baseline = values["baseline_file"]
    with configured_target(
        order.url,
        _credentials(order, environment),
        target_options(values, limits),
        contract=_contract(values["contract_file"]),
        token_file=values["token_file"],
        token_command=values["token_command"],
    ) as target:
        return run(
            target,
            **{name: values[name] for name in ("profile", "seed", "only", "skip", "fail_on")},
            require_evidence=values["require_evidence"],
            baseline=None if baseline is None else read(Path(baseline)),
            wait=values["wait"],
            generator=_generator(),
        )


def _credentials(order: Order, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables of ``run`` with the values that the named variables have here.

    Raises:
        UsageError: one of them is not set.
    """
    if not order.variables:
        return environment
    for _, variable in order.variables:
        if not environment.get(variable, "").strip():
            raise UsageError(
                f"the variable {variable} is not set for the worker on {socket.gethostname()}; "
                "set it where the worker is started"
            )
    return {name: environment[variable] for name, variable in order.variables}


def _result(order: Order, report: Report, *, attempts: int = 1, spent: bool = False) -> Result:
    titles = load().families
    texts = {name: rendered(name, report, titles) for name in order.formats}
    entry = Entry.of(
        report,
        name=order.name,
        url=order.url,
        labels=order.labels,
        formats=order.formats,
        attempts=attempts,
        digest=order.digest,
    )
    return Result(entry, texts, spent)


@cache
def _contract(path: Path | None) -> Contract:
    return load(path)


@cache
def _generator() -> QueryGenerator:
    """Return the one for all targets: it ends with this process, which closes its input."""
    return QueryGenerator()


def main() -> None:
    """Judge the targets that the process which started this one sends."""
    # Runs can be stopped in a process whose alarms raise.
    interruption.install()
    serve(judged)


if __name__ == "__main__":
    main()
