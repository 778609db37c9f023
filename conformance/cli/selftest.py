"""The command ``self-test``: judge the servers of the catalogue, show and write the result."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

import click

from conformance.cli import completion
from conformance.cli.reports import deliver_result, result_options, taken_from
from conformance.cli.shared_options import NAMES
from conformance.core import interruption, output
from conformance.core.own_process import usable_cpus

if TYPE_CHECKING:
    from conformance.reference.faults import Fault
    from conformance.reference.variations import Variation
    from conformance.selftest.trial import Trial

_WAITING_OR_LARGE = ("trouble-", "cluster-many", "living-", "client-")
_SLOW_FIRST = ("thorough", "standard", "quick")


@click.command(name="self-test")
@result_options("Write it as Markdown.")
@click.option(
    "--only",
    **NAMES,
    multiple=True,
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
def self_test(
    context: click.Context,
    /,
    only: tuple[str, ...],
    profile: str,
    seed: int,
    jobs: int | None,
    verbose: bool,
    **options: str | None,
) -> None:
    """Test the suite itself: it must catch every fault and accept every valid variation.

    Runs and judges each faulty and each unusual server in the reference server's catalogues, and
    each broken and each odd client in that of clients (client-…). Exit codes: 0 all as declared, 1
    not all as declared, 2 usage error, 130 interrupted.
    """
    from conformance.cli.progress import progress_of_self_test
    from conformance.clients import catalogue as clients_catalogue
    from conformance.contract.loader import load
    from conformance.report.render import json
    from conformance.selftest import catalogue, html, markdown, terminal
    from conformance.selftest.matrix import Matrix
    from conformance.selftest.trial import FaultTrial, VariationTrial

    files = taken_from(options)
    output.check(tuple(files.values()))
    contract = load()
    known = tuple(catalogue.everything().values())
    for_clients = clients_catalogue.load().contract
    servers = catalogue.chosen(only, known, contract, "fault or variation")
    started = time.perf_counter()
    jobs = min(jobs or usable_cpus() + 1, len(servers))
    trials: dict[str, Trial] = {}
    interrupted = False
    try:
        with (
            progress_of_self_test(sys.stderr, len(servers), jobs) as update,
            closing(_trials(servers, profile, seed, jobs)) as results,
        ):
            for trial in results:
                trials[trial.name] = trial
                update(trial)
    except KeyboardInterrupt:
        interruption.acknowledge()
        interrupted = True
    # In the order of the catalogues, whichever ended first.
    done = [trials[server.name] for server in servers if server.name in trials]
    matrix = Matrix(
        contract_version=contract.version,
        contract_sha256=contract.sha256,
        requirements=(*contract.requirements, *for_clients.requirements),
        families={**contract.families, **for_clients.families},
        declared=_declared(),
        faults=tuple(trial for trial in done if isinstance(trial, FaultTrial)),
        variations=tuple(trial for trial in done if isinstance(trial, VariationTrial)),
        seed=seed,
        profile=profile,
        duration=time.perf_counter() - started,
        whole=not only,
        interrupted=interrupted,
        left=tuple(server.name for server in servers if server.name not in trials),
    )
    renderers = {"json": json.render, "markdown": markdown.render, "html": html.render}
    deliver_result(matrix, files, partial(terminal.render, verbose=verbose), renderers)
    context.exit(matrix.exit_code)


def _trials(
    servers: Sequence[Fault | Variation], chosen: str, seed: int, jobs: int
) -> Generator[Trial]:
    """Yield the result of each server when it is finished."""
    from conformance.core.worker_process import Broken
    from conformance.selftest.pool import results_of
    from conformance.selftest.trial import OWN, Task, lost

    known = {server.name: server for server in servers}

    def profile(server: Fault | Variation) -> str:
        return server.profile if chosen == OWN else chosen

    # What takes long is begun first, so that nothing is waited for at the end.
    ordered = sorted(
        servers,
        key=lambda server: (
            not server.name.startswith(_WAITING_OR_LARGE),
            _SLOW_FIRST.index(profile(server)),
        ),
    )
    tasks = [Task(server.name, chosen, seed) for server in _mixed(ordered)]
    with closing(results_of(tasks, jobs=jobs)) as results:
        for task, result in results:
            server = known[task.name]
            yield lost(server, result, profile(server)) if isinstance(result, Broken) else result


def _mixed(servers: Sequence[Fault | Variation]) -> list[Fault | Variation]:
    """Spread the servers of runs with fixtures, which mostly wait, evenly among the others."""
    groups = [[one for one in servers if one.with_fixtures is waits] for waits in (True, False)]
    placed = [
        (place / len(group), server) for group in groups for place, server in enumerate(group)
    ]
    return [server for _, server in sorted(placed, key=itemgetter(0))]


def _declared() -> dict[str, tuple[str, ...]]:
    from conformance.reference.faults import Fault
    from conformance.selftest.catalogue import everything

    names: defaultdict[str, list[str]] = defaultdict(list)
    for entry in everything().values():
        for requirement in entry.breaks if isinstance(entry, Fault) else ():
            names[requirement].append(entry.name)
    return {requirement: tuple(faults) for requirement, faults in names.items()}
