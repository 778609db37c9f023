"""pytest as a front end: ``pytest --pyargs conformance --conductor-url URL``.

There is one item per requirement, with the verdicts of the command. The target is judged once, by
the requirements whose items were selected, when the first item runs; with pytest-xdist one worker
judges it, and the others wait for the result. Inconclusive requirements are skipped, and the reason
names the missing evidence.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Loaded on its own (`-p conformance.pytest_plugin`), this plugin has the options, too.
from conductor_conformance_pytest import given
from conductor_conformance_pytest import pytest_addoption as pytest_addoption
from conformance.core.text import visible

if TYPE_CHECKING:
    from conformance.checks.verdict import Verdict
    from conformance.contract.model import Contract, Requirement
    from conformance.report.baseline import Baseline
    from conformance.report.report import Report


@dataclass(frozen=True, slots=True)
class Judgement:
    """The report, or a sentence that says why there is none.

    ``broken`` is about the suite or the target, ``mistake`` about an option or a variable.
    """

    report: Report | None = None
    broken: str = ""
    mistake: str = ""


CONTRACT: pytest.StashKey[Contract] = pytest.StashKey()
NEEDED: pytest.StashKey[bool | frozenset[str]] = pytest.StashKey()
"""The requirements that need evidence, as ``needing_evidence`` returns them."""
BASELINE: pytest.StashKey[Baseline] = pytest.StashKey()
JUDGEMENT: pytest.StashKey[Judgement] = pytest.StashKey()
SHARED: pytest.StashKey[Path] = pytest.StashKey()
"""Where the workers of xdist keep their judgement; in the process that started them."""
SHARED_KEY = "conductor_judgement"
FIXTURE = "conductor_report"
SUITE = "conformance"
REACHING = {
    *("timeout", "retry_budget", "ca_bundle", "insecure"),
    *("client_cert", "client_key", "proxy", "parallel"),
}
"""Options that are fields of ``TargetOptions``, with its defaults."""
READ = ("baseline", "header_file", "token_file", "ca_bundle", "client_cert", "client_key")
"""Options that name a file to read, apart from the contract."""
JUDGING = {"profile", "seed", "fail_on", "wait"}
"""Options that are arguments of ``run``, with its defaults."""


def pytest_configure(config: pytest.Config) -> None:
    """Read contract and baseline, and name the markers, before anything runs.

    Raises:
        pytest.UsageError: the contract, the baseline or the file for the recording cannot be used,
            or a requirement that needs evidence does not exist.
    """
    from conformance.contract.loader import files, load
    from conformance.contract.requirement_selection import needing_evidence
    from conformance.core import output
    from conformance.errors import UsageError

    options = given(config)
    names = [name for text in options["require_evidence_for"] or () for name in text.split(",")]
    try:
        config.stash[CONTRACT] = contract = load(options["contract"])
        config.stash[NEEDED] = needing_evidence(
            contract, bool(options["require_evidence"]) or map(str.strip, names)
        )
        output.check(
            [options["record"]], (*(options[name] for name in READ), *files(options["contract"]))
        )
        if options["baseline"] is not None:
            from conformance.report.baseline import read

            config.stash[BASELINE] = read(Path(options["baseline"]))
    except UsageError as error:
        raise pytest.UsageError(f"conductor: {error}") from error
    for family, meaning in contract.families.items():
        _add_marker(config, family, f"requirements of the family {family} ({meaning})")
    for level in dict.fromkeys(requirement.level for requirement in contract.requirements):
        _add_marker(config, level, f"requirements of the level {level}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect this file in place of the contract, when the package itself is collected."""
    if file_path == Path(__file__):
        return Requirements.from_parent(parent, name=SUITE, path=file_path, nodeid=SUITE)
    return None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the target and the conclusion at the end."""
    judgement = config.stash.get(JUDGEMENT, None)
    report = None if judgement is None else judgement.report
    if report is not None:
        from conformance.report.render.parts import headline

        terminalreporter.section(f"conductor conformance: {headline(report)}")
        terminalreporter.write_line(f"{visible(report.target)}: {visible(report.reason)}")
        terminalreporter.write_line(f"{report.requests} requests, seed {report.seed}")
        for note in report.notes:
            terminalreporter.write_line(visible(note))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the judgement is that it shares with the others."""
    config: pytest.Config = node.config
    if SHARED not in config.stash:
        # Only this user can read it.
        folder = tempfile.mkdtemp(prefix="conductor-")
        config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))
        config.stash[SHARED] = Path(folder, "judgement")
    node.workerinput[SHARED_KEY] = str(config.stash[SHARED])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the judgement of a worker of xdist, for the summary."""
    made = getattr(node, "workeroutput", {}).get(SHARED_KEY)
    if made is not None:
        node.config.stash[JUDGEMENT] = _unpacked(made)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass the judgement of a worker on, and a mistake to the exit code."""
    judgement = session.config.stash.get(JUDGEMENT, None)
    if judgement is not None and hasattr(session.config, "workeroutput"):
        session.config.workeroutput[SHARED_KEY] = pickle.dumps(judgement)
    elif judgement is not None and judgement.mistake:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


