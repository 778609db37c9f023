"""The conclusion of a run, drawn from its verdicts and from the baseline of known failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.model import Contract, Requirement
from conformance.core.text import counted, sentence
from conformance.evidence import second_witness
from conformance.evidence.evidence import Evidence
from conformance.evidence.statistics import Times, View
from conformance.report.baseline import Baseline, BaselineMatch, apply
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
        """Return the report of a run, with these notes instead of those of ``metadata``.

        ``refused`` is true if the first response made the target non-conformant.
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
    require_evidence: bool | frozenset[str],
    baseline: Baseline | None = None,
    today: date,
    evidence: Evidence | None = None,
) -> GateResult:
    """Draw the conclusion from the verdicts of a run and from the baseline, if there is one.

    A baseline that does not fit makes the target non-conformant, even if nothing else does. If most
    of the cluster disappeared during the run, the reason says so.
    """
    held = BaselineMatch(verdicts, (), ())
    if baseline is not None:
        held = apply(baseline, verdicts, contract, binding=binding_levels(fail_on), today=today)
    conclusion, reason = conclude(held.verdicts, fail_on=fail_on, require_evidence=require_evidence)
    alone = bool(held.problems) and conclusion is Conclusion.CONFORMANT
    if alone:
        conclusion = Conclusion.NON_CONFORMANT
        reason += " However, the baseline does not fit."
    vanished = evidence and second_witness.most_vanished(evidence)
    if vanished:
        gone, whole = vanished
        reason += (
            f" {gone} of {counted(whole, 'provider')} disappeared from the list during the run."
        )
    reason = " ".join([reason, *(problem.message for problem in held.problems)])
    result = None if baseline is None else BaselineResult(baseline.file, held.problems, alone)
    return GateResult(held.verdicts, conclusion, reason, fail_on, result, held.notes)


def refused(result: GateResult, refusal: str) -> GateResult:
    """Return the result for a server whose first response made it non-conformant."""
    # No baseline excuses a server that could not be judged any further.
    baseline = result.baseline and replace(result.baseline, alone=False)
    conclusion, reason = Conclusion.NON_CONFORMANT, sentence(refusal)
    return replace(result, conclusion=conclusion, reason=reason, baseline=baseline)


def untested(result: GateResult, reason: str) -> GateResult:
    """Return the result for a server that stopped responding; failures found before still count."""
    reason = sentence(reason)
    if _blamed(result.verdicts, result.fail_on):
        return replace(result, reason=f"{result.reason} {reason}")
    return replace(result, conclusion=Conclusion.ERROR, reason=reason)


def interrupted(result: GateResult, reason: str) -> GateResult:
    """Return the result of a run that was interrupted before its end."""
    return replace(result, conclusion=Conclusion.ERROR, reason=sentence(reason))


def _blamed(verdicts: Iterable[Verdict], fail_on: FailOn) -> list[Verdict]:
    """Return the failures that count against the target."""
    return [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.FAILED
        and verdict.known is None
        and verdict.requirement.level in binding_levels(fail_on)
    ]


def _ids(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(verdict.requirement.id for verdict in verdicts)


def conclude(
    verdicts: Sequence[Verdict], *, fail_on: FailOn, require_evidence: bool | frozenset[str]
) -> tuple[Conclusion, str]:
    """Return the conclusion that follows from the verdicts, and the reason as a sentence.

    ``require_evidence`` has the ids of the requirements that must be decided; ``True`` stands for
    all that count.
    """
    failed = _blamed(verdicts, fail_on)
    if failed:
        verb = "is" if len(failed) == 1 else "are"
        number = counted(len(failed), "requirement")
        return Conclusion.NON_CONFORMANT, f"{number} {verb} broken: {_ids(failed)}."
    broken = [verdict for verdict in verdicts if verdict.outcome is Outcome.ERROR]
    if broken:
        return (
            Conclusion.ERROR,
            f"{counted(len(broken), 'requirement')} could not be judged: {broken[0].reason}.",
        )
    if all(verdict.outcome is Outcome.NOT_APPLICABLE for verdict in verdicts):
        reason = verdicts[0].reason if verdicts else "none was selected"
        nothing = f"None of the selected requirements applies, so nothing was judged: {reason}."
        return Conclusion.NON_CONFORMANT if require_evidence else Conclusion.CONFORMANT, nothing
    unknown = [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.INCONCLUSIVE
        and needs_evidence(verdict.requirement, fail_on, require_evidence)
    ]
    if unknown:
        lacking = f"Evidence is required, but the target gave none for {_ids(unknown)}."
        return Conclusion.NON_CONFORMANT, lacking
    return Conclusion.CONFORMANT, _how_conformant(verdicts, fail_on)


def needs_evidence(
    requirement: Requirement, fail_on: FailOn, require_evidence: bool | frozenset[str]
) -> bool:
    """Return whether a requirement must be decided; see ``conclude`` for the arguments."""
    if isinstance(require_evidence, bool):
        return require_evidence and requirement.level in binding_levels(fail_on)
    return requirement.id in require_evidence


def _how_conformant(verdicts: Sequence[Verdict], fail_on: FailOn) -> str:
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAILED]
    advised = [verdict for verdict in failed if verdict.known is None]
    known = _ids(verdict for verdict in failed if verdict.known is not None)
    undecided = [verdict for verdict in verdicts if verdict.outcome is Outcome.INCONCLUSIVE]
    if not failed and not undecided:
        return "Every requirement that applies is met."
    sentence = f"Nothing is broken except known failures: {known}" if known else "Nothing is broken"
    if advised:
        verb = "is" if len(advised) == 1 else "are"
        besides = f" except known failures ({known})" if known else ""
        sentence = f"Nothing that counts is broken{besides}, though {_ids(advised)} {verb} not met"
    return f"{sentence}{_left_open(undecided, fail_on)}."


def _left_open(undecided: Sequence[Verdict], fail_on: FailOn) -> str:
    """Return a clause; the headline counts only what is binding, so it tells the others apart."""
    if not undecided:
        return ""
    levels = binding_levels(fail_on)
    advised = sum(verdict.requirement.level not in levels for verdict in undecided)
    number = counted(len(undecided), "requirement")
    if advised == len(undecided):
        return f"; {number} at level SHOULD could not be decided here"
    besides = f", {advised} of them at level SHOULD" if advised else ""
    return f"; {number} could not be decided here{besides}"
