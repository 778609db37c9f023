"""Render the result of a self-test as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.report.render import templating
from conformance.selftest import parts
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import Family, Mark
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


def render(matrix: Matrix) -> str:
    """Return a page without a script that loads nothing; values from servers stay text."""
    return templating.page(
        "selftest.html",
        styles=("selftest.css",),
        matrix=matrix,
        parts=parts,
        tiles=_tiles(matrix),
        signs=SIGNS,
        meanings=MEANINGS,
        elsewhere=_elsewhere,
        notes=_notes,
    )


def _tiles(matrix: Matrix) -> Iterator[tuple[str, str, bool]]:
    """Yield number, text, and whether it is bad."""
    shares = [(part, whole, f"{noun}s {verb}") for part, whole, noun, verb in matrix.shares()]
    if matrix.whole:
        total = len(matrix.requirements)
        shares.append((total - len(matrix.lacking), total, "requirements with a fault"))
    for part, whole, text in shares:
        yield f"{part:,} of {whole:,}", text, part < whole
    yield f"{matrix.duration:.1f} s", "total time", False


def _elsewhere(trial: FaultTrial, family: Family) -> str:
    """Describe how a fault relates to requirements without a column in its family's table."""
    columns = {row.requirement.id for row in family.rows}
    names = [name for name in parts.concerned(trial) if name not in columns]
    grouped = {
        kind: [name for name in names if parts.mark(trial, name) is kind] for kind in _ELSEWHERE
    }
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