@pytest.fixture(scope="session")
def conductor_report(request: pytest.FixtureRequest) -> Report:
    """The report on the server at --conductor-url, by all requirements."""
    problem = ""
    try:
        return _report(request.session)
    except Problem as found:
        problem = str(found)
    # Outside the handler, so that pytest does not show the chained exception.
    pytest.fail(problem, pytrace=False)


def _add_marker(config: pytest.Config, name: str, meaning: str) -> None:
    config.addinivalue_line("markers", f"{name.lower()}: {meaning}")


class Requirements(pytest.Collector):
    """The contract as a collection of requirements.

    It is no ``pytest.File``: its node id is not a path, so that those of the items read like
    ``conformance::HTTP-01`` wherever the suite is installed.
    """

    def collect(self) -> Iterable[pytest.Item]:
        """Yield an item per requirement, and one for the baseline if there is one."""
        baseline = self.config.stash.get(BASELINE, None)
        entries = {entry.id: entry for entry in baseline.entries} if baseline else {}
        today = datetime.now(UTC).date()
        for requirement in self.config.stash[CONTRACT].requirements:
            item = RequirementItem.from_parent(self, name=requirement.id, requirement=requirement)
            item.add_marker(requirement.family.lower())
            item.add_marker(requirement.level.lower())
            entry = entries.get(requirement.id)
            if entry is not None and (entry.expires is None or today <= entry.expires):
                # Strict: if it passes, the entry is stale. Another failure is not covered by it.
                reason = visible(entry.reason)
                item.add_marker(pytest.mark.xfail(raises=KnownFailure, strict=True, reason=reason))
            yield item
        if baseline is not None:
            yield BaselineItem.from_parent(self, name="baseline")


