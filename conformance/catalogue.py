"""The requirements as text: one line each, or explained."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.contract import Contract, Requirement, load
from conformance.lessons import Lesson, lessons
from conformance.selection import find, select
from conformance.text import counted, listed

WIDTH = 100
INDENT = " " * 11
FAULTS_SHOWN = 5


def listing(names: Sequence[str], contract_file: Path | None) -> str:
    """Return a line per requirement, by family.

    Raises:
        UsageError: a name is no requirement and no family, or the contract cannot be read.
    """
    contract = load(contract_file)
    chosen = select(contract, only=names)
    lines = []
    for family, title in contract.families.items():
        members = [requirement for requirement in chosen if requirement.family == family]
        if members:
            lines += ["", f"{family}: {title}"]
            lines += [_line(requirement) for requirement in members]
    return "\n".join(lines[1:])


def _line(requirement: Requirement) -> str:
    head = f"  {requirement.id:<10} {requirement.level:<7}"
    return textwrap.fill(
        requirement.statement, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
    )


def explanation(names: Sequence[str], contract_file: Path | None) -> str:
    """Return what requirements say, why, how they are checked and what breaks them.

    Raises:
        UsageError: a name is no requirement and no family, or the contract cannot be read.
    """
    contract = load(contract_file)
    found = [requirement for name in names for requirement in find(contract, name)]
    distinct = {requirement.id: requirement for requirement in found}
    return "\n\n".join(_explained(contract, requirement) for requirement in distinct.values())


def _explained(contract: Contract, requirement: Requirement) -> str:
    needs = [
        f"{minimum} {contract.measures[measure]}"
        for measure, minimum in requirement.evidence.items()
    ]
    lesson = lessons().get(requirement.id)
    parts = [
        ("", requirement.statement),
        ("source", requirement.source),
        *([("why", lesson.why)] if lesson else []),
        ("checked", how_checked(requirement)),
        ("needs", "; ".join(needs) + ". Without that it is inconclusive, not passed."),
        *(_violation(contract, lesson) if lesson else []),
        ("faults", _faults(requirement)),
        ("alone", f"conductor-conformance run URL --only {requirement.id}"),
    ]
    head = f"{requirement.id}  {requirement.level}  {contract.families[requirement.family]}"
    return "\n".join([head, *(_part(label, text) for label, text in parts)])


def _part(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"  {label:<9}",
        subsequent_indent=INDENT,
        break_on_hyphens=False,
    )


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


def how_checked(requirement: Requirement) -> str:
    """Return how this version of the suite checks a requirement, in a sentence or more."""
    from conformance.checks import CHECKS

    if requirement.id not in CHECKS:
        return "not by this version of the suite."
    # The first line of a check's docstring names the requirement, the rest says how.
    return " ".join((CHECKS[requirement.id].__doc__ or "").partition("\n")[2].split())
