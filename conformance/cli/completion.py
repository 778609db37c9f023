"""Shell completion: the command that prints the script, and the names to complete."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, get_completion_class

from conformance.errors import ConformanceError, UsageError

if TYPE_CHECKING:
    from conformance.contract.model import Contract

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "conductor-conformance"
VARIABLE = "_CONDUCTOR_CONFORMANCE_COMPLETE"
"""The variable by which a shell asks the command for completions."""

CLIENT = "client"
OF_BOTH = ("list", "explain", "self-test")
"""Commands that accept the requirements for servers and those for clients."""


@click.command(name="completion")
@click.argument("shell", required=False, type=click.Choice(SHELLS))
@click.pass_context
def complete(context: click.Context, /, shell: str | None) -> None:
    """Print the script that completes this command in a shell, by default that of $SHELL.

    For bash, add eval "$(conductor-conformance completion bash)" to ~/.bashrc; likewise for zsh.
    For fish, add conductor-conformance completion fish | source to ~/.config/fish/config.fish.
    """
    chosen = shell or Path(os.environ.get("SHELL", "")).name
    kind = get_completion_class(chosen) if chosen in SHELLS else None
    if kind is None:
        raise UsageError(f"say which shell it is for: {PROGRAM} completion {'|'.join(SHELLS)}")
    script = kind(context.find_root().command, {}, PROGRAM, VARIABLE)
    # Not source(), which starts a shell of that kind to see how old it is.
    click.echo(script.source_template % script.source_vars())


def requirements(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the last of several comma-separated requirement ids or families.

    They are those for servers, for clients or for both, whichever the command accepts.
    """
    from conformance.clients import catalogue
    from conformance.contract.loader import load

    command = context.command.name
    names: dict[str, str] = {}
    try:
        if command != CLIENT:
            names |= _names(load(context.params.get("contract_file")))
    except ConformanceError:
        return []
    if command in (CLIENT, *OF_BOTH):
        names |= _names(catalogue.load().contract)
    return _matching(names, incomplete)


def requirements_and_entries(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a requirement, a family, a fault or a variation."""
    from conformance.selftest.catalogue import by_name

    names = {name: entry.description for name, entry in by_name().items()}
    return requirements(context, parameter, incomplete) + _matching(names, incomplete)


def faults(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a fault of the reference server."""
    from conformance.reference.faults import FAULTS

    return _matching({fault.name: fault.description for fault in FAULTS}, incomplete)


def variations(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a variation of the reference server."""
    from conformance.reference.variations import VARIATIONS

    return _matching({one.name: one.description for one in VARIATIONS}, incomplete)


def scenarios(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a scenario for clients."""
    from conformance.clients.scenarios import SCENARIOS

    return _matching({one.name: one.description for one in SCENARIOS.values()}, incomplete)


def _names(contract: Contract) -> dict[str, str]:
    """Return the families and ids of a contract with their descriptions."""
    ids = {requirement.id: requirement.statement for requirement in contract.requirements}
    return {**contract.families, **ids}


def _matching(names: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    head, comma, start = incomplete.rpartition(",")
    given = [name.strip().upper() for name in head.split(",")]
    return [
        CompletionItem(f"{head}{comma}{name}", help=" ".join(help_text.split()))
        for name, help_text in names.items()
        if name.lower().startswith(start.lower()) and name not in given
    ]
