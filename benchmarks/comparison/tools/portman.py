"""Portman, which turns the contract into a Postman collection and runs it with Newman."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from comparison.installing import node_program, node_version
from comparison.tool import SETTINGS, Command, Ready, Target, Tool, by_exit_code, fingerprint
from conformance.contract import loader as contracts

FOLDER = SETTINGS / "portman"


def command(program: list[str], settings: Path, target: Target) -> Command:
    """Return the command that judges a server."""
    contract = str(contracts.default_path())
    options = ("--runNewman", "--portmanConfigFile", str(settings), "--output", "collection.json")
    return Command(
        (*program, "--local", contract, "--baseUrl", target.base, *options),
        {} if target.token is None else {"PORTMAN_TOKEN": target.token},
    )


def _ready(settings: Path, _work: Path) -> Ready:
    program = node_program(FOLDER, "portman")
    portman, newman = (node_version(FOLDER, name) for name in ("@apideck/portman", "newman"))
    return Ready(
        version=f"Portman {portman} with Newman {newman}",
        fingerprint=fingerprint(portman, newman, files=[settings]),
        command=partial(command, program, settings),
        read=by_exit_code,
    )


def _tool(name: str, title: str, settings: str) -> Tool:
    return Tool(
        name=name,
        title=title,
        shown=(
            f"PORTMAN_TOKEN=TOKEN portman --local spec/openapi.yaml --baseUrl URL --runNewman "
            f"--portmanConfigFile {settings}"
        ),
        make_ready=partial(_ready, FOLDER / settings),
    )


TOOLS = (
    _tool("portman", "Portman, its default tests", "default.yaml"),
    _tool("portman-variations", "Portman, with variations", "variations.yaml"),
)
