"""The command ``self-test``: judge the servers of the catalogue, show and write the result."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import completion
from conformance.cli.shared_options import Names, flattened
from conformance.core import interruption, output

if TYPE_CHECKING:
    from conformance.contract.model import Contract
    from conformance.reference.faults import Fault
    from conformance.reference.variations import Variation
    from conformance.selftest.matrix import Matrix
    from conformance.selftest.trial import Trial

_WAITING_OR_LARGE = ("trouble-", "cluster-many", "living-")
_SLOW_FIRST = ("thorough", "standard", "quick")


@click.command(name="self-test")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': standard output)."
)
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it as Markdown.")
@click.option(
    "--html", "html_file", metavar="FILE", help="Write it as an HTML page without other files."
)
@click.option(
    "--only",
    type=Names(),
    multiple=True,
    callback=flattened,
    metavar="NAME[,NAME]",
    shell_complete=completion.requirements_and_entries,
    help="Test only these faults and variations; also patterns such as 'http-*', and requirements "
    "or families for the faults that break them.",
)
@click.option(
    "--profile",
    type=click.Choice(["own", "quick", "standard", "thorough"]),
    default="own",
    show_default=True,
    help="How many requests to send; own: for each server the smallest profile that shows its "
    "fault or variation.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    metavar="N",
    help="Seed of the generated queries.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of servers tested at once, each in its own process.  [default: one per usable "
    "processor]",
)
@click.option("--verbose", "-v", is_flag=True, help="Show a line for each server.")
@click.pass_context
def self_test(context: click.Context, /, **options: Any) -> None:
    """Test the suite itself: it must catch every fault and accept every valid variation.

    Runs and judges each faulty and each unusual server in the reference server's catalogues. Exit
    codes: 0 all as declared, 1 not all as declared, 2 usage error, 130 interrupted.
    """
    context.exit(execute(SelfTestRequest(**options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestRequest:
    """The arguments of ``conductor-conformance self-test``, named like its options."""

    json_file: str | None = None
    markdown_file: str | None = None
    html_file: str | None = None
    only: tuple[str, ...] = ()
    profile: str = "own"
    seed: int = 1
    jobs: int | None = None
    verbose: bool = False


def execute(request: SelfTestRequest) -> int:
    """Carry out a self-test and return the exit code.

    Raises:
        UsageError: an argument makes no sense; found before the first server is started.
    """
    from conformance.contract.loader import load
    from conformance.selftest import catalogue

    output.check([request.json_file, request.markdown_file, request.html_file])
    contract = load()
    known = tuple(catalogue.by_name().values())
    servers = catalogue.chosen(request.only, known, contract, "fault or variation")
    matrix = _tried(request, servers, contract)
    _deliver(request, matrix)
    return matrix.exit_code


def _tried(
    request: SelfTestRequest, servers: Sequence[Fault | Variation], contract: Contract
) -> Matrix:
    from conformance.cli.progress import progress_of_self_test
    from conformance.selftest.matrix import Matrix
    from conformance.selftest.pool import usable_cpus
    from conformance.selftest.trial import FaultTrial, VariationTrial

    started = time.perf_counter()
    jobs = min(request.jobs or usable_cpus() + 1, len(servers))
    trials: dict[str, Trial] = {}
    interrupted = False
    try:
        with progress_of_self_test(sys.stderr, len(servers), jobs) as update:
            _gather(request, servers, jobs, trials, update)
    except KeyboardInterrupt:
        interruption.acknowledge()
        interrupted = True
    # In the order of the catalogues, whichever ended first.
    done = [trials[server.name] for server in servers if server.name in trials]
    return Matrix(
        contract_version=contract.version,
        contract_sha256=contract.sha256,
        requirements=contract.requirements,
        families=contract.families,
        declared=_declared(),
        faults=tuple(trial for trial in done if isinstance(trial, FaultTrial)),
        variations=tuple(trial for trial in done if isinstance(trial, VariationTrial)),
        seed=request.seed,
        profile=request.profile,
        duration=time.perf_counter() - started,
        whole=not request.only,
        interrupted=interrupted,
        left=tuple(server.name for server in servers if server.name not in trials),
    )


def _gather(
    request: SelfTestRequest,
    servers: Sequence[Fault | Variation],
    jobs: int,
    trials: dict[str, Trial],
    update: Callable[[Trial], None],
) -> None:
    from conformance.selftest.pool import results_of
    from conformance.selftest.tasks import OWN, Broken, Task
    from conformance.selftest.trial import lost

    known = {server.name: server for server in servers}

    def profile(server: Fault | Variation) -> str:
        return server.profile if request.profile == OWN else request.profile

    # What takes long is begun first, so that nothing is waited for at the end.
    ordered = sorted(
        servers,
        key=lambda server: (
            not server.name.startswith(_WAITING_OR_LARGE),
            _SLOW_FIRST.index(profile(server)),
        ),
    )
    tasks = [Task(server.name, request.profile, request.seed) for server in ordered]
    with closing(results_of(tasks, jobs=jobs)) as results:
        for task, result in results:
            server = known[task.name]
            trial = lost(server, result, profile(server)) if isinstance(result, Broken) else result
            trials[task.name] = trial
            update(trial)


def _declared() -> dict[str, tuple[str, ...]]:
    from conformance.reference.faults import FAULTS

    names: defaultdict[str, list[str]] = defaultdict(list)
    for fault in FAULTS:
        for requirement in fault.breaks:
            names[requirement].append(fault.name)
    return {requirement: tuple(faults) for requirement, faults in names.items()}


def _deliver(request: SelfTestRequest, matrix: Matrix) -> None:
    from conformance.report.render import json
    from conformance.report.render.console import console_for
    from conformance.selftest import html, markdown, terminal

    written = (
        (request.json_file, json.render),
        (request.markdown_file, markdown.render),
        (request.html_file, html.render),
    )
    on_standard_output = any(place == output.STANDARD_OUTPUT for place, _ in written)
    stream = sys.stderr if on_standard_output else sys.stdout
    with output.ignoring_closed_stdout():
        # First what cannot fail: a disk may be full by now.
        terminal.render(matrix, console_for(stream), verbose=request.verbose)
        for destination, render in written:
            if destination is not None:
                output.write(destination, render(matrix))
