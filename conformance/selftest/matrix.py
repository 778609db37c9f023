"""The frozen result of a self-test, from which every renderer works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance._version import __version__
from conformance.contract.model import Requirement
from conformance.core.text import counted
from conformance.report.report import TOOL
from conformance.selftest.trial import Code, FaultTrial, Problem, Trial, VariationTrial

SCHEMA_VERSION = "1.0"
INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement and the faults that were tried.

    ``declared`` holds the names of all faults in the catalogue that are declared to break the
    requirement. Of those that were tried, ``found`` broke it and ``missed`` did not. ``others``
    broke it without being declared to.
    """

    requirement: Requirement
    declared: tuple[str, ...]
    found: tuple[FaultTrial, ...]
    missed: tuple[FaultTrial, ...]
    others: tuple[FaultTrial, ...]

    @property
    def slowest(self) -> FaultTrial | None:
        """The slowest of the faults that tripped the requirement or should have."""
        trials = (*self.found, *self.missed, *self.others)
        return max(trials, key=lambda trial: trial.duration, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All trials in the order of the catalogues, and the conclusions from them.

    ``declared`` maps requirement ids to the names of all faults that are declared to break them,
    including those that were not tested. ``whole`` is true if the whole catalogue was selected.
    ``left`` names the servers that were not tested because of an interruption. ``duration`` is in
    seconds.
    """

    contract_version: str
    contract_sha256: str
    requirements: tuple[Requirement, ...]
    families: Mapping[str, str]
    declared: Mapping[str, tuple[str, ...]]
    faults: tuple[FaultTrial, ...]
    variations: tuple[VariationTrial, ...]
    seed: int
    profile: str
    duration: float
    whole: bool
    interrupted: bool = False
    left: tuple[str, ...] = ()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials of faults, then those of variations."""
        return (*self.faults, *self.variations)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All deviations from the declarations; requirements without a fault come first."""
        lacking = [_without_fault(item.id) for item in self.lacking] if self.whole else []
        return (*lacking, *(problem for trial in self.trials for problem in trial.problems))

    @property
    def lacking(self) -> tuple[Requirement, ...]:
        """The requirements that no fault is declared to break."""
        return tuple(item for item in self.requirements if not self.declared.get(item.id))

    @property
    def passed(self) -> bool:
        """Whether everything selected was tried and is as declared."""
        return not self.problems and not self.interrupted

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, 1, or 130 when the self-test was interrupted."""
        if self.interrupted:
            return INTERRUPTED
        return 0 if self.passed else 1

    @property
    def requests(self) -> int:
        """The total number of requests sent."""
        return sum(trial.requests for trial in self.trials)

    def rows(self) -> tuple[Row, ...]:
        """Return one row per requirement, in the order of the contract."""
        return tuple(map(self._row, self.requirements))

    def shares(self) -> Iterator[tuple[int, int, str, str]]:
        """Yield for faults and variations how many of how many are as declared, in words, too."""
        groups: tuple[tuple[Sequence[Trial], str, str], ...] = (
            (self.faults, "fault", "caught"),
            (self.variations, "variation", "accepted"),
        )
        for trials, noun, verb in groups:
            if trials or self.whole:
                yield sum(trial.passed for trial in trials), len(trials), noun, verb

    def summary(self) -> str:
        """Return the numbers in one line, such as "12 faults caught, 3 variations accepted"."""
        parts = []
        for part, whole, noun, verb in self.shares():
            head = "" if part == whole else f"{part:,} of "
            parts.append(f"{head}{counted(whole, noun)} {verb}")
        if self.whole:
            total = counted(len(self.requirements), "requirement")
            parts.append(f"{len(self.requirements) - len(self.lacking)} of {total} have a fault")
        if self.left:
            parts.append(f"{len(self.left):,} not tested")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the shape of ``spec/self-test.schema.json``."""
        return {
            "schemaVersion": SCHEMA_VERSION,
            "tool": {"name": TOOL, "version": __version__},
            "contract": {"version": self.contract_version, "sha256": self.contract_sha256},
            "seed": self.seed,
            "profile": self.profile,
            "durationSeconds": round(self.duration, 3),
            "verdict": "passed" if self.passed else "failed",
            "whole": self.whole,
            "interrupted": self.interrupted,
            "notTried": list(self.left),
            "problems": [problem.as_dict() for problem in self.problems],
            "requirements": [
                {
                    "id": requirement.id,
                    "level": str(requirement.level),
                    "faults": list(self.declared.get(requirement.id, ())),
                }
                for requirement in self.requirements
            ],
            "faults": [trial.as_dict() for trial in self.faults],
            "variations": [trial.as_dict() for trial in self.variations],
        }

    def _row(self, requirement: Requirement) -> Row:
        name = requirement.id
        return Row(
            requirement=requirement,
            declared=self.declared.get(name, ()),
            found=tuple(t for t in self.faults if name in t.breaks and name in t.tripped),
            missed=tuple(t for t in self.faults if name in t.missed),
            others=tuple(t for t in self.faults if name in t.tripped and name not in t.breaks),
        )


def _without_fault(requirement: str) -> Problem:
    reason = "nothing proves that the suite detects a server that breaks it"
    message = f"{requirement} has no fault: {reason}."
    return Problem(Code.WITHOUT_FAULT, requirement, message)
