"""The command ``run``: judge a server, show and write the reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.config_file import (
    configurable,
    settings_file,
    show_config,
    url_of_target,
)
from conformance.cli.fixtures import CONFIRM, RECEIPT, confirmed
from conformance.cli.reaching import (
    RATE_LIMIT,
    RETRY_BUDGET,
    TIMEOUT,
    reaching_options,
    trusted,
)
from conformance.cli.reports import deliver, report_options, taken_from
from conformance.cli.shared_options import (
    CONTRACT,
    QUIET,
    UPDATE_BASELINE,
    JudgingCommand,
    judgement_options,
    required,
)
from conformance.core import interruption, output
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.contract.model import Contract
    from conformance.report.report import Report
    from conformance.runner.targets import TargetOptions
    from conformance.target.target import Target


ABOUT_A_SERVER = frozenset(
    {
        *("url", "token_file", "token_command", "ca_bundle", "insecure", "wait", "header_file"),
        *("client_cert", "client_key", "proxy", "resolve", "header_variables"),
        *("badge_file", "config", "target", "show_config"),
        *("with_fixtures", "receipt", "confirm"),
    }
)
"""Options of ``run`` that ``demo`` does not have."""


@click.command(cls=JudgingCommand)
@click.argument("url", required=False, envvar="CONDUCTOR_SERVER_URL")
@report_options
@click.option(
    "--record", "record_file", metavar="FILE", help="Record the exchanges for `judge` (HAR)."
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="How many requests to send; quick: no generated queries, thorough: many more.",
)
@QUIET
@click.option("--seed", type=int, metavar="N", help="Generate the same queries again.")
@judgement_options
@UPDATE_BASELINE
@click.option(
    "--wait",
    type=float,
    default=0.0,
    metavar="SECONDS",
    help="Wait up to this many seconds for the server to come up.",
)
@TIMEOUT
@RETRY_BUDGET
@click.option(
    "--run-timeout",
    type=float,
    metavar="SECONDS",
    help="Timeout of the whole run.  [default: 900, plus the time that --rate-limit needs]",
)
@RATE_LIMIT
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum number of requests in total.  [default: by profile]",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=8,
    show_default=True,
    metavar="N",
    help="Maximum number of concurrent requests.",
)
@click.option(
    "--with-fixtures",
    is_flag=True,
    help="Create the providers that a verdict needs, and remove them after the run.",
)
@RECEIPT
@CONFIRM
@click.option("--dry-run", is_flag=True, help="Show the requests of a run without sending any.")
@reaching_options
@CONTRACT
@configurable
@click.pass_context
def run(context: click.Context, /, **options: Any) -> None:
    """Judge the server at URL.

    Without URL, the server at $CONDUCTOR_SERVER_URL is judged. The credential is
    $CONDUCTOR_AUTH_TOKEN, or $CONDUCTOR_AUTH_KEY with $CONDUCTOR_AUTH_SECRET. The server is only
    ever read from, unless --with-fixtures is given.
    """
    showing = options.pop("show_config")
    options["url"] = url_of_target(context) or options["url"]
    options["ca_bundle"] = trusted(options)
    request = RunRequest(
        reports=taken_from(options),
        require_evidence=required(options),
        **options,
        settings_file=settings_file(context),
    )
    if showing:
        check(request)
        click.echo(show_config(context))
        return
    context.exit(execute(request))


def _demo(**options: Any) -> None:
    """Judge the reference server of this suite, to see what `run` does.

    It starts on a free port of this machine with a token of its own; the environment and config
    files do not matter. There is no badge, since nothing of yours was judged.
    """
    request = RunRequest(
        reports=taken_from(options),
        require_evidence=required(options),
        **options,
        demo=True,
        url=None,
        token_file=None,
        token_command=None,
        ca_bundle=None,
        insecure=False,
        client_cert=None,
        client_key=None,
        proxy=None,
        resolve=(),
        header_variables=(),
        header_file=None,
        wait=0.0,
        with_fixtures=False,
        receipt=None,
        confirm=None,
        settings_file=None,
    )
    click.get_current_context().exit(execute(request))


demo = JudgingCommand(
    "demo",
    callback=_demo,
    help=_demo.__doc__,
    params=[one for one in run.params if one.name not in ABOUT_A_SERVER],
)
"""The command ``demo``, with the options of ``run`` that are not about the user's server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The arguments of ``conductor-conformance run``, named like its options.

    With ``demo`` the embedded reference server is judged.
    """

    demo: bool = False
    url: str | None
    reports: dict[str, str]
    record_file: str | None
    quiet: bool
    profile: str
    seed: int | None
    only: tuple[str, ...]
    skip: tuple[str, ...]
    fail_on: str
    require_evidence: bool | tuple[str, ...]
    timeout: float
    retry_budget: float
    headers: tuple[tuple[str, str], ...]
    header_variables: tuple[tuple[str, str], ...]
    header_file: Path | None
    token_file: Path | None
    token_command: str | None
    ca_bundle: Path | None
    insecure: bool
    client_cert: Path | None
    client_key: Path | None
    proxy: str | None
    resolve: tuple[str, ...]
    parallel: int
    rate_limit: str | None
    run_timeout: float | None
    max_requests: int | None
    with_fixtures: bool
    receipt: Path | None
    confirm: str | None
    dry_run: bool
    contract_file: Path | None
    baseline_file: str | None
    update_baseline: bool
    wait: float
    settings_file: Path | None


def prepare(request: RunRequest) -> tuple[Contract, TargetOptions]:
    """Check the values that a run, a dry run and --show-config have in common.

    Raises:
        UsageError: one of them makes no sense; the text says which and why.
    """
    from conformance.checks.judging import select
    from conformance.contract.loader import load
    from conformance.contract.requirement_selection import needing_evidence
    from conformance.runner.run import seeded
    from conformance.runner.targets import target_options
    from conformance.target import credentials, startup
    from conformance.target.limits import Limits, parse_rate

    contract = load(request.contract_file)
    select(contract, only=request.only, skip=request.skip)
    needing_evidence(contract, request.require_evidence)
    rate = None if request.rate_limit is None else parse_rate(request.rate_limit)
    limits = Limits(rate=rate, seconds=request.run_timeout, requests=request.max_requests)
    startup.checked(request.wait)
    seeded(request.seed)
    if request.token_command is not None:
        credentials.from_environment({}, request.token_file, request.token_command)
    values = {one.name: getattr(request, one.name) for one in fields(request)}
    return contract, target_options(values, limits)


def check(request: RunRequest) -> None:
    """Check a request without carrying it out; of all files only the contract is read.

    Raises:
        UsageError: a run would refuse it, for the same reason.
    """
    from conformance.runner.dry_run import DryRunTransport
    from conformance.runner.targets import configured_target

    contract, options = prepare(replace(request, header_variables=(), header_file=None))
    # Which options exclude or need each other is found before a file is read.
    options = replace(
        options,
        ca_bundle=request.ca_bundle if request.insecure else None,
        client_cert=None,
        client_key=request.client_key if request.client_cert is None else None,
    )
    # The credential is shown, not checked, so the environment is left out. No server is needed.
    with configured_target(
        "http://localhost" if request.url is None else request.url,
        {},
        options,
        contract=contract,
        sender=lambda settings: DryRunTransport(settings, contract.token_header),
    ):
        pass


def execute(request: RunRequest) -> int:
    """Carry out a run and return the exit code.

    All arguments are checked before the first request is sent.

    Raises:
        UsageError: an argument makes no sense.
    """
    from conformance.cli.progress import progress_of_run
    from conformance.contract.loader import files as contract_files
    from conformance.runner.run import run
    from conformance.target.credentials import TokenCommand

    if request.with_fixtures and request.dry_run:
        raise UsageError(
            "--dry-run sends nothing, so it can create nothing; `fixtures plan` shows what "
            "--with-fixtures would create"
        )
    command = request.token_command
    files = (
        *(request.token_file, request.header_file, request.ca_bundle),
        *(request.client_cert, request.client_key),
        *contract_files(request.contract_file),
        request.settings_file,
        # A word may name a file, such as the program itself.
        *(() if command is None else TokenCommand.of(command).words),
    )
    receipt = None if request.receipt is None else str(request.receipt)
    destinations = (*request.reports.values(), request.record_file, receipt)
    output.check(destinations, (*files, request.baseline_file))
    baseline = None
    if request.baseline_file is not None or request.update_baseline:
        # Slow to import.
        from conformance.report import baseline_update

        baseline = baseline_update.prepared(
            request.baseline_file, update=request.update_baseline, dry_run=request.dry_run
        )
    contract, options = prepare(request)
    if request.dry_run:
        return _dry_run(request, contract, options)
    recorder = None
    if request.record_file is not None:
        from conformance.recording.recorder import Recorder

        recorder = Recorder()
    with ExitStack() as whole:
        with (
            _target(request, contract, options) as target,
            nullcontext() if request.quiet else progress_of_run(sys.stderr) as progress,
        ):
            if request.wait and not request.quiet:
                # Standard error may be closed or full; that must not end the run.
                with suppress(OSError):
                    sys.stderr.write(f"waiting up to {request.wait:g} s for the server to answer\n")
                    sys.stderr.flush()
            judge = (
                run
                if not request.with_fixtures
                else _with_fixtures(request, target, partial(_target, request, contract, options))
            )
            report = judge(
                target,
                profile=request.profile,
                seed=request.seed,
                only=request.only,
                skip=request.skip,
                fail_on=request.fail_on,
                require_evidence=request.require_evidence,
                baseline=None if request.update_baseline else baseline,
                wait=request.wait,
                recorder=recorder,
                progress=progress,
            )
            left = target.allowance.time_left
            # A signal that arrives while reports are written must not lose the run.
            whole.enter_context(interruption.deferred())
        if baseline is not None and request.update_baseline:
            from conformance.contract.requirement_selection import needing_evidence

            needed = needing_evidence(contract, request.require_evidence)
            report = baseline_update.update(
                baseline.file, report, contract, require_evidence=needed
            )
        deliver(
            request.reports,
            report,
            contract,
            record_file=request.record_file,
            recording=None if recorder is None else recorder.parts,
            seconds=left,
            quiet=request.quiet,
        )
    return report.exit_code


def _with_fixtures(
    request: RunRequest, target: Target, targets: Callable[..., AbstractContextManager[Target]]
) -> Callable[..., Report]:
    """Return what judges a target with fixtures, once the user has confirmed the server.

    Raises:
        UsageError: the server is not the confirmed one.
    """
    from conformance.fixtures.whole_run import default_receipt, run_with_fixtures

    confirmed(target, request.confirm)
    receipt = request.receipt or default_receipt(target.run_id)
    # After a crash, this is what removes the providers.
    with suppress(OSError):
        sys.stderr.write(f"the receipt of the fixtures is {receipt}\n")
        sys.stderr.flush()
    return partial(run_with_fixtures, targets=targets, receipt=receipt)


def _target(
    request: RunRequest,
    contract: Contract,
    options: TargetOptions,
    environment: Mapping[str, str] = os.environ,
    **more: Any,
) -> AbstractContextManager[Target]:
    """Open the target; ``more`` may name a ``sender``."""
    from conformance.runner.targets import configured_target, embedded_target

    if request.demo:
        return embedded_target(contract=contract, **options.arguments(), **more)
    return configured_target(
        request.url,
        environment,
        options,
        contract=contract,
        token_file=request.token_file,
        token_command=request.token_command,
        **more,
    )


def _dry_run(request: RunRequest, contract: Contract, options: TargetOptions) -> int:
    """Show the requests that a run would send, without sending any."""
    from conformance.runner.dry_run import DryRunTransport, described
    from conformance.runner.run import run
    from conformance.target.credentials import VARIABLE
    from conformance.target.limits import Limits
    from conformance.target.transport import Settings

    transports: list[DryRunTransport] = []

    def sender(settings: Settings) -> DryRunTransport:
        transports.append(DryRunTransport(settings, contract.token_header))
        return transports[-1]

    # One request after the other, in the order of the plan, and without any wait.
    limits = Limits(requests=options.limits.requests)
    options = replace(options, parallel=1, limits=limits)
    environment: Mapping[str, str] = os.environ
    if request.token_command is not None:
        # What the command does is not known, so it is not run either.
        environment = {**os.environ, VARIABLE: "the token of the command"}
        request = replace(request, token_command=None)
    with _target(request, contract, options, environment, sender=sender) as target:
        report = run(
            target,
            profile=request.profile,
            seed=request.seed,
            only=request.only,
            skip=request.skip,
            progress=transports[0].begin,
        )
        with output.ignoring_closed_stdout():
            sys.stdout.write(described(transports[0], target, report) + "\n")
            if request.reports or request.record_file:
                sys.stderr.write("note: --dry-run judges nothing, so no report was written\n")
    return 0
