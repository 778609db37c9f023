"""Structure and wording of a self-test result that its renderers share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from conformance.core.text import counted
from conformance.selftest.matrix import Matrix, Row
from conformance.selftest.trial import OWN, FaultTrial, VariationTrial

OTHER_FAMILY = "not in this contract"


class Mark(StrEnum):
    """How a fault relates to a requirement."""

    FOUND = "found"
    MISSED = "missed"
    OTHER = "other"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Family:
    """A family of requirements, and the faults whose first broken requirement is in it."""

    name: str
    title: str
    rows: tuple[Row, ...]
    faults: tuple[FaultTrial, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The variations of one subject."""

    name: str
    variations: tuple[VariationTrial, ...]

    @property
    def accepted(self) -> int:
        """The number of variations that were judged as declared."""
        return sum(trial.passed for trial in self.variations)

    @property
    def slowest(self) -> VariationTrial:
        """The trial that took longest."""
        return max(self.variations, key=lambda trial: trial.duration)


def families(matrix: Matrix) -> tuple[Family, ...]:
    """Return the families in the order of the contract.

    If only some servers were selected, families and requirements that none of them concerns are
    left out.
    """
    rows = [row for row in matrix.rows() if matrix.whole or row.slowest is not None]
    names = list(dict.fromkeys([*matrix.families, *(trial.family for trial in matrix.faults)]))
    found = (
        Family(
            name,
            matrix.families.get(name, OTHER_FAMILY),
            tuple(row for row in rows if row.requirement.family == name),
            tuple(trial for trial in matrix.faults if trial.family == name),
        )
        for name in names
    )
    return tuple(family for family in found if family.rows or family.faults)


def subjects(matrix: Matrix) -> tuple[Subject, ...]:
    """Return the variations that were tried, grouped by subject."""
    return tuple(
        Subject(name, tuple(group))
        for name, group in groupby(matrix.variations, key=lambda trial: trial.subject)
    )


def mark(trial: FaultTrial, requirement: str) -> Mark | None:
    """Return how a fault relates to a requirement; ``None`` if it does not."""
    if requirement in trial.missed:
        return Mark.MISSED
    if requirement in trial.breaks:
        return Mark.FOUND
    if requirement in trial.uncalled_for:
        return Mark.WRONG
    return Mark.OTHER if requirement in trial.tripped else None


def concerned(trial: FaultTrial) -> tuple[str, ...]:
    """Return the ids that a fault is declared to break, then the others that it tripped."""
    return (*trial.breaks, *(name for name in trial.tripped if name not in trial.breaks))


def found(row: Row) -> str:
    """Return how many of the faults declared to break a requirement were caught, as text."""
    if not row.declared:
        return "no fault"
    tried = len(row.found) + len(row.missed)
    return f"{len(row.found)} of {tried}" if tried else "not tested"


def verdict(matrix: Matrix) -> str:
    """Return the result in one word."""
    if matrix.interrupted:
        return "Interrupted"
    return "Passed" if matrix.passed else "Failed"


def how(matrix: Matrix) -> str:
    """Return the number of requests, the profile and the seed, as text."""
    own = matrix.profile == OWN
    profile = "each server with its own profile" if own else f"profile {matrix.profile}"
    return f"{counted(matrix.requests, 'request')}, {profile}, seed {matrix.seed}"
