"""A run from start to end: open the target, gather evidence, judge it, report."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance.checks import judging
from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.model import Requirement
from conformance.contract.query import Query
from conformance.contract.requirement_selection import needing_evidence
from conformance.core import interruption
from conformance.core.suggestions import choice
from conformance.errors import CannotTest, UsageError
from conformance.evidence.evidence import Evidence
from conformance.evidence.lifecycle import Lifecycle
from conformance.evidence.statistics import Times, View, response_times, views
from conformance.recording.repeated_secrets import secrets_of
from conformance.report import conclusion
from conformance.report.baseline import Baseline
from conformance.report.conclusion import GateResult
from conformance.report.report import FailOn, Report
from conformance.report.run_metadata import Ending, Profile, RunMetadata
from conformance.runner.gathering import Gatherer
from conformance.runner.generated_queries import QueryGenerator
from conformance.runner.opening import open_target
from conformance.runner.plan import (
    MOST_REQUESTS,
    PROBES,
    ROUNDS,
    Part,
    Plan,
    Progress,
    needed_parts,
)
from conformance.runner.queries import written_by_hand
from conformance.runner.targets import NO_TARGET
from conformance.target import startup
from conformance.target.target import Target

if TYPE_CHECKING:
    from conformance.recording.recorder import Recorder

LARGEST_SEED = 2**32 - 1
HURRIED = 1.0
"""Seconds to judge the evidence of a run that was interrupted or whose time is up."""
GRACE = 2.0
"""Seconds to judge after the time for the run is up, if all requests were sent in time."""


def run(
    target: Target | str,
    *,
    profile: Profile | str = Profile.STANDARD,
    seed: int | None = None,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool | Iterable[str] = False,
    baseline: Baseline | None = None,
    wait: float = 0.0,
    recorder: Recorder | None = None,
    generator: QueryGenerator | None = None,
    progress: Progress | None = None,
    beforehand: Callable[[], object] | None = None,
    afterwards: Callable[[], Lifecycle] | None = None,
) -> Report:
    """Judge a target by the contract.

    Args:
        target: a ``Target``, or the URL of a server that needs no credential.
        profile: how many requests to send.
        seed: seed of the generated queries; by default a random one, which the report names.
        only: ids or families of the requirements to judge; by default all.
        skip: ids or families to leave out.
        fail_on: the lowest requirement level whose failure makes the target non-conformant.
        require_evidence: whether an inconclusive requirement makes it non-conformant, too; or the
            ids and families of those that do.
        baseline: known failures that do not count; a baseline that does not fit makes the target
            non-conformant.
        wait: maximum number of seconds to wait for the target to come up.
        recorder: records the exchanges, so that they can be judged again.
        generator: a process to reuse for generating queries; by default the run has its own.
        progress: called as responses arrive.
        beforehand: called before the first request: creates providers, or raises ``CannotTest``.
        afterwards: called after the last request, before judging: changes providers, and returns
            what the results showed.

    Returns:
        The report. If the target could not be tested, its verdict is ``error``.

    Raises:
        UsageError: there is no target, an argument makes no sense, such as an unknown requirement,
            or the suite has no check for a requirement of the contract.
    """
    profile, fail_on = choice(Profile, profile, "profile"), choice(FailOn, fail_on, "fail_on")
    wait = startup.checked(wait)
    with ExitStack() as stack:
        if not isinstance(target, Target):
            if not target:
                raise UsageError(NO_TARGET)
            target = stack.enter_context(Target(target))
        return _Run(
            target=target,
            generator=stack.enter_context(_own_or(generator)),
            profile=profile,
            seed=seeded(seed),
            only=tuple(only),
            skip=tuple(skip),
            fail_on=fail_on,
            require_evidence=needing_evidence(target.contract, require_evidence),
            baseline=baseline,
            wait=wait,
            recorder=recorder,
            beforehand=beforehand,
            afterwards=afterwards,
        ).report(progress)


def _own_or(generator: QueryGenerator | None) -> AbstractContextManager[QueryGenerator]:
    return QueryGenerator() if generator is None else nullcontext(generator)


@dataclass(kw_only=True)
class _Run:
    """One run; the fields are the arguments of ``run``, checked."""

    target: Target
    generator: QueryGenerator
    profile: Profile
    seed: int
    only: tuple[str, ...]
    skip: tuple[str, ...]
    fail_on: FailOn
    require_evidence: bool | frozenset[str]
    baseline: Baseline | None
    wait: float
    recorder: Recorder | None
    beforehand: Callable[[], object] | None
    afterwards: Callable[[], Lifecycle] | None

    def __post_init__(self) -> None:
        self._requirements = judging.select(self.target.contract, only=self.only, skip=self.skip)
        families = {requirement.family for requirement in self._requirements}
        self._parts = needed_parts(families, self.profile)
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()
        self._most = self.target.allowance.limits.requests or MOST_REQUESTS[self.profile]
        self._notes: list[str] = []
        self._views: tuple[View, ...] = ()
        self._times: Times | None = None
        self._ending = Ending.COMPLETE, ""
        self._gatherer: Gatherer | None = None
        self._judged: dict[str, Verdict] = {}
        if self.recorder is not None:
            self.recorder.attend(self.target)

    def report(self, progress: Progress | None) -> Report:
        try:
            return self._complete(progress)
        except CannotTest as error:
            return self._unfinished(Ending.CANNOT_TEST, str(error))
        except interruption.OutOfTime:
            return self._unfinished(Ending.CANNOT_TEST, str(self.target.allowance.over()))
        except (KeyboardInterrupt, Exception) as error:
            if interruption.caused(error):
                return self._unfinished(Ending.INTERRUPTED, "the run was interrupted")
            raise

    def _complete(self, progress: Progress | None) -> Report:
        if self.wait:
            self._notes.append(startup.until_answered(self.target, self.wait))
        if self.beforehand is not None:
            self.beforehand()
        self.target.begin(self._most)
        with interruption.limited(self.target.allowance.time_left + GRACE):
            result, refusal = self._tested(progress)
        if refusal is not None:
            return self._finish(conclusion.refused(result, refusal), refused=True)
        return self._finish(result)

    def _tested(self, progress: Progress | None) -> tuple[GateResult, str | None]:
        """Gather evidence and judge it; return the result, and why the target refused the run."""
        if Part.PROBES in self._parts:
            self.generator.start()
        opening = open_target(self.target)
        plan = Plan(
            self._parts,
            self._probes() if opening.refusal is None and Part.PROBES in self._parts else (),
            rounds=ROUNDS[self.profile],
            seed=self.seed,
            crossed=self.profile is Profile.THOROUGH,
        )
        self._gatherer = gatherer = Gatherer(self.target, opening, plan, progress)
        gatherer.gather()
        if self.afterwards is not None and opening.refusal is None:
            gatherer.add_lifecycle(self.afterwards())
        self._notes += gatherer.notes
        answers = gatherer.evidence.answers
        if answers and all(exchange.decoded.exceeds_limits for exchange in answers):
            raise CannotTest(
                f"{self.target.address} could not be tested: in every response "
                f"{answers[0].decoded.error}; judge a cluster without such deeply nested values"
            )
        result = self._conclude(self._judge(gatherer, plan), gatherer.evidence)
        self._survey(gatherer.evidence)
        return result, opening.refusal

    def _probes(self) -> Iterable[Query]:
        contract, number = self.target.contract, PROBES[self.profile]
        known = written_by_hand(contract)
        return self.generator.begin(contract, number, seed=self.seed, known=known)

    def _judge(self, gatherer: Gatherer, plan: Plan) -> tuple[Verdict, ...]:
        verdicts = tuple(self._judged_one(gatherer.evidence, one) for one in self._requirements)
        probes = {query.wire: query for query in plan.probes}
        # The findings are sorted: if the first one is generated, no simpler query failed.
        firsts = [(one.requirement, one.findings[0].query) for one in verdicts if one.findings]
        found = [(requirement, probes[wire]) for requirement, wire in firsts if wire in probes]
        for requirement, query in found:
            self._shrink(gatherer, requirement, query)
        return judging.judge(gatherer.evidence, self._requirements) if found else verdicts

    def _judged_one(self, evidence: Evidence, requirement: Requirement) -> Verdict:
        allowance = self.target.allowance
        if allowance.time_left < -GRACE:
            raise allowance.over()
        (verdict,) = judging.judge(evidence, [requirement])
        self._judged[requirement.id] = verdict
        return verdict

    def _shrink(self, gatherer: Gatherer, requirement: Requirement, query: Query) -> None:
        def fails(candidate: Query) -> bool:
            # Alone: what only a comparison shows, a single response cannot show.
            alone = gatherer.evidence.alone(gatherer.probe(candidate))
            (verdict,) = judging.judge(alone, [requirement])
            return any(finding.query == candidate.wire for finding in verdict.findings)

        if fails(query):
            self.generator.shrink(self.target.contract, query, fails, seed=self.seed)

    def _survey(self, evidence: Evidence) -> None:
        self._times = response_times(evidence)
        self._views = views(evidence)

    def _conclude(
        self, verdicts: tuple[Verdict, ...], evidence: Evidence | None = None
    ) -> GateResult:
        return conclusion.gate(
            verdicts,
            self.target.contract,
            fail_on=self.fail_on,
            require_evidence=self.require_evidence,
            baseline=self.baseline,
            today=self._started.date(),
            evidence=evidence,
        )

    def _unfinished(self, ending: Ending, reason: str) -> Report:
        """Report the failures that were found before the run ended early."""
        self._ending = ending, reason
        seconds = HURRIED
        if ending is Ending.INTERRUPTED:
            interruption.acknowledge()
        else:
            seconds = max(seconds, self.target.allowance.time_left)
        verdicts = self._found_so_far(reason, seconds)
        if ending is Ending.INTERRUPTED:
            return self._finish(conclusion.interrupted(self._conclude(verdicts), reason))
        return self._finish(conclusion.untested(self._conclude(verdicts), reason))

    def _found_so_far(self, reason: str, seconds: float) -> tuple[Verdict, ...]:
        """Return the failures found so far; judging the others takes at most ``seconds``."""
        blank = judging.unjudged(self._requirements, Outcome.ERROR, reason)
        gatherer = self._gatherer
        if gatherer is None:
            return blank
        judged = dict(self._judged)
        enough = threading.Event()

        def judge() -> None:
            evidence = gatherer.evidence
            for requirement in self._requirements:
                if enough.is_set():
                    break
                if requirement.id not in judged:
                    (judged[requirement.id],) = judging.judge(evidence, [requirement])
            self._survey(evidence)

        with suppress(interruption.OutOfTime), interruption.limited(seconds) as stopped:
            if stopped:
                judge()
            else:
                # A slow check cannot be stopped then, only left behind.
                aside = threading.Thread(target=judge, daemon=True)
                aside.start()
                aside.join(min(seconds, threading.TIMEOUT_MAX))
                enough.set()
        return judging.only_failures(dict(judged).values(), blank)

    def _finish(self, result: GateResult, *, refused: bool = False) -> Report:
        ending, reason = self._ending
        metadata = RunMetadata(
            target=self.target.title or str(self.target.address),
            started=self._started,
            duration=time.perf_counter() - self._clock,
            seed=self.seed,
            profile=str(self.profile),
            requests=self.target.requests_sent,
            most_requests=self.target.allowance.most or self._most,
            run_id=self.target.run_id,
            notes=(*self._notes, *self.target.notes),
            only=self.only,
            skip=self.skip,
            ending=ending,
            reason=reason,
        )
        notes = (*self._notes, *result.notes, *self.target.notes)
        evidence = None if self._gatherer is None else self._gatherer.evidence
        repeated = secrets_of(evidence)

        def redact(text: str) -> str:
            return repeated.hidden(self.target.redacted_text(text))

        report = result.redacted(redact).report(
            metadata,
            self.target.contract,
            notes=tuple(map(redact, notes)),
            views=self._views,
            times=self._times,
            refused=refused,
        )
        if self.target.title:
            report = replace(report, reason=f"This is a demo. {report.reason}")
        if self.recorder is not None:
            self.recorder.finish(metadata, evidence)
        return report


def seeded(seed: int | None) -> int:
    """Return the seed of a run: the given one, or by default one at random.

    Raises:
        UsageError: it is negative or too large.
    """
    if seed is None:
        return secrets.randbelow(LARGEST_SEED)
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"the seed must be between 0 and {LARGEST_SEED}, not {seed}")
    return seed
