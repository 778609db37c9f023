"""A whole run: a command in every scenario, judged."""

from __future__ import annotations

import base64
import os
import secrets
import shlex
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.checks.judging import only_failures, unjudged
from conformance.checks.verdict import Outcome
from conformance.clients import catalogue
from conformance.clients.answer import Unreadable, read
from conformance.clients.counterparts import Redirecting, with_setting
from conformance.clients.exchanges import Around, Recorder, without_all
from conformance.clients.judging import judge as verdicts_of
from conformance.clients.observation import Observation, evidence_of
from conformance.clients.scenarios import SCENARIOS, SMOKE, Scenario
from conformance.contract import requirement_selection
from conformance.contract.requirement_selection import needing_evidence
from conformance.core import interruption, user_command
from conformance.core.own_process import usable_cpus
from conformance.core.suggestions import choice
from conformance.core.text import clipped
from conformance.core.user_command import NotStarted, last_words
from conformance.errors import CannotTest, UsageError
from conformance.reference.embedded import EmbeddedServer
from conformance.reference.reading import ProviderQuery
from conformance.reference.server import ReferenceServer
from conformance.report import conclusion
from conformance.report.baseline import Baseline
from conformance.report.report import ClientRun, FailOn, Report
from conformance.report.run_metadata import Ending, RunMetadata
from conformance.target.arguments import duration

TIMEOUT = 20.0
"""Seconds for one scenario: of a client that starts in two seconds and, in the scenario with the
longest pauses, waits three seconds and repeats what it did, all on a machine that is busy."""
_NOT_PASSED_ON = ("CONDUCTOR_", "CONFORMANCE_")
"""Beginnings of variables that the command does not inherit, such as that of another token."""
_WAITING = ("retry-after", "always-expired")
"""Scenarios in which a client may wait for seconds."""
_WIRE_ONLY = (
    "Without an answer in $CONFORMANCE_ANSWER only requests and output are judged, not what the "
    "client read; docs/clients.md shows adapters."
)
_NO_ANSWER = "the command wrote no answer"


