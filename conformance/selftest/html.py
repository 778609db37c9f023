"""Render the result of a self-test as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.core.text import counted
from conformance.report.render import templating
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import (
    Family,
    Mark,
    concerned,
    families,
    found,
    how,
    mark,
    subjects,
    verdict,
)
from conformance.selftest.trial import FaultTrial, VariationTrial

SIGNS = {Mark.FOUND: "●", Mark.OTHER: "○", Mark.MISSED: "✕", Mark.WRONG: "!"}
MEANINGS = {
    Mark.FOUND: "tripped, as declared",
    Mark.OTHER: "also tripped, which is permitted",
    Mark.MISSED: "not tripped, although declared",
    Mark.WRONG: "tripped, which is not permitted",
}
# Missed and forbidden requirements are problems, which are listed below the row.
_ELSEWHERE = {Mark.FOUND: "Trips {}, as declared.", Mark.OTHER: "Also trips {}."}


@dataclass(frozen=True, slots=True)
class _Tile:
    number: str
    text: str
    bad: bool


def render(matrix: Matrix) -> str:
    """Return a page without a script that loads nothing; values from servers stay text."""
    return templating.page(
        "selftest.html",
        styles=("selftest.css",),
        matrix=matrix,
        verdict=verdict(matrix),
        how=how(matrix),
        tiles=list(_tiles(matrix)),
        families=families(matrix),
        subjects=subjects(matrix),
        signs=SIGNS,
        meanings=MEANINGS,
        mark_of=mark,
        counted=counted,
        found=found,
        elsewhere=_elsewhere,
        notes=_notes,
    )


def _tiles(matrix: Matrix) -> Iterator[_Tile]:
    if matrix.faults or matrix.whole:
        yield _share(
            sum(trial.passed for trial in matrix.faults), len(matrix.faults), "faults caught"
        )
    if matrix.variations or matrix.whole:
        accepted = sum(trial.passed for trial in matrix.variations)
        yield _share(accepted, len(matrix.variations), "variations accepted")
    if matrix.whole:
        total = len(matrix.requirements)
        yield _share(total - len(matrix.lacking), total, "requirements with a fault")
    yield _Tile(f"{matrix.duration:.1f} s", "total time", bad=False)


def _share(part: int, whole: int, text: str) -> _Tile:
    return _Tile(f"{part:,} of {whole:,}", text, bad=part < whole)


def _elsewhere(trial: FaultTrial, family: Family) -> str:
    """Describe how a fault relates to requirements without a column in its family's table."""
    columns = {row.requirement.id for row in family.rows}
    names = [name for name in concerned(trial) if name not in columns]
    grouped = {kind: [name for name in names if mark(trial, name) is kind] for kind in _ELSEWHERE}
    return "".join(
        f" {_ELSEWHERE[kind].format(', '.join(those))}" for kind, those in grouped.items() if those
    )


def _notes(trial: VariationTrial) -> Iterator[str]:
    for label, names in (
        ("MUST failed", trial.failed_must),
        ("SHOULD not met", trial.failed_should),
        ("undecided", trial.undecided),
    ):
        if names:
            yield f"{label}: {', '.join(names)}"
