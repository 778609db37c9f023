"""LIFECYCLE: results show what was created, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.core.text import format_value
from conformance.evidence.evidence import Evidence
from conformance.evidence.lifecycle import ALLOWED, ChangeKind, Deviation, deviation
from conformance.evidence.providers import COUNT, by_name

READ_ONLY = "read-only run"
_SOON = f"within {ALLOWED:g} s"


@check("LIFECYCLE-01")
def new_providers_appear(evidence: Evidence) -> Observed:
    """Judge LIFECYCLE-01.

    Create providers, and repeat the documented queries until every result that they belong to, and
    no other, contains them.
    """
    return _judged(
        evidence,
        ChangeKind.CREATED,
        {
            Deviation.MISSING: ("which was created, is missing", "the new provider"),
            Deviation.LISTED: (
                "which was created, is listed, though the filters exclude it",
                "only providers that the filters select",
            ),
        },
    )


@check("LIFECYCLE-02")
def disabled_providers_leave_the_active_results(evidence: Evidence) -> Observed:
    """Judge LIFECYCLE-02.

    Disable an active provider that the run created, and repeat the documented queries until the
    results for active providers no longer contain it, and all others still do.
    """
    return _judged(
        evidence,
        ChangeKind.DISABLED,
        {
            Deviation.LISTED: (
                "which was disabled, is still listed as active",
                "only active providers",
            ),
            Deviation.MISSING: (
                "which was disabled, is missing",
                "the provider, which still exists",
            ),
        },
    )


@check("LIFECYCLE-03")
def added_models_are_counted(evidence: Evidence) -> Observed:
    """Judge LIFECYCLE-03.

    Add an active model to a provider that the run created, and repeat the documented queries until
    modelsCount is one higher in every result with that provider.
    """
    return _judged(evidence, ChangeKind.MODEL_ADDED, {})


@check("LIFECYCLE-04")
def removed_providers_disappear(evidence: Evidence) -> Observed:
    """Judge LIFECYCLE-04.

    Remove the providers that the run created, and repeat the documented queries until no result
    contains them.
    """
    return _judged(
        evidence,
        ChangeKind.REMOVED,
        {Deviation.LISTED: ("which was removed, is still listed", "only what exists")},
    )


def _judged(
    evidence: Evidence, kind: ChangeKind, texts: Mapping[Deviation, tuple[str, str]]
) -> Observed:
    """Compare the results with all changes of a kind.

    ``texts`` has a clause about the provider, and what is expected, by deviation.
    """
    if evidence.lifecycle is None:
        return Observed(not_applicable=READ_ONLY)
    findings = Findings(evidence)
    changes = evidence.lifecycle.of(kind)
    for change in changes:
        provider = f"provider {format_value(change.name)}"
        deviations = [(deviation(evidence.contract, change, read), read) for read in change.reads]
        for found, read in deviations:
            if found is Deviation.MISCOUNTED:
                count = by_name(read)[change.name].get(COUNT)
                number = count if type(count) is int else "no number"
                findings.add(
                    (found, read.query),
                    read,
                    f'"{COUNT}" of {provider} is {number} after a model was added',
                    f"{COUNT} {change.count}, {_SOON}",
                )
            elif found is not None and found in texts:
                seen, expected = texts[found]
                findings.add(
                    (found, read.query), read, f"{provider}, {seen}", f"{expected}, {_SOON}"
                )
        if change.seconds > ALLOWED and not any(found for found, _ in deviations):
            late = f"the results showed the change after {change.seconds:.0f} s"
            findings.add(("late", kind), change.reads[0], late, f"the change, {_SOON}")
    # A result that cannot be read could have shown a violation.
    readable = [change for change in changes if all(read.listing for read in change.reads)]
    observed = findings.observed({"changes": len(readable)})
    if observed.found or not readable:
        return observed
    slowest = max(change.seconds for change in readable)
    return replace(observed, power=f"shown by every result after {slowest:.1f} s")
