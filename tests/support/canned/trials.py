"""Faults, variations and results of self-tests made by hand; no server is started for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.checks.verdict import Outcome
from conformance.reference.faults.entries import Fault
from conformance.reference.server import ReferenceServer
from conformance.reference.variations.entries import Variation
from conformance.report.report import Report
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import FaultTrial, VariationTrial, assess
from support.canned.reports import LAW, report, verdicts

MUSTS = [item.id for item in LAW.requirements if item.level == "MUST"]
SHOULDS = [item.id for item in LAW.requirements if item.level == "SHOULD"]


def fault(*breaks: str, besides: tuple[str, ...] = (), **members: Any) -> Fault:
    """Return a fault that is declared to break these."""
    whole: dict[str, Any] = {
        "name": "made-up",
        "description": "It is made up.",
        "make": ReferenceServer,
        "breaks": frozenset(breaks),
        "besides": frozenset(besides),
    }
    return Fault(**(whole | members))


def variation(*undecided: str, **members: Any) -> Variation:
    """Return a variation that may leave these open."""
    whole: dict[str, Any] = {
        "name": "odd-one",
        "description": "It is odd.",
        "make": ReferenceServer,
        "undecided": frozenset(undecided),
    }
    return Variation(**(whole | members))


def with_outcomes(outcomes: Mapping[str, Outcome] | None = None, **members: Any) -> Report:
    """Return a report in which everything passed but these."""
    return report(verdicts(outcomes), **members)


def failing(*requirements: str, **members: Any) -> Report:
    """Return a report in which these failed and everything else passed."""
    return with_outcomes(dict.fromkeys(requirements, Outcome.FAILED), **members)


def tried_fault(name: str, breaks: list[str], tripped: list[str], **members: Any) -> FaultTrial:
    """Return the trial of a fault that tripped these."""
    trial = assess(fault(*breaks, name=name, **members), failing(*tripped))
    assert isinstance(trial, FaultTrial)
    return trial


def tried_variation(name: str, outcomes: Mapping[str, Outcome], **members: Any) -> VariationTrial:
    """Return the trial of a variation that was judged so."""
    trial = assess(variation(name=name, **members), with_outcomes(outcomes))
    assert isinstance(trial, VariationTrial)
    return trial


def matrix(**members: Any) -> Matrix:
    """Return the result of a self-test in which each requirement has a fault, and all is well."""
    faults = members.get("faults")
    if faults is None:
        faults = tuple(
            tried_fault(f"{item.family.lower()}-{item.id}", [item.id], [item.id])
            for item in LAW.requirements
        )
    declared: dict[str, tuple[str, ...]] = {}
    for trial in faults:
        for requirement in trial.breaks:
            declared[requirement] = (*declared.get(requirement, ()), trial.name)
    whole: dict[str, Any] = {
        "contract_version": LAW.version,
        "contract_sha256": LAW.sha256,
        "requirements": LAW.requirements,
        "families": LAW.families,
        "declared": declared,
        "faults": faults,
        "variations": (tried_variation("odd-one", {}),),
        "seed": 1,
        "profile": "own",
        "duration": 92.06,
        "whole": True,
    }
    return Matrix(**(whole | members))