class Item(pytest.Item):
    """An item whose failures are shown as text."""

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], *_arguments: Any
    ) -> str | Any:
        """Return the text of a failure; a traceback would only show this module."""
        if isinstance(excinfo.value, Problem):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class RequirementItem(Item):
    """One requirement, judged for the target of this session."""

    def __init__(self, *, requirement: Requirement, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.requirement = requirement

    def runtest(self) -> None:
        """Pass, fail or skip according to the verdict."""
        from conformance.checks.verdict import Outcome

        report = _report(self.session)
        verdict = next(v for v in report.verdicts if v.requirement.id == self.requirement.id)
        self.add_report_section("call", "evidence", verdict.evidence)
        if verdict.outcome is Outcome.PASSED:
            return
        if verdict.known is not None:
            raise KnownFailure(_explained(verdict))
        if verdict.outcome is Outcome.FAILED and report.counts_against(verdict):
            raise Problem(_explained(verdict))
        if verdict.outcome is Outcome.FAILED:
            pytest.skip(f"{self.requirement.level} not met: {verdict.findings[0].message}")
        if verdict.outcome is Outcome.ERROR:
            raise Problem(verdict.reason)
        if self._lacks_evidence(report, verdict):
            raise Problem(f"evidence is required; {verdict.outcome}: {verdict.reason}")
        pytest.skip(f"{verdict.outcome}: {verdict.reason}")

    def _lacks_evidence(self, report: Report, verdict: Verdict) -> bool:
        from conformance.checks.verdict import Outcome
        from conformance.report.conclusion import needs_evidence

        needed = self.config.stash[NEEDED]
        if verdict.outcome is Outcome.INCONCLUSIVE:
            return needs_evidence(self.requirement, report.fail_on, needed)
        # One that does not apply needs none, unless none applies and so nothing was judged.
        return bool(needed) and report.counts().keys() == {Outcome.NOT_APPLICABLE}

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the item by its requirement."""
        return self.path, None, f"{self.requirement.id} {self.requirement.statement}"


class BaselineItem(Item):
    """Whether every entry of the baseline fits."""

    def runtest(self) -> None:
        """Fail if an entry does not fit."""
        result = _report(self.session).baseline
        if result is not None and result.problems:
            raise Problem("\n".join(visible(problem.message) for problem in result.problems))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the item."""
        return self.path, None, "every entry of the baseline fits"


class Problem(Exception):
    """What is wrong with the target, the baseline or the suite; shown without a traceback."""


class KnownFailure(Problem):
    """The target breaks the requirement in the way the baseline describes."""


def _report(session: pytest.Session) -> Report:
    """Judge the target, once; a traceback would show credentials among the local variables."""
    stash = session.config.stash
    shared = getattr(session.config, "workerinput", {}).get(SHARED_KEY)
    if JUDGEMENT not in stash:
        judge = partial(_judgement, session.config, _only(session))
        stash[JUDGEMENT] = judge() if shared is None else _made_once(Path(shared), judge)
    judgement = stash[JUDGEMENT]
    if judgement.mistake:
        sentence = f"conductor: {judgement.mistake}"
        if shared is None:
            pytest.exit(sentence, returncode=pytest.ExitCode.USAGE_ERROR)
        # A worker that exits looks like one that crashed.
        session.shouldstop = sentence
        raise Problem(sentence)
    if judgement.report is None:
        raise Problem(judgement.broken)
    return judgement.report


def _made_once(path: Path, make: Callable[[], Judgement]) -> Judgement:
    from conformance.core import shared_result

    return _unpacked(shared_result.made_once(path, lambda: pickle.dumps(make())))


def _unpacked(made: bytes) -> Judgement:
    judgement: Judgement = pickle.loads(made)  # noqa: S301 - from a worker of this session
    return judgement


def _only(session: pytest.Session) -> tuple[str, ...]:
    """Return the ids of the requirements to judge; none if it is all of them."""
    if any(FIXTURE in getattr(item, "fixturenames", ()) for item in session.items):
        return ()
    ids = {item.requirement.id for item in session.items if isinstance(item, RequirementItem)}
    known = [requirement.id for requirement in session.config.stash[CONTRACT].requirements]
    return () if ids.issuperset(known) else tuple(name for name in known if name in ids)


def _judgement(config: pytest.Config, only: tuple[str, ...]) -> Judgement:
    from conformance import errors

    try:
        return Judgement(_judge(config, only))
    except errors.UsageError as error:
        return Judgement(mistake=str(error))
    except Exception as error:  # noqa: BLE001 - reported without its text, which may hold a secret
        expected = isinstance(error, errors.ConformanceError)
        expected &= not isinstance(error, errors.ForbiddenRequest)
        return Judgement(broken=str(error) if expected else errors.internal_error_message(error))


def _judge(config: pytest.Config, only: tuple[str, ...]) -> Report:
    from conformance.core import output
    from conformance.recording.recorder import Recorder
    from conformance.runner.run import run
    from conformance.runner.targets import TargetOptions, configured_target
    from conformance.target import headers
    from conformance.target.limits import Limits, parse_rate

    values = given(config)
    rate, record = values["rate_limit"], values["record"]
    recorder = None if record is None else Recorder()
    sent, shown = headers.collected(
        map(headers.header, values["header"] or ()),
        map(headers.variable, values["header_env"] or ()),
        values["header_file"],
    )
    options = TargetOptions(
        **{name: values[name] for name in REACHING if values[name] is not None},
        headers=sent,
        shown_headers=shown,
        resolve=tuple(values["resolve"] or ()),
        limits=Limits(
            rate=None if rate is None else parse_rate(rate),
            seconds=values["run_timeout"],
            requests=values["max_requests"],
        ),
    )
    with configured_target(
        values["url"],
        os.environ,
        options,
        contract=config.stash[CONTRACT],
        token_file=values["token_file"],
    ) as target:
        report = run(
            target,
            **{name: values[name] for name in JUDGING if values[name] is not None},
            only=only,
            require_evidence=config.stash[NEEDED],
            baseline=config.stash.get(BASELINE, None),
            recorder=recorder,
        )
    if recorder is not None:
        output.write_parts(record, recorder.parts())
    return report


def _explained(verdict: Verdict) -> str:
    from conformance.report.render.parts import commands

    requirement = verdict.requirement
    lines = [f"{requirement.id} ({requirement.level}): {requirement.statement}"]
    lines.append(f"Source: {requirement.source}")
    for finding in verdict.findings:
        lines += ["", finding.message]
        lines += [f"  {line}" for line in commands(finding)]
    return "\n".join(lines)
