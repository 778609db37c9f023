"""The faults and variations of the reference server as text, grouped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from conformance.contract.loader import load
from conformance.core.text import WIDTH, counted, hanging
from conformance.reference.faults import FAULTS, Fault
from conformance.reference.variations import VARIATIONS
from conformance.selftest import catalogue


def faults(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return what each fault is and what it breaks, by the family of the first it breaks.

    Lines have that width, at the most.

    Raises:
        UsageError: a name stands for no fault, or the contract cannot be read.
    """
    contract = load(contract_file)
    chosen = catalogue.chosen(names, FAULTS, contract, "fault")
    families = [*contract.families]
    families += sorted({family for fault in chosen for family in fault.families} - {*families})
    lines: list[str] = []
    for family in families:
        members = [fault for fault in chosen if main_family(fault, families) == family]
        if members:
            title = contract.families.get(family, "not in this contract")
            number = counted(len(members), "fault")
            lines += ["", hanging(f"{family}: ", f"{title} ({number})", width)]
            for fault in members:
                breaks = ", ".join(sorted(fault.breaks))
                lines += _entry(fault.name, breaks, fault.description, width)
    return "\n".join(lines[1:])


def variations(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return what each variation is, by subject, in lines of that width.

    Raises:
        UsageError: a name stands for no variation, or the contract cannot be read.
    """
    chosen = catalogue.chosen(names, VARIATIONS, load(contract_file), "variation")
    lines: list[str] = []
    for subject, group in groupby(chosen, key=catalogue.subject):
        members = list(group)
        lines += ["", f"{subject} ({counted(len(members), 'variation')})"]
        for variation in members:
            lines += _entry(variation.name, "", variation.description, width)
    return "\n".join(lines[1:])


def main_family(fault: Fault, families: Iterable[str]) -> str:
    """Return the family under which a fault is shown: the first of ``families`` that it breaks."""
    return next(family for family in families if family in fault.families)


def _entry(name: str, breaks: str, description: str, width: int) -> list[str]:
    head = f"  {name:<46}"
    first = hanging(head, breaks, width) if breaks else head.rstrip()
    return [first, hanging("      ", description, width)]
