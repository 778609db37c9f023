"""Run the checks and conclude a verdict for each requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.checks import fingerprints
from conformance.checks.registry import all_checks
from conformance.checks.verdict import Observed, Outcome, Verdict
from conformance.contract.model import Contract, Requirement
from conformance.core.text import counted, listed
from conformance.evidence.evidence import Evidence

NOUNS = {
    "answers": ("response", "responses"),
    "documentedQueries": ("documented query", "documented queries"),
    "emptyViews": ("empty result", "empty results"),
    "providers": ("provider", "providers"),
    "categories": ("category", "categories"),
    "active": ("active provider", "active providers"),
    "inactive": ("inactive provider", "inactive providers"),
    "inactiveInCategory": (
        "category with inactive providers",
        "categories with inactive providers",
    ),
    "withModels": ("provider with models", "providers with models"),
    "optionalMembers": ("optional field", "optional fields"),
    "times": ("timestamp", "timestamps"),
    "bothTimes": ("provider with both timestamps", "providers with both timestamps"),
    "tags": ("tag", "tags"),
    "unsupportedCategories": ("unsupported category", "unsupported categories"),
    "comparisons": ("comparable result", "comparable results"),
    "variants": ("equivalent query", "equivalent queries"),
    "witnessed": (
        "provider with models listed elsewhere",
        "providers with models listed elsewhere",
    ),
    "refusals": ("unauthenticated request", "unauthenticated requests"),
    "headRequests": ("HEAD request", "HEAD requests"),
    "inputs": ("unusual query", "unusual queries"),
    "refusedOrUnusual": ("response without a list", "responses without a list"),
    "malformedBooleans": ("malformed boolean", "malformed booleans"),
    "unknownParameters": ("unknown parameter", "unknown parameters"),
    "repeatedParameters": ("repeated parameter", "repeated parameters"),
    "emptyCategories": ("empty category", "empty categories"),
    "repeated": ("repeated query", "repeated queries"),
    "secretSettings": ("secret setting", "secret settings"),
}
"""Names of the measures of ``x-evidence``, singular and plural."""

IN_FULL = {
    "answers": ("response with status 200", "responses with status 200"),
    "documentedQueries": ("response to a documented query", "responses to documented queries"),
    "emptyViews": (
        "documented query with an empty result",
        "documented queries with empty results",
    ),
    "categories": ("supported category in use", "supported categories in use"),
    "inactiveInCategory": (
        "supported category with inactive providers",
        "supported categories with inactive providers",
    ),
    "times": ("createTime or updateTime", "createTime or updateTime values"),
    "bothTimes": (
        "provider with createTime and updateTime",
        "providers with createTime and updateTime",
    ),
    "unsupportedCategories": (
        "response to an unsupported category",
        "responses to unsupported categories",
    ),
    "comparisons": (
        "result comparable with the unfiltered list",
        "results comparable with the unfiltered list",
    ),
    "variants": ("equivalent spelling of a query", "equivalent spellings of queries"),
    "witnessed": (
        "provider whose models another endpoint lists",
        "providers whose models another endpoint lists",
    ),
    "refusals": (
        "response to an unauthenticated request",
        "responses to unauthenticated requests",
    ),
    "headRequests": (
        "conclusive response to a HEAD request",
        "conclusive responses to HEAD requests",
    ),
    "refusedOrUnusual": (
        "response other than a list of providers",
        "responses other than a list of providers",
    ),
    "malformedBooleans": (
        "conclusive response to a malformed boolean",
        "conclusive responses to malformed booleans",
    ),
    "unknownParameters": (
        "conclusive response to an unknown parameter",
        "conclusive responses to unknown parameters",
    ),
    "repeatedParameters": (
        "conclusive response to a repeated parameter",
        "conclusive responses to repeated parameters",
    ),
    "emptyCategories": (
        "conclusive response to an empty category",
        "conclusive responses to empty categories",
    ),
    "repeated": (
        "documented query sent more than once",
        "documented queries sent more than once",
    ),
    "secretSettings": (
        "secret setting in a configuration",
        "secret settings in a configuration",
    ),
}
"""Longer names, where the short one does not say what counts as evidence."""

UNKNOWN = "this version of the suite has no check for it"
"""Reason for a requirement that exists only in another contract."""


def judge(evidence: Evidence, requirements: Sequence[Requirement]) -> tuple[Verdict, ...]:
    """Judge requirements by the evidence of a run.

    This is a pure function of its arguments. A requirement passes only if the run has all the
    evidence that its ``evidence`` entry needs.
    """
    return tuple(_judge(evidence, requirement) for requirement in requirements)


def unjudged(
    requirements: Sequence[Requirement], outcome: Outcome, reason: str
) -> tuple[Verdict, ...]:
    """Return the same verdict for every requirement, for a run that could not judge any of them."""
    return tuple(Verdict(requirement, outcome, reason, "") for requirement in requirements)


def only_failures(verdicts: Iterable[Verdict], otherwise: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the failed verdicts, and those of ``otherwise`` for all other requirements.

    A failure found before a run ended early remains a failure; no other verdict is certain.
    """
    failed = {one.requirement.id: one for one in verdicts if one.outcome is Outcome.FAILED}
    return tuple(failed.get(other.requirement.id, other) for other in otherwise)


