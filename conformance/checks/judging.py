"""Select requirements, run their checks and conclude a verdict for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.checks import fingerprints
from conformance.checks.registry import all_checks
from conformance.checks.verdict import Kind, Observed, Outcome, Verdict
from conformance.contract import requirement_selection
from conformance.contract.model import Contract, Level, Requirement
from conformance.core.text import counted, listed
from conformance.errors import ContractError
from conformance.evidence.evidence import OF_PROVIDERS, Evidence

CAME_OR_WENT = (
    "{} that came, went or moved to other results meanwhile {} not count",
    "a run during which they stay as they are",
)
UNREADABLE = (
    "{} {} not count, since the unfiltered list could not be read",
    "an unfiltered list that can be read",
)
"""Why providers are no evidence, and what would decide their requirements."""
UNKNOWN = "this version of the suite has no check for it"
"""Reason for a MAY that exists only in another contract."""


def select(
    contract: Contract, *, only: Iterable[str] = (), skip: Iterable[str] = ()
) -> tuple[Requirement, ...]:
    """Return the requirements to judge; ``only`` and ``skip`` are ids and families.

    Raises:
        ContractError: the suite has no check for one of them, and its level is not MAY.
        UsageError: a name is unknown, or no requirement is left.
    """
    chosen = requirement_selection.select(contract, only=only, skip=skip)
    checks = all_checks()
    unknown = [one.id for one in chosen if one.id not in checks and one.level is not Level.MAY]
    if unknown:
        raise ContractError(
            f"this version of the suite has no check for {listed(unknown, most=8)}; change the "
            "level in the contract to MAY, use --skip, or use another version of the suite"
        )
    return chosen


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
    return verdict_of(
        evidence.contract,
        requirement,
        observed,
        fingerprints.kinds(
            evidence.contract, requirement.id, observed.kept, generated=observed.generated
        ),
        refusal=evidence.refusal,
        changing=evidence.changing,
        left_out=len(evidence.providers) - len(evidence.held),
        unreadable=bool(evidence.spans) and not evidence.unfiltered_reads,
    )


def verdict_of(
    contract: Contract,
    requirement: Requirement,
    observed: Observed,
    kinds: tuple[Kind, ...],
    *,
    refusal: str | None = None,
    changing: bool = False,
    left_out: int = 0,
    unreadable: bool = False,
) -> Verdict:
    """Conclude a verdict from what a check observed.

    ``kinds`` are those of all failures. ``refusal`` is why nothing more was requested, if so;
    ``changing`` means that the target changed while it was read, and ``left_out`` is the number of
    providers that are no evidence because they came, went or moved between results, or because the
    unfiltered list was ``unreadable``.
    """
    seen = _sentence(contract, observed.measured)
    seen = "; ".join(filter(None, (seen, observed.power)))
    if observed.found:
        number = counted(observed.found, "violation")
        number = f"at least {number}" if observed.at_least else number
        shown = len(observed.findings)
        more = f", {shown} of them shown" if shown < observed.found else ""
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
    if refusal is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, f"not judged: {refusal}", seen)
    if observed.unable is not None:
        return Verdict(requirement, Outcome.INCONCLUSIVE, observed.unable, seen)
    missing = _missing(contract, requirement, observed)
    if missing:
        reason = f"the target showed {missing}"
        compared = observed.measured.get("comparisons", 0)
        if changing and compared < requirement.evidence.get("comparisons", 0):
            reason += ", and kept changing while it was read"
        lacks = tuple(
            (measure, minimum - observed.measured.get(measure, 0))
            for measure, minimum in _lacking(requirement, observed)
        )
        remedy = _decided_by(contract, requirement, observed)
        if left_out and not OF_PROVIDERS.isdisjoint(measure for measure, _ in lacks):
            words, remedy = UNREADABLE if unreadable else CAME_OR_WENT
            verb = "does" if left_out == 1 else "do"
            reason += f"; {words.format(counted(left_out, 'provider'), verb)}"
            lacks = ()
        return Verdict(
            requirement, Outcome.INCONCLUSIVE, reason, seen, decided_by=remedy, lacks=lacks
        )
    return Verdict(requirement, Outcome.PASSED, "no violation", seen)


def _decided_by(contract: Contract, requirement: Requirement, observed: Observed) -> str:
    """Return what the target would have to show, ``""`` unless it is known for all that lacks."""
    known = [
        contract.measures[measure].decided_by for measure, _ in _lacking(requirement, observed)
    ]
    return listed(list(dict.fromkeys(known))) if all(known) else ""


def _missing(contract: Contract, requirement: Requirement, observed: Observed) -> str:
    missing = []
    for measure, minimum in _lacking(requirement, observed):
        number = observed.measured.get(measure, 0)
        noun = contract.measures[measure].full[number > 1]
        amount = f"only {number:,}" if number else "no"
        missing.append(f"{amount} {noun}" + (f" ({minimum:,} needed)" * (minimum > 1)))
    return "; ".join(missing)


def _lacking(requirement: Requirement, observed: Observed) -> Iterator[tuple[str, int]]:
    """Yield each kind of evidence of which there is too little, with its minimum."""
    for measure, minimum in requirement.evidence.items():
        if observed.measured.get(measure, 0) < minimum:
            yield measure, minimum


def _sentence(contract: Contract, measured: Mapping[str, int]) -> str:
    return listed(
        [
            f"{number:,} {contract.measures[measure].short[number != 1]}"
            for measure, number in measured.items()
            # Another contract may not know all of them.
            if measure in contract.measures
        ],
        most=8,
    )
