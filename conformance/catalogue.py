"""The requirements as text: one line each, or explained."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from conformance.contract import Contract, Requirement, load
from conformance.selection import find, select

WIDTH = 100


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


def explanation(name: str, contract_file: Path | None) -> str:
    """Return what a requirement says, where it comes from and how it is checked.

    Raises:
        UsageError: the name is no requirement and no family, or the contract cannot be read.
    """
    contract = load(contract_file)
    return "\n\n".join(_explained(contract, requirement) for requirement in find(contract, name))


def _explained(contract: Contract, requirement: Requirement) -> str:
    needs = [
        f"{minimum} {contract.measures[measure]}"
        for measure, minimum in requirement.evidence.items()
    ]
    parts = [
        (f"{requirement.id}  {requirement.level}  {contract.families[requirement.family]}", ""),
        ("", requirement.statement),
        ("source", requirement.source),
        ("checked", _how(requirement)),
        ("needs", "; ".join(needs) + ". Without that it is inconclusive, not passed."),
        ("alone", f"conductor-conformance run URL --only {requirement.id}"),
    ]
    return "\n".join(
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=f"  {label:<9}" if label or text else "",
            subsequent_indent=" " * 11,
            break_on_hyphens=False,
        )
        if text
        else label
        for label, text in parts
    )


def _how(requirement: Requirement) -> str:
    from conformance.checks import CHECKS

    if requirement.id not in CHECKS:
        return "not by this version of the suite."
    # The first line of a check's docstring names the requirement, the rest says how.
    return " ".join((CHECKS[requirement.id].__doc__ or "").partition("\n")[2].split())
