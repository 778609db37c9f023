"""The ``self-test`` command: try the servers, show and write what came of them."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from conformance.contract import loader as contracts
from conformance.contract.model import Contract
from conformance.core import interruption, output
from conformance.reference.faults import FAULTS, Fault
from conformance.reference.variations import Variation
from conformance.selftest import catalogue
from conformance.selftest.matrix import Matrix
from conformance.selftest.pool import answered, usable_cpus
from conformance.selftest.progress import shown_on
from conformance.selftest.tasks import OWN, Broken, Task
from conformance.selftest.trial import FaultTrial, Trial, VariationTrial, lost

_WAITING_OR_LARGE = ("trouble-", "cluster-many", "living-")
_SLOW_FIRST = ("thorough", "standard", "quick")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestRequest:
    """The arguments of ``conductor-conformance self-test``, by the names of its options."""

    json_file: str | None = None
    markdown_file: str | None = None
    html_file: str | None = None
    only: tuple[tuple[str, ...], ...] = ()
    profile: str = OWN
    seed: int = 1
    jobs: int | None = None
    verbose: bool = False

    @property
    def names_only(self) -> tuple[str, ...]:
        """The names of every ``--only``."""
        return tuple(name for names in self.only for name in names)


def execute(request: SelfTestRequest) -> int:
    """Carry out a self-test and return the exit code.

    Raises:
        UsageError: an argument makes no sense; found before the first server is started.
    """
    output.check([request.json_file, request.markdown_file, request.html_file])
    contract = contracts.load()
    known = tuple(catalogue.by_name().values())
    servers = catalogue.chosen(request.names_only, known, contract, "fault or variation")
    matrix = _tried(request, servers, contract)
    _deliver(request, matrix)
    return matrix.exit_code


def _tried(
    request: SelfTestRequest, servers: Sequence[Fault | Variation], contract: Contract
) -> Matrix:
    started = time.perf_counter()
    jobs = min(request.jobs or usable_cpus() + 1, len(servers))
    trials: dict[str, Trial] = {}
    interrupted = False
    try:
        with shown_on(sys.stderr, len(servers), jobs) as told:
            _gather(request, servers, jobs, trials, told)
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
        whole=not request.names_only,
        interrupted=interrupted,
        left=tuple(server.name for server in servers if server.name not in trials),
    )


def _gather(
    request: SelfTestRequest,
    servers: Sequence[Fault | Variation],
    jobs: int,
    trials: dict[str, Trial],
    told: Callable[[Trial], None],
) -> None:
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
    with closing(answered(tasks, jobs=jobs)) as answers:
        for task, answer in answers:
            server = known[task.name]
            trial = lost(server, answer, profile(server)) if isinstance(answer, Broken) else answer
            trials[task.name] = trial
            told(trial)


def _declared() -> dict[str, tuple[str, ...]]:
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
    with output.reader_may_leave():
        # First what cannot fail: a disk may be full by now.
        terminal.render(matrix, console_for(stream), verbose=request.verbose)
        for destination, render in written:
            if destination is not None:
                output.write(destination, render(matrix))
