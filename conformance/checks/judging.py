"""From what the checks observed to a verdict for each requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.checks import fingerprints
from conformance.checks.registry import all_checks
from conformance.checks.verdict import Observed, Outcome, Verdict
from conformance.contract.model import Contract, Requirement
from conformance.core.text import counted, listed
from conformance.evidence.evidence import Evidence

NOUNS = {
    "answers": ("answer", "answers"),
    "documentedQueries": ("documented query", "documented queries"),
    "emptyViews": ("empty view", "empty views"),
    "providers": ("provider", "providers"),
    "categories": ("category", "categories"),
    "active": ("active", "active"),
    "inactive": ("inactive", "inactive"),
    "inactiveInCategory": ("category with inactive ones", "categories with inactive ones"),
    "withModels": ("with models", "with models"),
    "optionalMembers": ("optional member", "optional members"),
    "times": ("time", "times"),
    "bothTimes": ("provider with both times", "providers with both times"),
    "tags": ("tag", "tags"),
    "unsupportedCategories": ("unsupported category", "unsupported categories"),
    "comparisons": ("comparison", "comparisons"),
    "variants": ("variant", "variants"),
    "witnessed": ("with models listed elsewhere", "with models listed elsewhere"),
    "refusals": ("refused request", "refused requests"),
    "headRequests": ("HEAD request", "HEAD requests"),
    "inputs": ("unusual query", "unusual queries"),
    "refusedOrUnusual": ("answer that is no list", "answers that are no list"),
    "malformedBooleans": ("malformed boolean", "malformed booleans"),
    "unknownParameters": ("unknown parameter", "unknown parameters"),
    "repeatedParameters": ("repeated parameter", "repeated parameters"),
    "emptyCategories": ("empty category", "empty categories"),
    "repeated": ("query asked repeatedly", "queries asked repeatedly"),
    "secretSettings": ("secret setting", "secret settings"),
}
"""Words for the measures of ``x-evidence``, in the singular and the plural."""

UNKNOWN = "this version of the suite has no check for it"
"""Why a requirement that only another contract has cannot be judged."""


def judge(evidence: Evidence, requirements: Sequence[Requirement]) -> tuple[Verdict, ...]:
    """Judge requirements by the evidence of a run; a pure function of both.

    A requirement passes only if everything its ``evidence`` entry asks for was seen.
    """
    return tuple(_judge(evidence, requirement) for requirement in requirements)


def unjudged(
    requirements: Sequence[Requirement], outcome: Outcome, reason: str
) -> tuple[Verdict, ...]:
    """Return the same verdict for every requirement, for a run that could not judge any."""
    return tuple(Verdict(requirement, outcome, reason, "") for requirement in requirements)


def only_failures(verdicts: Iterable[Verdict], otherwise: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the failed ones among these verdicts, and ``otherwise`` for each other requirement.

    A failure that was found before a run ended early is still a failure; nothing else is certain.
    """
    failed = {one.requirement.id: one for one in verdicts if one.outcome is Outcome.FAILED}
    return tuple(failed.get(other.requirement.id, other) for other in otherwise)


def _judge(evidence: Evidence, requirement: Requirement) -> Verdict:
    check = all_checks().get(requirement.id)
    if check is None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, UNKNOWN, "")
    observed = check(evidence)
    saw = _sentence(observed.measured)
    if observed.found:
        number = counted(observed.found, "violation")
        number = f"at least {number}" if observed.at_least else number
        shown = len(observed.findings)
        more = f", of which {shown} are shown" if shown < observed.found else ""
        kinds = fingerprints.kinds(evidence.contract, requirement.id, observed.kept)
        reason = f"{number}{more}"
        return Verdict(
            requirement,
            Outcome.FAILED,
            reason,
            saw,
            observed.findings,
            kinds,
            queries=observed.queries,
        )
    if observed.not_applicable is not None:
        return Verdict(requirement, Outcome.NOT_APPLICABLE, observed.not_applicable, saw)
    if evidence.refusal is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, f"not judged: {evidence.refusal}", saw)
    if observed.unable is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, observed.unable, saw)
    lacking = _lacking(evidence.contract, requirement, observed)
    if lacking:
        reason = f"the target showed {lacking}"
        compared = observed.measured.get("comparisons", 0)
        if evidence.changing and compared < requirement.evidence.get("comparisons", 0):
            reason += ", and kept changing while it was read"
        return Verdict(requirement, Outcome.INCONCLUSIVE, reason, saw)
    return Verdict(requirement, Outcome.PASSED, "no violation", saw)


def _lacking(contract: Contract, requirement: Requirement, observed: Observed) -> str:
    lacking = []
    for measure, minimum in requirement.evidence.items():
        seen = observed.measured.get(measure, 0)
        if seen < minimum:
            description = contract.measures[measure]
            if minimum == 1:
                lacking.append(f"no {description}")
            else:
                lacking.append(f"{seen or 'no'} {description} where {minimum} are needed")
    return "; ".join(lacking)


def _sentence(measured: Mapping[str, int]) -> str:
    return listed(
        [f"{number:,} {NOUNS[measure][number != 1]}" for measure, number in measured.items()],
        most=8,
    )
