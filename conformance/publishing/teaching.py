"""What the catalogue's page tells of each requirement, beside the contract itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.checks.guidance import Lesson, how_checked, lessons, needed
from conformance.contract.model import Requirement
from conformance.publishing.editions import Edition
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import Mark, mark
from conformance.selftest.trial import FaultTrial


@dataclass(frozen=True, slots=True)
class Broken:
    """An exchange that breaks a requirement: what is asked, what comes back, and the body."""

    asked: str
    told: str
    body: str


@dataclass(frozen=True, slots=True)
class TriedFault:
    """A fault of the reference server, and what it did to a requirement; ``None``: not tried."""

    name: str
    description: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement with all that there is to know.

    ``needs`` is the evidence without which it is inconclusive. ``broken`` is the smallest
    violation, at times of two exchanges; ``happening`` says in a sentence what breaks it where no
    single answer does.
    """

    requirement: Requirement
    why: str
    how: str
    needs: str
    broken: tuple[Broken, ...]
    happening: str
    also: tuple[str, ...]
    faults: tuple[TriedFault, ...]


def entries(edition: Edition, matrix: Matrix | None) -> tuple[Entry, ...]:
    """Return an entry for each requirement; ``matrix`` is the self-test by this version, if any."""
    trials = {} if matrix is None else {trial.name: trial for trial in matrix.faults}
    return tuple(_entry(edition, requirement, trials) for requirement in edition.requirements)


def _entry(edition: Edition, requirement: Requirement, trials: Mapping[str, FaultTrial]) -> Entry:
    lesson = lessons().get(requirement.id)
    return Entry(
        requirement=requirement,
        why=lesson.why if lesson else "",
        how=how_checked(requirement),
        needs=needed(requirement, edition.measures),
        broken=tuple(_violation(edition, lesson)) if lesson else (),
        happening=lesson.exchange if lesson else "",
        also=lesson.also if lesson else (),
        faults=tuple(_faults(requirement, trials)),
    )


def _violation(edition: Edition, lesson: Lesson) -> Iterator[Broken]:
    for answer in (lesson.answer, lesson.beside):
        if answer is not None:
            yield Broken(answer.asked(edition.path), answer.told(), answer.body)


def _faults(requirement: Requirement, trials: Mapping[str, FaultTrial]) -> Iterator[TriedFault]:
    from conformance.reference.faults import FAULTS

    for fault in FAULTS:
        if requirement.id in fault.breaks:
            trial = trials.get(fault.name)
            found = None if trial is None else mark(trial, requirement.id)
            yield TriedFault(fault.name, fault.description, found)