def _judge(evidence: Evidence, requirement: Requirement) -> Verdict:
    check = all_checks().get(requirement.id)
    if check is None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, UNKNOWN, "")
    observed = check(evidence)
    seen = _sentence(observed.measured)
    if observed.found:
        number = counted(observed.found, "violation")
        number = f"at least {number}" if observed.at_least else number
        shown = len(observed.findings)
        more = f", {shown} of them shown" if shown < observed.found else ""
        kinds = fingerprints.kinds(evidence.contract, requirement.id, observed.kept)
        reason = f"{number}{more}"
        return Verdict(
            requirement,
            Outcome.FAILED,
            reason,
            seen,
            observed.findings,
            kinds,
            queries=observed.queries,
        )
    if observed.not_applicable is not None:
        return Verdict(requirement, Outcome.NOT_APPLICABLE, observed.not_applicable, seen)
    if evidence.refusal is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, f"not judged: {evidence.refusal}", seen)
    if observed.unable is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, observed.unable, seen)
    missing = _missing(evidence.contract, requirement, observed)
    if missing:
        reason = f"the target showed {missing}"
        compared = observed.measured.get("comparisons", 0)
        if evidence.changing and compared < requirement.evidence.get("comparisons", 0):
            reason += ", and kept changing while it was read"
        return Verdict(requirement, Outcome.INCONCLUSIVE, reason, seen)
    return Verdict(requirement, Outcome.PASSED, "no violation", seen)


def _missing(contract: Contract, requirement: Requirement, observed: Observed) -> str:
    missing = []
    for measure, minimum in requirement.evidence.items():
        number = observed.measured.get(measure, 0)
        if number < minimum:
            noun = named(measure, number or 1, contract.measures)
            amount = f"only {number:,}" if number else "no"
            missing.append(f"{amount} {noun}" + (f" ({minimum:,} needed)" * (minimum > 1)))
    return "; ".join(missing)


def named(measure: str, number: int, others: Mapping[str, str]) -> str:
    """Return the full name of a measure, in the singular if ``number`` is 1.

    ``others`` are the contract's descriptions, for measures that only another contract has.
    """
    forms = IN_FULL.get(measure) or NOUNS.get(measure)
    return forms[number != 1] if forms else others[measure]


def _sentence(measured: Mapping[str, int]) -> str:
    return listed(
        [f"{number:,} {NOUNS[measure][number != 1]}" for measure, number in measured.items()],
        most=8,
    )
