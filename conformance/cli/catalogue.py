"""The commands ``list`` and ``explain``: requirements, faults and variations as text."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli import completion
from conformance.cli.shared_options import CONTRACT, NAMES
from conformance.core.text import WIDTH, counted, hanging, listed, width_of
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.checks.guidance import Guidance
    from conformance.contract.model import Contract, Requirement

LABEL = 9
"""Width of the labels of an explanation, in characters."""
FAULTS_SHOWN = 5


@click.command(name="list")
@click.argument(
    "names",
    **NAMES,
    nargs=-1,
    metavar="[ID|FAMILY|NAME]...",
    shell_complete=completion.requirements_and_entries,
)
@click.option("--faults", is_flag=True, help="List the faults for `serve --fault`.")
@click.option("--variations", is_flag=True, help="List the variations for `serve --variation`.")
@CONTRACT
def list_requirements(
    names: tuple[str, ...], faults: bool, variations: bool, contract_file: Path | None
) -> None:
    """List the requirements of the contract, or the reference server's faults or variations.

    A NAME is that of a fault or variation, or a pattern such as 'http-*'. With --faults, an ID or
    FAMILY selects the faults that break it.
    """
    if faults and variations:
        raise UsageError("--faults and --variations exclude each other; give one of them")
    text = list_faults if faults else list_variations if variations else listing
    click.echo(text(names, contract_file, width_of(sys.stdout)))


@click.command()
@click.argument(
    "names",
    **NAMES,
    nargs=-1,
    metavar="[ID|FAMILY]...",
    shell_complete=completion.requirements,
)
@CONTRACT
def explain(names: tuple[str, ...], contract_file: Path | None) -> None:
    """Explain requirements, or all requirements of a family.

    Shows the statement and its source, why it matters, how it is checked, which evidence it needs,
    the smallest response that breaks it, and the reference server's faults that do.
    """
    if not names:
        raise UsageError(
            "explain needs the id of a requirement, such as FILTER-06; "
            "`conductor-conformance list` shows all"
        )
    click.echo(explanation(names, contract_file, width_of(sys.stdout)))


def listing(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return a paragraph for each requirement, by family, in lines of at most ``width``.

    Raises:
        UsageError: a name is neither a requirement nor a family, or the contract cannot be read.
    """
    from conformance.contract.loader import load
    from conformance.contract.requirement_selection import select

    contract = load(contract_file) if not _of_clients(names) else _for_clients()
    chosen = select(contract, only=names)
    lines = []
    for family, title in contract.families.items():
        members = [requirement for requirement in chosen if requirement.family == family]
        if members:
            lines += ["", hanging(f"{family}: ", title, width)]
            for one in members:
                head = f"  {one.id:<10} {one.level:<7}"
                lines.append(hanging(head, one.statement, width))
    return "\n".join(lines[1:])


