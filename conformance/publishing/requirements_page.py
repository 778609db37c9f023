"""The entries of the requirements page: explanations, evidence, examples and faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.checks.guidance import Guidance, all_guidance, how_checked, needed
from conformance.contract.model import Requirement
from conformance.publishing.editions import Edition
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import Mark, mark
from conformance.selftest.trial import FaultTrial


@dataclass(frozen=True, slots=True)
class Violation:
    """An exchange that violates a requirement: request, status and headers, and body."""

    request: str
    response: str
    body: str


@dataclass(frozen=True, slots=True)
class TriedFault:
    """A fault of the reference server and its effect on a requirement; ``None``: not tested."""

    name: str
    description: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement and its explanation.

    ``needs`` is the evidence without which it is inconclusive. ``violations`` are the one or two
    exchanges of the smallest violation. If no single response violates the requirement,
    ``description`` describes what does. ``also`` are the requirements that the violation inevitably
    violates as well.
    """

    requirement: Requirement
    why: str
    how: str
    needs: str
    violations: tuple[Violation, ...]
    description: str
    also: tuple[str, ...]
    faults: tuple[TriedFault, ...]


def entries(edition: Edition, matrix: Matrix | None) -> tuple[Entry, ...]:
    """Return an entry per requirement; ``matrix`` is the self-test with this version, if any."""
    trials = {} if matrix is None else {trial.name: trial for trial in matrix.faults}
    return tuple(_entry(edition, requirement, trials) for requirement in edition.requirements)


def _entry(edition: Edition, requirement: Requirement, trials: Mapping[str, FaultTrial]) -> Entry:
    guidance = all_guidance().get(requirement.id)
    return Entry(
        requirement=requirement,
        why=guidance.why if guidance else "",
        how=how_checked(requirement),
        needs=needed(requirement, edition.measures),
        violations=tuple(_violations(edition, guidance)) if guidance else (),
        description=guidance.exchange if guidance else "",
        also=guidance.also if guidance else (),
        faults=tuple(_faults(requirement, trials)),
    )


def _violations(edition: Edition, guidance: Guidance) -> Iterator[Violation]:
    for answer in (guidance.answer, guidance.beside):
        if answer is not None:
            yield Violation(answer.request_line(edition.path), answer.response_line(), answer.body)


def _faults(requirement: Requirement, trials: Mapping[str, FaultTrial]) -> Iterator[TriedFault]:
    from conformance.reference.faults import FAULTS

    for fault in FAULTS:
        if requirement.id in fault.breaks:
            trial = trials.get(fault.name)
            found = None if trial is None else mark(trial, requirement.id)
            yield TriedFault(fault.name, fault.description, found)
