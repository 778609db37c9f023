"""The requirements as text: one line each, or explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.checks.guidance import Lesson, how_checked, lessons, needed
from conformance.contract.loader import load
from conformance.contract.model import Contract, Requirement
from conformance.contract.selection import find, select
from conformance.core.text import WIDTH, counted, hanging, listed

LABEL = 9
"""Characters that are kept for the label of a part."""
FAULTS_SHOWN = 5


def listing(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return a paragraph per requirement, by family, in lines of that width.

    Raises:
        UsageError: a name is no requirement and no family, or the contract cannot be read.
    """
    contract = load(contract_file)
    chosen = select(contract, only=names)
    lines = []
    for family, title in contract.families.items():
        members = [requirement for requirement in chosen if requirement.family == family]
        if members:
            lines += ["", hanging(f"{family}: ", title, width)]
            lines += [_line(requirement, width) for requirement in members]
    return "\n".join(lines[1:])


def _line(requirement: Requirement, width: int) -> str:
    head = f"  {requirement.id:<10} {requirement.level:<7}"
    return hanging(head, requirement.statement, width)


def explanation(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return what requirements say, why, how they are checked and what breaks them.

    Lines have that width, at the most.

    Raises:
        UsageError: a name is no requirement and no family, or the contract cannot be read.
    """
    contract = load(contract_file)
    found = [requirement for name in names for requirement in find(contract, name)]
    distinct = {requirement.id: requirement for requirement in found}
    return "\n\n".join(
        _explained(contract, requirement, width) for requirement in distinct.values()
    )


def _explained(contract: Contract, requirement: Requirement, width: int) -> str:
    needs = needed(requirement, contract.measures)
    lesson = lessons().get(requirement.id)
    parts = [
        ("", requirement.statement),
        ("source", requirement.source),
        *([("why", lesson.why)] if lesson else []),
        ("checked", how_checked(requirement)),
        ("needs", f"{needs}. Without that it is inconclusive, not passed."),
        *(_violation(contract, lesson) if lesson else []),
        ("faults", _faults(requirement)),
        ("alone", f"conductor-conformance run URL --only {requirement.id}"),
    ]
    head = f"{requirement.id}  {requirement.level}  "
    shown = [hanging(f"  {label:<{LABEL}}", text, width) for label, text in parts]
    return "\n".join([hanging(head, contract.families[requirement.family], width), *shown])


def _violation(contract: Contract, lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield the smallest answer that breaks a requirement, or what does where none alone does."""
    answer = lesson.answer
    if answer is None:
        yield "broken", lesson.exchange
        return
    yield "broken", f"by this answer to {answer.asked(contract.path)}: {answer.told()}"
    yield "", answer.body or "(no body)"
    if lesson.beside is not None:
        beside = lesson.beside
        yield "", f"while {beside.asked(contract.path)} is answered with"
        yield "", beside.body
    if lesson.also:
        yield "", f"That breaks {' and '.join(lesson.also)}, too."


def _faults(requirement: Requirement) -> str:
    from conformance.reference.faults import FAULTS

    names = [fault.name for fault in FAULTS if requirement.id in fault.breaks]
    if not names:
        return "none of the reference server's breaks it."
    what = "is declared" if len(names) == 1 else "are declared"
    text = f"{counted(len(names), 'fault')} of the reference server {what} to break it: "
    text += listed(names, most=FAULTS_SHOWN)
    return f"{text}. See `conductor-conformance list --faults {requirement.id}`."