def judge(
    command: Sequence[str],
    *,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool | Iterable[str] = False,
    baseline: Baseline | None = None,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Report:
    """Run a command in every scenario and judge what it did.

    Args:
        command: the command with its arguments; no shell is involved.
        only: ids or families of the requirements to judge; by default all.
        skip: ids or families to leave out.
        fail_on: the lowest requirement level whose failure makes the client non-conformant.
        require_evidence: whether inconclusive requirements make it non-conformant, too; or the ids
            and families of those that do.
        baseline: known failures, which do not count.
        jobs: how many scenarios run at once; by default one more than processors are usable.
        timeout: seconds for each scenario.
        environment: the variables that the command inherits; by default those of this process.
        progress: called with the number of finished scenarios and of all.

    Returns:
        The report; its conclusion is ``error`` if the command cannot be started or fails the first
        scenario, with its last lines in the reason.

    Raises:
        UsageError: an argument is invalid.
    """
    if not command:
        raise UsageError("name the command of a client after --, such as: client -- python main.py")
    duration(timeout, "the timeout")
    law = catalogue.load()
    level = choice(FailOn, fail_on, "fail_on")
    chosen = requirement_selection.select(law.contract, only=only, skip=skip)
    needed = needing_evidence(law.contract, require_evidence)
    wanted = {name for one in chosen for name in law.scenarios[one.id]} - {SMOKE}
    rest = [scenario for name, scenario in SCENARIOS.items() if name in wanted]
    jobs = min(jobs or usable_cpus() + 1, max(len(rest), 1))
    started, begun = datetime.now(UTC), time.monotonic()
    runs = _Runs(command, os.environ if environment is None else environment, timeout)
    reason, ending = "", Ending.COMPLETE
    try:
        progress(0, len(rest) + 1)
        runs.smoke()
        progress(1, len(rest) + 1)
        runs.all_of(rest, jobs, lambda done: progress(done + 1, len(rest) + 1))
    except CannotTest as problem:
        reason, ending = str(problem), Ending.CANNOT_TEST
    except KeyboardInterrupt:
        reason, ending = "it was interrupted", Ending.INTERRUPTED
    seen = runs.seen
    verdicts = unjudged(chosen, Outcome.ERROR, reason)
    if ending is not Ending.CANNOT_TEST:
        evidence = evidence_of(law.contract, seen)
        judged = verdicts_of(evidence, law, chosen)
        # Of an interrupted run only a failure is certain.
        verdicts = judged if ending is Ending.COMPLETE else only_failures(judged, verdicts)
    result = conclusion.gate(
        verdicts,
        law.contract,
        fail_on=level,
        require_evidence=needed,
        baseline=baseline,
        today=started.astimezone().date(),
    )
    if ending is Ending.CANNOT_TEST:
        result = conclusion.untested(result, reason)
    elif ending is Ending.INTERRUPTED:
        result = conclusion.interrupted(result, reason)
    metadata = RunMetadata(
        target=shlex.join(command),
        started=started,
        duration=time.monotonic() - begun,
        seed=0,
        profile="standard",
        requests=sum(len(one.sent) for one in seen.values()),
        most_requests=0,
        run_id=secrets.token_hex(6),
        ending=ending,
    )
    result = result.redacted(_redactor(seen.values()))
    report = result.report(metadata, law.contract, notes=(*result.notes, *_notes(seen)))
    answered = sum(one.answer is not None for one in seen.values())
    return replace(report, client=ClientRun(tuple(command), len(seen), answered))


def _notes(seen: Mapping[str, Observation]) -> tuple[str, ...]:
    """Return what a reader should know: which answers could not be read, or that there is none."""
    if len(seen) > 1 and all(one.answer is None for one in seen.values()):
        return (_WIRE_ONLY,)
    return ()


def _redactor(seen: Iterable[Observation]) -> Callable[[str], str]:
    values = {value: what for one in seen for value, what in one.confidential.items()}

    return lambda text: without_all(text, values)


def _basic(server: ReferenceServer) -> str:
    """Return what HTTP Basic authentication sends for the access key (RFC 7617)."""
    return base64.b64encode(f"{server.key_id}:{server.key_secret}".encode()).decode().rstrip("=")


@contextmanager
def other_origin(server: ReferenceServer, around: Around) -> Iterator[None]:
    """Run the server that a redirecting one redirects to; nothing for all others.

    It accepts no token of the other.
    """
    if not isinstance(server, Redirecting):
        yield
        return
    with EmbeddedServer(ReferenceServer(), lambda app: around(app, 1)) as there:
        server.port = there.port
        yield


class _Runs:
    """The scenarios of a run: carried out one after the other or at once, and what they showed."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], timeout: float
    ) -> None:
        self._command, self._timeout = tuple(command), timeout
        self._environment = {
            name: value
            for name, value in environment.items()
            if not name.startswith(_NOT_PASSED_ON)
        }
        self._stop = threading.Event()
        self.seen: dict[str, Observation] = {}

    def smoke(self) -> None:
        """Carry out the first scenario.

        Raises:
            CannotTest: the command cannot be started, sends nothing, does not end, or fails
                although it was sent the list.
        """
        try:
            self.all_of([SCENARIOS[SMOKE]], 1)
        except NotStarted as problem:
            name = clipped(self._command[0], 200)
            raise CannotTest(
                f"the command {name} could not be started: {problem}; "
                "give a program with its arguments, without a shell's operators"
            ) from problem
        one = self.seen[SMOKE]
        # A client that was refused may well fail; one that got the list and answered did not.
        served = one.delivered is not None and one.answer is None
        if not one.sent or one.ran.code is None or (one.ran.code and served):
            what = "" if one.sent else " sent no request to $CONDUCTOR_SERVER_URL and"
            words = _redactor([one])(last_words(one.ran))
            raise CannotTest(
                f"in the scenario {SMOKE}, the command{what} {words}; try it by hand against "
                f"`conductor-conformance serve --scenario {SMOKE}`"
            )

    def all_of(
        self,
        scenarios: Sequence[Scenario],
        jobs: int,
        progress: Callable[[int], object] = lambda _done: None,
    ) -> None:
        """Carry out scenarios, ``jobs`` of them at once; ``progress`` gets the number finished.

        Raises:
            NotStarted: the command cannot be started.
        """
        # What mostly waits is begun first, so that nothing is waited for at the end.
        ordered = sorted(scenarios, key=lambda one: one.name not in _WAITING)
        with ThreadPoolExecutor(jobs) as pool:
            waiting: set[Future[Observation]] = {
                pool.submit(self._carry_out, scenario) for scenario in ordered
            }
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        one = future.result()
                        self.seen[one.scenario.name] = one
                    progress(len(scenarios) - len(waiting))
            except BaseException as problem:
                if interruption.caused(problem):
                    # Otherwise it would be raised again while the processes are ended.
                    interruption.acknowledge()
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _carry_out(self, scenario: Scenario) -> Observation:
        setting = secrets.token_hex(16)
        server = with_setting(scenario.make(), setting)
        query = ProviderQuery(
            category=scenario.category, active_only=scenario.active_only is not False
        )
        recorder = Recorder()
        with ExitStack() as stack:
            stack.enter_context(other_origin(server, recorder.around))
            url = stack.enter_context(EmbeddedServer(server, recorder.around)).url
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
            file = folder / "answer.json"
            ran = user_command.run(
                self._command,
                {
                    **self._environment,
                    "NO_PROXY": "127.0.0.1,localhost",
                    "no_proxy": "127.0.0.1,localhost",
                    **scenario.filters,
                    "CONDUCTOR_SERVER_URL": scenario.url(url),
                    "CONDUCTOR_AUTH_KEY": server.key_id,
                    "CONDUCTOR_AUTH_SECRET": server.key_secret,
                    "CONFORMANCE_ANSWER": str(file),
                },
                timeout=self._timeout,
                stop=self._stop,
            )
            unread = f"{_NO_ANSWER}; it {user_command.last_line(ran)}"
            answer = None
            try:
                answer = read(file)
            except Unreadable as problem:
                unread = f"the answer could not be read: {problem}"
        return Observation(
            scenario=scenario,
            held=tuple(server.represent(one, query) for one in server.select(query)),
            sent=recorder.sent,
            ran=ran,
            answer=answer,
            unread="" if answer is not None else unread,
            secrets={
                server.key_secret: "key secret",
                _basic(server): "key and its secret, in base64",
                setting: "value of configuration",
            },
        )
