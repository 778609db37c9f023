"""The frozen result of a run, from which every renderer works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from conformance._version import __version__
from conformance.checks.verdict import Finding, Known, Outcome, Verdict
from conformance.contract.model import Level
from conformance.core.text import timestamp
from conformance.errors import ExitCode
from conformance.evidence.statistics import Times, View
from conformance.report.causes import Cause, causes
from conformance.report.fixtures_used import FixturesUsed

SCHEMA_VERSION = "1.0"
TOOL = "conductor-conformance"


class Conclusion(StrEnum):
    """The verdict on the target as a whole."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    ERROR = "error"


class Qualification(StrEnum):
    """Why a target that is called conformant is not shown to meet every requirement."""

    NONE = "none"
    NOTHING_JUDGED = "nothing-judged"
    KNOWN_FAILURES = "known-failures"
    UNDECIDED = "undecided"


class ProblemKind(StrEnum):
    """The ways in which a baseline can disagree with a run."""

    NEW = "new"
    EXPIRED = "expired"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why the baseline fails the gate.

    ``requirement`` is the id that the entry names, ``message`` a whole sentence.
    """

    kind: ProblemKind
    requirement: str
    message: str


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """The result of applying the baseline of known failures in ``file`` to a run.

    ``alone`` is true if these problems are the only reason why the target is non-conformant.
    """

    file: str
    problems: tuple[Problem, ...] = ()
    alone: bool = False

    def redacted(self, redact: Callable[[str], str]) -> BaselineResult:
        """Return a copy with ``redact`` applied to all messages."""
        return replace(
            self,
            problems=tuple(replace(one, message=redact(one.message)) for one in self.problems),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the shape of ``spec/report.schema.json``."""
        problems = [asdict(problem) | {"kind": str(problem.kind)} for problem in self.problems]
        return {"file": self.file, "problems": problems}


class FailOn(StrEnum):
    """The lowest requirement level whose failure makes a target non-conformant."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class ClientRun:
    """What a report on a client has instead of a URL: the command with its arguments.

    ``scenarios`` is the number of scenarios that it was run in, ``answered`` the number of those in
    which it wrote an answer.
    """

    command: tuple[str, ...]
    scenarios: int
    answered: int

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/report.schema.json``."""
        return {**asdict(self), "command": list(self.command)}


