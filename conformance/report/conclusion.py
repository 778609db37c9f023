"""The conclusion of a run, drawn from its verdicts and from the baseline of known failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.model import Contract
from conformance.core.text import counted, sentence
from conformance.evidence.statistics import Times, View
from conformance.report.baseline import Baseline, apply
from conformance.report.report import BaselineResult, Conclusion, FailOn, Report, binding_levels
from conformance.report.run_metadata import Ending, RunMetadata


@dataclass(frozen=True, slots=True)
class GateResult:
    """The conclusion of a run, its reason, and the verdicts with known failures marked.

    ``notes`` hold further information for the report.
    """

    verdicts: tuple[Verdict, ...]
    conclusion: Conclusion
    reason: str
    fail_on: FailOn
    baseline: BaselineResult | None = None
    notes: tuple[str, ...] = ()

    def blames(self, verdict: Verdict) -> bool:
        """Return whether this verdict is a failure that counts against the target."""
        return (
            verdict.outcome is Outcome.FAILED
            and verdict.known is None
            and verdict.requirement.level in binding_levels(self.fail_on)
        )

    def redacted(self, redact: Callable[[str], str]) -> GateResult:
        """Return a copy with ``redact`` applied to every text that a target can influence."""
        return replace(
            self,
            verdicts=tuple(verdict.redacted(redact) for verdict in self.verdicts),
            reason=redact(self.reason),
            baseline=self.baseline and self.baseline.redacted(redact),
            notes=tuple(map(redact, self.notes)),
        )

    def report(
        self,
        metadata: RunMetadata,
        contract: Contract,
        *,
        notes: tuple[str, ...],
        views: tuple[View, ...] = (),
        times: Times | None = None,
        refused: bool = False,
    ) -> Report:
        """Return the report of a run.

        Args:
            metadata: describes the run; its notes are not used.
            contract: the contract that the target was judged by.
            notes: further information for the reader of the report.
            views: the documented queries and their results.
            times: the response times; ``None`` if there were no complete responses.
            refused: whether the first response made the target non-conformant.
        """
        return Report(
            contract_version=contract.version,
            contract_sha256=contract.sha256,
            target=metadata.target,
            started=metadata.started,
            duration=metadata.duration,
            seed=metadata.seed,
            profile=metadata.profile,
            conclusion=self.conclusion,
            reason=self.reason,
            requests=metadata.requests,
            verdicts=self.verdicts,
            most_requests=metadata.most_requests,
            run_id=metadata.run_id,
            notes=notes,
            interrupted=metadata.ending is Ending.INTERRUPTED,
            refused=refused,
            fail_on=self.fail_on,
            baseline=self.baseline,
            views=views,
            times=times,
        )


def gate(
    verdicts: tuple[Verdict, ...],
    contract: Contract,
    *,
    fail_on: FailOn,
    require_evidence: bool,
    baseline: Baseline | None = None,
    today: date,
) -> GateResult:
    """Draw the conclusion from the verdicts of a run and from the baseline, if there is one.

    A baseline that does not fit makes the target non-conformant, even if nothing else does.
    """
    if baseline is None:
        conclusion, reason = conclude(verdicts, fail_on=fail_on, require_evidence=require_evidence)
        return GateResult(verdicts, conclusion, reason, fail_on)
    held = apply(baseline, verdicts, contract, binding=binding_levels(fail_on), today=today)
    conclusion, reason = conclude(held.verdicts, fail_on=fail_on, require_evidence=require_evidence)
    baseline_result = BaselineResult(baseline.file, held.problems)
    sentences = " ".join(problem.message for problem in held.problems)
    if held.problems and conclusion is Conclusion.CONFORMANT:
        conclusion = Conclusion.NON_CONFORMANT
        baseline_result = replace(baseline_result, alone=True)
        reason = f"{reason} However, the baseline does not fit. {sentences}"
    elif held.problems:
        reason = f"{reason} {sentences}"
    return GateResult(held.verdicts, conclusion, reason, fail_on, baseline_result, held.notes)


def refused(result: GateResult, refusal: str) -> GateResult:
    """Return the result for a server whose first response made it non-conformant."""
    # No baseline excuses a server that could not be judged any further.
    baseline_result = result.baseline and replace(result.baseline, alone=False)
    return replace(
        result,
        conclusion=Conclusion.NON_CONFORMANT,
        reason=sentence(refusal),
        baseline=baseline_result,
    )


def untested(result: GateResult, reason: str) -> GateResult:
    """Return the result for a server that stopped responding; failures found before still count."""
    reason = sentence(reason)
    if any(map(result.blames, result.verdicts)):
        return replace(result, reason=f"{result.reason} {reason}")
    return replace(result, conclusion=Conclusion.ERROR, reason=reason)


def interrupted(result: GateResult, reason: str) -> GateResult:
    """Return the result of a run that was interrupted before its end."""
    return replace(result, conclusion=Conclusion.ERROR, reason=sentence(reason))


def _requirements(verdicts: Sequence[Verdict]) -> str:
    return "1 requirement is" if len(verdicts) == 1 else f"{len(verdicts)} requirements are"


def conclude(
    verdicts: Sequence[Verdict], *, fail_on: FailOn, require_evidence: bool
) -> tuple[Conclusion, str]:
    """Return the conclusion that follows from the verdicts, and the reason as a sentence."""
    binding = binding_levels(fail_on)
    failed = [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.FAILED
        and verdict.known is None
        and verdict.requirement.level in binding
    ]
    if failed:
        ids = ", ".join(verdict.requirement.id for verdict in failed)
        return Conclusion.NON_CONFORMANT, f"{_requirements(failed)} broken: {ids}."
    broken = [verdict for verdict in verdicts if verdict.outcome is Outcome.ERROR]
    if broken:
        return (
            Conclusion.ERROR,
            f"{counted(len(broken), 'requirement')} could not be judged: {broken[0].reason}.",
        )
    if all(verdict.outcome is Outcome.NOT_APPLICABLE for verdict in verdicts):
        reason = verdicts[0].reason if verdicts else "none was selected"
        nothing = f"None of the selected requirements applies, so nothing was judged: {reason}."
        lacking = Conclusion.NON_CONFORMANT if require_evidence else Conclusion.CONFORMANT
        return lacking, nothing
    unknown = [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.INCONCLUSIVE and verdict.requirement.level in binding
    ]
    if unknown and require_evidence:
        ids = ", ".join(verdict.requirement.id for verdict in unknown)
        return (
            Conclusion.NON_CONFORMANT,
            f"Evidence is required, but the target gave none for {ids}.",
        )
    return Conclusion.CONFORMANT, _how_conformant(verdicts)


def _how_conformant(verdicts: Sequence[Verdict]) -> str:
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAILED]
    advised = [verdict.requirement.id for verdict in failed if verdict.known is None]
    known = [verdict.requirement.id for verdict in failed if verdict.known is not None]
    undecided = sum(verdict.outcome is Outcome.INCONCLUSIVE for verdict in verdicts)
    if not failed and not undecided:
        return "Every requirement that applies is met."
    sentence = "Nothing is broken"
    if known:
        sentence = f"Nothing is broken except known failures: {', '.join(known)}"
    if advised:
        verb = "is" if len(advised) == 1 else "are"
        known_too = f" except known failures ({', '.join(known)})" if known else ""
        sentence = (
            f"Nothing that counts is broken{known_too}, though {', '.join(advised)} {verb} not met"
        )
    if undecided:
        sentence += f"; {counted(undecided, 'requirement')} could not be decided here"
    return f"{sentence}."