def explanation(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return an explanation of each requirement, in lines of at most ``width`` characters.

    Raises:
        UsageError: a name is neither a requirement nor a family, or the contract cannot be read.
    """
    from conformance.contract.loader import load
    from conformance.contract.requirement_selection import find

    explained = {}
    for name in names:
        of_clients = _of_clients([name])
        contract = _for_clients() if of_clients else load(contract_file)
        parts = _parts_for_clients if of_clients else _parts
        for one in find(contract, name):
            explained[one.id] = _explained(contract, one, parts(contract, one), width)
    return "\n\n".join(explained.values())


def _of_clients(names: Sequence[str]) -> bool:
    """Whether all names are about the requirements for clients."""
    from conformance.contract.requirement_selection import OF_CLIENTS

    return bool(names) and all(name.upper().partition("-")[0] == OF_CLIENTS for name in names)


def _for_clients() -> Contract:
    from conformance.clients.catalogue import load

    return load().contract


def _explained(
    contract: Contract, requirement: Requirement, parts: Iterable[tuple[str, str]], width: int
) -> str:
    head = f"{requirement.id}  {requirement.level}  "
    shown = [hanging(f"  {label:<{LABEL}}", text, width) for label, text in parts]
    return "\n".join([hanging(head, contract.families[requirement.family], width), *shown])


def _parts_for_clients(contract: Contract, requirement: Requirement) -> list[tuple[str, str]]:
    from conformance.checks.guidance import method, needed
    from conformance.clients.catalogue import load
    from conformance.clients.judging import CHECKS

    return [
        ("", requirement.statement),
        ("source", requirement.source),
        ("checked", method(CHECKS[requirement.id])),
        (
            "evidence",
            f"{needed(requirement, contract.measures)}; otherwise inconclusive.",
        ),
        ("in", listed(load().scenarios[requirement.id], most=8)),
        ("alone", f"conductor-conformance client --only {requirement.id} -- COMMAND"),
    ]


def _parts(contract: Contract, requirement: Requirement) -> list[tuple[str, str]]:
    from conformance.checks.guidance import all_guidance, how_checked, needed

    needs = needed(requirement, contract.measures)
    guidance = all_guidance().get(requirement.id)
    return [
        ("", requirement.statement),
        ("source", requirement.source),
        *([("why", guidance.why)] if guidance else []),
        ("checked", how_checked(requirement)),
        ("evidence", f"{needs}; otherwise inconclusive."),
        *(_violation(contract, guidance) if guidance else []),
        ("faults", _faults(requirement)),
        ("alone", f"conductor-conformance run URL --only {requirement.id}"),
    ]


def _violation(contract: Contract, guidance: Guidance) -> Iterator[tuple[str, str]]:
    """Yield the smallest response that breaks a requirement, or a description of what does."""
    answer = guidance.answer
    if answer is None:
        yield "broken", guidance.exchange
        return
    yield (
        "broken",
        f"by this response to {answer.request_line(contract.path)}: {answer.response_line()}",
    )
    yield "", answer.body or "(no body)"
    if guidance.beside is not None:
        beside = guidance.beside
        yield "", f"while {beside.request_line(contract.path)} returns"
        yield "", beside.body
    if guidance.also:
        yield "", f"This also breaks {' and '.join(guidance.also)}."


def _faults(requirement: Requirement) -> str:
    from conformance.reference.faults import FAULTS

    names = [fault.name for fault in FAULTS if requirement.id in fault.breaks]
    if not names:
        return "no fault of the reference server breaks it."
    what = "is declared" if len(names) == 1 else "are declared"
    text = f"{counted(len(names), 'fault')} of the reference server {what} to break it: "
    text += listed(names, most=FAULTS_SHOWN)
    return f"{text}. See `conductor-conformance list --faults {requirement.id}`."


def list_faults(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return each fault and what it breaks, by family, in lines of at most ``width`` characters.

    Raises:
        UsageError: a name is not a fault, or the contract cannot be read.
    """
    from conformance.contract.loader import load
    from conformance.reference.faults import FAULTS
    from conformance.selftest import catalogue

    contract = load(contract_file)
    chosen = catalogue.chosen(names, FAULTS, contract, "fault")
    families = [*contract.families]
    families += sorted({family for fault in chosen for family in fault.families} - {*families})
    lines: list[str] = []
    for family in families:
        # A fault is listed once, under the first family that it breaks.
        members = [
            fault
            for fault in chosen
            if next(one for one in families if one in fault.families) == family
        ]
        if members:
            title = contract.families.get(family, "not in this contract")
            number = counted(len(members), "fault")
            lines += ["", hanging(f"{family}: ", f"{title} ({number})", width)]
            for fault in members:
                breaks = ", ".join(sorted(fault.breaks))
                lines += _entry(fault.name, breaks, fault.description, width)
    return "\n".join(lines[1:])


def list_variations(names: Sequence[str], contract_file: Path | None, width: int = WIDTH) -> str:
    """Return each variation by subject, in lines of at most ``width`` characters.

    Raises:
        UsageError: a name is not a variation, or the contract cannot be read.
    """
    from conformance.contract.loader import load
    from conformance.reference.variations import VARIATIONS
    from conformance.selftest import catalogue

    chosen = catalogue.chosen(names, VARIATIONS, load(contract_file), "variation")
    lines: list[str] = []
    for subject, group in groupby(chosen, key=catalogue.subject):
        members = list(group)
        lines += ["", f"{subject} ({counted(len(members), 'variation')})"]
        for variation in members:
            lines += _entry(variation.name, "", variation.description, width)
    return "\n".join(lines[1:])


def _entry(name: str, breaks: str, description: str, width: int) -> list[str]:
    head = f"  {name:<46}"
    first = hanging(head, breaks, width) if breaks else head.rstrip()
    return [first, hanging("      ", description, width)]