@dataclass(frozen=True, slots=True)
class Report:
    """One run: its target, settings, verdicts and conclusion.

    ``started`` is in UTC, ``duration`` in seconds. ``requests`` is the number of requests sent,
    ``most_requests`` the limit on it. The User-Agent of each request contained ``run_id``.
    ``reason`` explains the conclusion in one sentence; ``notes`` hold further information.
    """

    contract_version: str
    contract_sha256: str
    target: str
    started: datetime
    duration: float
    seed: int
    profile: str
    conclusion: Conclusion
    reason: str
    requests: int
    verdicts: tuple[Verdict, ...]
    most_requests: int = 0
    run_id: str = ""
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    refused: bool = False
    """Whether the first response made the target non-conformant, so that the run ended there."""
    fail_on: FailOn = FailOn.MUST
    baseline: BaselineResult | None = None
    views: tuple[View, ...] = ()
    """The documented queries and their results; empty if none of them was sent."""
    times: Times | None = None
    """Response times of complete responses to reads of the endpoint; ``None`` without any."""
    fixtures: FixturesUsed | None = None
    """What the run created and removed; ``None`` for a read-only run."""
    client: ClientRun | None = None
    """What was run, if a client was judged; ``target`` is then its command in one line."""

    @property
    def judged_by(self) -> str:
        """What ``contract_version`` is the version of."""
        return "contract" if self.client is None else "requirements of clients"

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, 1, 3, or 130 when the run was interrupted.

        Fixtures that are left behind are a reason for 1, whatever the verdict.
        """
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.fixtures is not None and self.fixtures.left:
            return ExitCode.NOT_CONFORMANT
        return {
            Conclusion.CONFORMANT: ExitCode.CONFORMANT,
            Conclusion.NON_CONFORMANT: ExitCode.NOT_CONFORMANT,
            Conclusion.ERROR: ExitCode.CANNOT_TEST,
        }[self.conclusion]

    def counts_against(self, verdict: Verdict) -> bool:
        """Whether a failure of this requirement makes the target non-conformant."""
        return verdict.known is None and verdict.requirement.level in binding_levels(self.fail_on)

    @property
    def known_failures(self) -> tuple[str, ...]:
        """Ids of the binding requirements whose failure the baseline accepts."""
        return self._binding(lambda verdict: verdict.known is not None)

    @property
    def undecided(self) -> tuple[str, ...]:
        """Ids of the binding requirements that could not be decided."""
        return self._binding(lambda verdict: verdict.outcome is Outcome.INCONCLUSIVE)

    def _binding(self, concerns: Callable[[Verdict], bool]) -> tuple[str, ...]:
        levels = binding_levels(self.fail_on)
        return tuple(
            verdict.requirement.id
            for verdict in self.verdicts
            if verdict.requirement.level in levels and concerns(verdict)
        )

    @property
    def qualification(self) -> Qualification:
        """The gravest reason why the conclusion does not hold for every requirement."""
        if self.conclusion is not Conclusion.CONFORMANT:
            return Qualification.NONE
        if all(verdict.outcome is Outcome.NOT_APPLICABLE for verdict in self.verdicts):
            return Qualification.NOTHING_JUDGED
        if self.known_failures:
            return Qualification.KNOWN_FAILURES
        return Qualification.UNDECIDED if self.undecided else Qualification.NONE

    def breaks(self, view: View) -> tuple[Verdict, ...]:
        """Return the failed requirements that a response to this documented query broke."""
        return tuple(verdict for verdict in self.verdicts if view.query in verdict.queries)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Few requests that show many of the failures; for a client, requests in scenarios."""
        return causes([verdict for verdict in self.verdicts if verdict.known is None])

    def counts(self) -> Counter[Outcome]:
        """Return the number of requirements with each outcome."""
        return Counter(verdict.outcome for verdict in self.verdicts)

    def as_dict(self) -> dict[str, Any]:
        """Return the report in the shape of ``spec/report.schema.json``."""
        counts = self.counts()
        return {
            "schemaVersion": SCHEMA_VERSION,
            "tool": {"name": TOOL, "version": __version__},
            "contract": {"version": self.contract_version, "sha256": self.contract_sha256},
            "target": {"url": self.target},
            "started": timestamp(self.started),
            "durationSeconds": round(self.duration, 3),
            "seed": self.seed,
            "profile": self.profile,
            "verdict": str(self.conclusion),
            "qualification": str(self.qualification),
            "undecided": list(self.undecided),
            "knownFailures": list(self.known_failures),
            "reason": self.reason,
            "notes": list(self.notes),
            "interrupted": self.interrupted,
            "requests": self.requests,
            "mostRequests": self.most_requests,
            "runId": self.run_id,
            "summary": {
                "passed": counts[Outcome.PASSED],
                "failed": counts[Outcome.FAILED],
                "inconclusive": counts[Outcome.INCONCLUSIVE],
                "notApplicable": counts[Outcome.NOT_APPLICABLE],
                "error": counts[Outcome.ERROR],
            },
            "requirements": [_requirement(verdict) for verdict in self.verdicts],
            **({"causes": [one.as_dict() for one in self.causes]} if self.causes else {}),
            **({} if self.baseline is None else {"baseline": self.baseline.as_dict()}),
            **({"documentedQueries": list(map(self._view, self.views))} if self.views else {}),
            **({} if self.times is None else {"responseTimes": self.times.as_dict()}),
            **({} if self.fixtures is None else {"fixtures": self.fixtures.as_dict()}),
            **({} if self.client is None else {"client": self.client.as_dict()}),
        }

    def _view(self, view: View) -> dict[str, Any]:
        return view.as_dict() | {"broken": [found.requirement.id for found in self.breaks(view)]}


def _known(known: Known) -> dict[str, Any]:
    expires = None if known.expires is None else known.expires.isoformat()
    return {"reason": known.reason, "expires": expires}


def _finding(finding: Finding) -> dict[str, Any]:
    optional = {
        "rightFor": finding.right_for,
        "credential": finding.credential,
        "provider": finding.provider,
        "comparedWith": finding.compared and asdict(finding.compared),
        "responses": finding.responses,
    }
    if finding.responses:
        optional["seen"] = finding.seen
    names = ("message", "query", "curl", "pointer", "observed", "expected", "method")
    return {
        **{name: getattr(finding, name) for name in names},
        **{name: value for name, value in optional.items() if value},
    }


def _requirement(verdict: Verdict) -> dict[str, Any]:
    requirement = verdict.requirement
    return {
        "id": requirement.id,
        "level": str(requirement.level),
        "statement": requirement.statement,
        "source": requirement.source,
        "outcome": str(verdict.outcome),
        "reason": verdict.reason,
        "evidence": verdict.evidence,
        "findings": [_finding(finding) for finding in verdict.findings],
        **({"decidedBy": verdict.decided_by} if verdict.decided_by else {}),
        **({"fingerprints": [kind.fingerprint for kind in verdict.kinds]} if verdict.kinds else {}),
        **({} if verdict.known is None else {"known": _known(verdict.known)}),
    }


def binding_levels(fail_on: FailOn) -> frozenset[Level]:
    """Return the levels whose failure makes a target non-conformant."""
    return frozenset({Level.MUST} if fail_on is FailOn.MUST else {Level.MUST, Level.SHOULD})
