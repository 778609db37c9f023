"""From verdicts to the conclusion of a run: what counts, what is known, and what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.model import Contract
from conformance.core.text import sentence
from conformance.report.baseline import Baseline, hold
from conformance.report.report import Conclusion, FailOn, Reckoning, binding_levels, conclude


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate says of a run; ``notes`` are for the reader of its report."""

    verdicts: tuple[Verdict, ...]
    conclusion: Conclusion
    reason: str
    fail_on: FailOn
    reckoning: Reckoning | None = None
    notes: tuple[str, ...] = ()

    def blames(self, verdict: Verdict) -> bool:
        """Whether this verdict is a failure that counts against the target."""
        return (
            verdict.outcome is Outcome.FAILED
            and verdict.known is None
            and verdict.requirement.level in binding_levels(self.fail_on)
        )


def gate(
    verdicts: tuple[Verdict, ...],
    contract: Contract,
    *,
    fail_on: FailOn,
    require_evidence: bool,
    baseline: Baseline | None = None,
    today: date,
) -> Passage:
    """Draw the conclusion from the verdicts of a run and from a baseline, if there is one.

    A baseline that does not fit makes the target non-conformant, even where nothing else does.
    """
    if baseline is None:
        conclusion, reason = conclude(verdicts, fail_on=fail_on, require_evidence=require_evidence)
        return Passage(verdicts, conclusion, reason, fail_on)
    held = hold(baseline, verdicts, contract, binding=binding_levels(fail_on), today=today)
    conclusion, reason = conclude(held.verdicts, fail_on=fail_on, require_evidence=require_evidence)
    reckoning = Reckoning(baseline.file, held.problems)
    sentences = " ".join(problem.message for problem in held.problems)
    if held.problems and conclusion is Conclusion.CONFORMANT:
        conclusion = Conclusion.NON_CONFORMANT
        reckoning = replace(reckoning, alone=True)
        reason = f"{reason} But the baseline does not fit. {sentences}"
    elif held.problems:
        reason = f"{reason} {sentences}"
    return Passage(held.verdicts, conclusion, reason, fail_on, reckoning, held.notes)


def refused(passage: Passage, refusal: str) -> Passage:
    """Return what is said of a server whose first answer made it non-conformant."""
    # No baseline excuses a server of which nothing else can be seen.
    reckoning = passage.reckoning and replace(passage.reckoning, alone=False)
    return replace(
        passage,
        conclusion=Conclusion.NON_CONFORMANT,
        reason=sentence(refusal),
        reckoning=reckoning,
    )


def untested(passage: Passage, reason: str) -> Passage:
    """Return what is said of a server that stopped answering: failures found before count."""
    reason = sentence(reason)
    if any(map(passage.blames, passage.verdicts)):
        return replace(passage, reason=f"{passage.reason} {reason}")
    return replace(passage, conclusion=Conclusion.ERROR, reason=reason)


def interrupted(passage: Passage, reason: str) -> Passage:
    """Return what is said of a server in a run that did not come to its end."""
    return replace(passage, conclusion=Conclusion.ERROR, reason=sentence(reason))
