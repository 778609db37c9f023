"""A run from start to end: open the target, gather evidence, judge it, report."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.checks import judging
from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.model import Requirement
from conformance.contract.query import Query
from conformance.contract.requirement_selection import select
from conformance.core import interruption
from conformance.core.suggestions import choice
from conformance.errors import CannotTest, UsageError
from conformance.evidence.evidence import Evidence
from conformance.evidence.statistics import Times, View, response_times, views
from conformance.recording.recorder import Recorder
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
from conformance.runner.targets import embedded_target
from conformance.target import startup
from conformance.target.target import Target

LARGEST_SEED = 2**32 - 1
HURRIED = 1.0
"""Seconds to judge the evidence of an interrupted run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a run; see the command's options of the same names."""

    profile: Profile = Profile.STANDARD
    seed: int | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    fail_on: FailOn = FailOn.MUST
    require_evidence: bool = False
    baseline: Baseline | None = None
    wait: float = 0.0
    recorder: Recorder | None = None


def run(
    target: Target | str | None = None,
    *,
    profile: Profile | str = Profile.STANDARD,
    seed: int | None = None,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool = False,
    baseline: Baseline | None = None,
    wait: float = 0.0,
    recorder: Recorder | None = None,
    generator: QueryGenerator | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge a target by the contract.

    Args:
        target: a ``Target``, the URL of a server that needs no credential, or ``None`` for the
            embedded reference server.
        profile: how many requests to send.
        seed: seed of the generated queries; by default a random one, which the report names.
        only: ids or families of the requirements to judge; by default all.
        skip: ids or families to leave out.
        fail_on: the lowest requirement level whose failure makes the target non-conformant.
        require_evidence: whether an inconclusive requirement makes it non-conformant, too.
        baseline: known failures that do not count; a baseline that does not fit makes the target
            non-conformant.
        wait: maximum number of seconds to wait for the target to come up.
        recorder: records the exchanges, so that they can be judged again.
        generator: a process to reuse for generating queries; by default the run has its own.
        progress: called as responses arrive.

    Returns:
        The report. If the target could not be tested, its verdict is ``error``.

    Raises:
        UsageError: an argument makes no sense, such as an unknown requirement.
    """
    options = Options(
        profile=choice(Profile, profile, "profile"),
        seed=seed,
        only=tuple(only),
        skip=tuple(skip),
        fail_on=choice(FailOn, fail_on, "fail_on"),
        require_evidence=require_evidence,
        baseline=baseline,
        wait=startup.checked(wait),
        recorder=recorder,
    )
    with _opened(target) as opened, _own_or(generator) as ready:
        return _Run(opened, options, ready).report(progress)


def _own_or(generator: QueryGenerator | None) -> AbstractContextManager[QueryGenerator]:
    return QueryGenerator() if generator is None else nullcontext(generator)


@contextmanager
def _opened(target: Target | str | None) -> Iterator[Target]:
    if isinstance(target, Target):
        yield target
    elif target is not None:
        with Target(target) as opened:
            yield opened
    else:
        with embedded_target() as opened:
            yield opened


class _Run:
    def __init__(self, target: Target, options: Options, generator: QueryGenerator) -> None:
        self._target = target
        self._options = options
        self._generator = generator
        self._requirements = select(target.contract, only=options.only, skip=options.skip)
        families = {requirement.family for requirement in self._requirements}
        self._parts = needed_parts(families, options.profile)
        self._seed = seeded(options.seed)
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()
        self._most = target.allowance.limits.requests or MOST_REQUESTS[options.profile]
        self._notes: list[str] = []
        self._views: tuple[View, ...] = ()
        self._times: Times | None = None
        self._ending = Ending.COMPLETE, ""
        self._gatherer: Gatherer | None = None
        if options.recorder is not None:
            options.recorder.attend(target)

    def report(self, progress: Progress | None) -> Report:
        try:
            return self._complete(progress)
        except CannotTest as error:
            return self._cannot_test(error)
        except KeyboardInterrupt:
            return self._interrupted()
        except Exception as error:
            if interruption.caused(error):
                return self._interrupted()
            raise

    def _complete(self, progress: Progress | None) -> Report:
        if self._options.wait:
            self._notes.append(startup.until_answered(self._target, self._options.wait))
        self._target.begin(self._most)
        if Part.PROBES in self._parts:
            self._generator.start()
        opening = open_target(self._target)
        plan = self._plan(judged=opening.refusal is None)
        self._gatherer = gatherer = Gatherer(self._target, opening, plan, progress)
        gatherer.gather()
        self._notes += gatherer.notes
        answers = gatherer.evidence.answers
        if answers and all(exchange.decoded.exceeds_limits for exchange in answers):
            raise CannotTest(
                f"{self._target.address} could not be tested: in every response "
                f"{answers[0].decoded.error}; judge a cluster without such deeply nested values"
            )
        verdicts = self._judge(gatherer, plan)
        self._survey(gatherer.evidence)
        result = self._conclude(verdicts)
        if gatherer.evidence.refusal is not None:
            result = conclusion.refused(result, gatherer.evidence.refusal)
            return self._finish(result, refused=True)
        return self._finish(result)

    def _plan(self, *, judged: bool) -> Plan:
        profile = self._options.profile
        probes: Sequence[Query] = ()
        if judged and Part.PROBES in self._parts:
            contract = self._target.contract
            known = written_by_hand(contract)
            probes = self._generator.begin(contract, PROBES[profile], seed=self._seed, known=known)
        return Plan(
            self._parts,
            probes,
            rounds=ROUNDS[profile],
            seed=self._seed,
            crossed=profile is Profile.THOROUGH,
        )

    def _judge(self, gatherer: Gatherer, plan: Plan) -> tuple[Verdict, ...]:
        verdicts = judging.judge(gatherer.evidence, self._requirements)
        probes = {query.wire: query for query in plan.probes}
        shrunk = False
        for verdict in verdicts:
            # The findings are sorted: if the first one is generated, no simpler query failed.
            first = verdict.findings[0] if verdict.findings else None
            if first is not None and first.query in probes:
                self._shrink(gatherer, verdict.requirement, probes[first.query])
                shrunk = True
        return judging.judge(gatherer.evidence, self._requirements) if shrunk else verdicts

    def _shrink(self, gatherer: Gatherer, requirement: Requirement, query: Query) -> None:
        def fails(candidate: Query) -> bool:
            # Alone: what only a comparison shows, a single response cannot show.
            alone = gatherer.evidence.alone(gatherer.probe(candidate))
            (verdict,) = judging.judge(alone, [requirement])
            return any(finding.query == candidate.wire for finding in verdict.findings)

        if fails(query):
            self._generator.shrink(self._target.contract, query, fails, seed=self._seed)

    def _survey(self, evidence: Evidence) -> None:
        self._times = response_times(evidence)
        self._views = views(evidence)

    def _conclude(self, verdicts: tuple[Verdict, ...]) -> GateResult:
        return conclusion.gate(
            verdicts,
            self._target.contract,
            fail_on=self._options.fail_on,
            require_evidence=self._options.require_evidence,
            baseline=self._options.baseline,
            today=self._started.date(),
        )

    def _cannot_test(self, error: CannotTest) -> Report:
        """Keep the failures that were found before the target stopped responding."""
        self._ending = Ending.CANNOT_TEST, str(error)
        result = self._conclude(self._partial(Outcome.ERROR, str(error)))
        return self._finish(conclusion.untested(result, str(error)))

    def _interrupted(self) -> Report:
        interruption.acknowledge()
        reason = "the run was interrupted"
        self._ending = Ending.INTERRUPTED, reason
        result = self._conclude(self._partial(Outcome.ERROR, reason, seconds=HURRIED))
        return self._finish(conclusion.interrupted(result, reason))

    def _partial(
        self,
        otherwise: Outcome,
        reason: str,
        *,
        seconds: float | None = None,
    ) -> tuple[Verdict, ...]:
        """Return the failures found so far; judging them takes at most ``seconds``."""
        blank = judging.unjudged(self._requirements, otherwise, reason)
        gatherer = self._gatherer
        if gatherer is None:
            return blank
        judged: dict[str, Verdict] = {}
        enough = threading.Event()

        def judge(evidence: Evidence) -> None:
            for requirement in self._requirements:
                if enough.is_set():
                    break
                (judged[requirement.id],) = judging.judge(evidence, [requirement])
            self._survey(evidence)

        if seconds is None:
            judge(gatherer.evidence)
        else:
            # In a thread, because a slow check cannot be stopped otherwise.
            aside = threading.Thread(target=judge, args=(gatherer.evidence,), daemon=True)
            aside.start()
            aside.join(seconds)
            enough.set()
        return judging.only_failures(dict(judged).values(), blank)

    def _finish(self, result: GateResult, *, refused: bool = False) -> Report:
        metadata = self._metadata()
        notes = (*self._notes, *result.notes, *self._target.notes)
        redact = self._target.redacted_text
        report = result.redacted(redact).report(
            metadata,
            self._target.contract,
            notes=tuple(map(redact, notes)),
            views=self._views,
            times=self._times,
            refused=refused,
        )
        if self._options.recorder is not None:
            evidence = None if self._gatherer is None else self._gatherer.evidence
            self._options.recorder.finish(metadata, evidence)
        return report

    def _metadata(self) -> RunMetadata:
        ending, reason = self._ending
        return RunMetadata(
            target=str(self._target.address),
            started=self._started,
            duration=time.perf_counter() - self._clock,
            seed=self._seed,
            profile=str(self._options.profile),
            requests=self._target.requests_sent,
            most_requests=self._target.allowance.most or self._most,
            run_id=self._target.run_id,
            notes=(*self._notes, *self._target.notes),
            only=self._options.only,
            skip=self._options.skip,
            ending=ending,
            reason=reason,
        )


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
