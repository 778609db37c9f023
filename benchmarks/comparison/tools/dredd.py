"""Dredd: one request for each documented status, compared with the document's examples."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

from comparison.documents import response_schemas
from comparison.installing import node_program, node_version
from comparison.tool import (
    ENDPOINT,
    SETTINGS,
    Command,
    Ready,
    Target,
    Tool,
    by_exit_code,
    fingerprint,
)
from conformance.contract import loader as contracts

FOLDER = SETTINGS / "dredd"
HOOKS = FOLDER / "hooks.js"
PROVOKED = ("200", "401")
"""The statuses that every correct server can be made to return."""
OPTIONS = ("--no-color", "--loglevel", "warning")


def command(program: list[str], schemas: Path | None, target: Target) -> Command:
    """Return the command that judges a server, with hooks or with the document alone."""
    hooks: tuple[str, ...] = ()
    if schemas is not None:
        shutil.copy(schemas, target.folder)
        hooks = ("--hookfiles", str(HOOKS))
    header = () if target.token is None else ("--header", f"X-Authorization: {target.token}")
    document = str(contracts.default_path())
    return Command((*program, document, target.base, *header, *hooks, *OPTIONS))


def _ready(hooked: bool, work: Path) -> Ready:
    program = node_program(FOLDER, "dredd")
    version = node_version(FOLDER, "dredd")
    schemas = response_schemas(contracts.load().document, ENDPOINT)
    kept = {status: schemas[status] for status in PROVOKED}
    place = work / "schemas.json"
    place.write_text(json.dumps(kept), "utf-8")
    return Ready(
        version=f"Dredd {version}",
        fingerprint=fingerprint(version, str(hooked), *OPTIONS, files=[HOOKS] if hooked else []),
        command=partial(command, program, place if hooked else None),
        read=by_exit_code,
    )


TOOLS = (
    Tool(
        name="dredd",
        title="Dredd, the document alone",
        shown='dredd spec/openapi.yaml URL --header "X-Authorization: TOKEN"',
        make_ready=partial(_ready, False),
    ),
    Tool(
        name="dredd-hooks",
        title="Dredd, with hooks",
        shown='dredd spec/openapi.yaml URL --header "X-Authorization: TOKEN" --hookfiles hooks.js',
        make_ready=partial(_ready, True),
    ),
)
