"""Judge the requirements for clients by the observations of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from conformance.checks import fingerprints, judging
from conformance.checks.verdict import Finding, Kind, Observed, Verdict
from conformance.clients import reading_checks, wire_checks
from conformance.clients.catalogue import Catalogue
from conformance.clients.observation import (
    Breach,
    ClientEvidence,
    NotOffered,
    Observation,
    Undecided,
)
from conformance.contract.model import Requirement
from conformance.core.text import clipped, visible

Check = Callable[[ClientEvidence, Observation], Iterable[Breach]]

EXAMPLES = 5
UNANSWERED = "the command wrote no answer in any scenario"
READ = "read"
"""The kind of evidence of requirements that an answer decides."""

CHECKS: dict[str, Check] = {
    "CLIENT-01": wire_checks.parameters,
    "CLIENT-02": wire_checks.category,
    "CLIENT-03": wire_checks.active_only,
    "CLIENT-04": wire_checks.offered,
    "CLIENT-05": wire_checks.token,
    "CLIENT-06": wire_checks.methods,
    "CLIENT-07": wire_checks.trailing_slash,
    "CLIENT-08": reading_checks.categories,
    "CLIENT-09": reading_checks.kept,
    "CLIENT-10": reading_checks.absent,
    "CLIENT-11": reading_checks.whole,
    "CLIENT-12": reading_checks.required,
    "CLIENT-13": reading_checks.large_count,
    "CLIENT-14": reading_checks.optional,
    "CLIENT-15": reading_checks.not_a_list,
    "CLIENT-16": reading_checks.refusal,
    "CLIENT-17": wire_checks.expiry,
    "CLIENT-18": wire_checks.plain_refusal,
    "CLIENT-19": wire_checks.retry_after,
    "CLIENT-20": wire_checks.other_origin,
    "CLIENT-21": wire_checks.output,
}
"""The check of each requirement; it judges one scenario."""


def judge(
    evidence: ClientEvidence, catalogue: Catalogue, chosen: Sequence[Requirement]
) -> tuple[Verdict, ...]:
    """Judge requirements; this is a pure function of its arguments.

    A requirement passes only if as many of its scenarios decide it as it needs.
    """
    return tuple(_judge(evidence, one, catalogue.scenarios[one.id]) for one in chosen)


def _judge(evidence: ClientEvidence, requirement: Requirement, names: Sequence[str]) -> Verdict:
    found: list[tuple[str, Breach]] = []
    reasons: list[str] = []
    missing: list[str] = []
    decided = 0
    ((measure, least),) = requirement.evidence.items()
    for name in names:
        seen = evidence.observations.get(name)
        if seen is None:
            continue
        try:
            breaches = list(CHECKS[requirement.id](evidence, seen))
        except Undecided as problem:
            # The same for many requirements, which are then listed together.
            unanswered = measure == READ and not evidence.answered
            reasons.append(UNANSWERED if unanswered else f"{problem} (scenario {name})")
            continue
        except NotOffered as problem:
            missing.append(str(problem))
            continue
        decided += 1
        found += [(name, breach) for breach in breaches]
    short = decided < least
    findings = [(name, _finding(name, breach)) for name, breach in found]
    observed = Observed(
        measured={measure: decided},
        findings=tuple(finding for _, finding in findings[:EXAMPLES]),
        found=len(findings),
        not_applicable=missing[0] if short and missing and not reasons else None,
        unable=reasons[0] if short and reasons else None,
    )
    by_scenario = measure == READ
    kinds = {
        kind.fingerprint: kind
        for name, finding in findings
        for kind in [_kind(evidence, requirement.id, finding, name if by_scenario else "")]
    }
    return judging.verdict_of(evidence.contract, requirement, observed, tuple(kinds.values()))


def _kind(evidence: ClientEvidence, name: str, finding: Finding, scenario: str) -> Kind:
    """Return the kind of a failure: what is read depends on the scenario, what is sent does not."""
    kind = fingerprints.kind(evidence.contract, " ".join(filter(None, (name, scenario))), finding)
    where = f"scenario {scenario}: " if scenario else ""
    return Kind(kind.fingerprint, f"{where}{kind.description}")


def _finding(scenario: str, breach: Breach) -> Finding:
    sent = "" if breach.sent is None else f", {clipped(visible(breach.sent.line), 200)}"
    return Finding(
        message=f"{scenario}{sent}: {breach.observed}; expected {breach.expected}",
        query="" if breach.sent is None else breach.sent.query,
        curl=f"conductor-conformance serve --scenario {scenario}",
        pointer="",
        observed=breach.observed,
        expected=breach.expected,
    )
