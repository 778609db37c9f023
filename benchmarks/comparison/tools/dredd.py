"""Dredd: one request for each documented status, compared with the document's examples.

It reads OpenAPI 3.0 without parameters in components, so it gets the contract as 3.0.3 with inline
parameters.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from comparison.documents import response_schemas, with_inline_parameters
from comparison.installing import node_program, node_version
from comparison.tool import (
    ENDPOINT,
    SETTINGS,
    Command,
    Ready,
    Target,
    Tool,
    Unavailable,
    by_exit_code,
    fingerprint,
)
from conformance.contract import loader as contracts

FOLDER = SETTINGS / "dredd"
HOOKS = FOLDER / "hooks.js"
PROVOKED = ("200", "401")
"""The statuses that every correct server can be made to return."""
OPTIONS = ("--no-color", "--loglevel", "warning")


def command(program: list[str], document: Path, hooked: bool, target: Target) -> Command:
    """Return the command that judges a server, with hooks or with the document alone."""
    hooks: tuple[str, ...] = ()
    if hooked:
        shutil.copy(document.parent / "schemas.json", target.folder)
        hooks = ("--hookfiles", str(HOOKS))
    header = () if target.token is None else ("--header", f"X-Authorization: {target.token}")
    return Command((*program, str(document), target.base, *header, *hooks, *OPTIONS))


def _ready(hooked: bool, work: Path) -> Ready:
    program = node_program(FOLDER, "dredd")
    version = node_version(FOLDER, "dredd")
    document = work / "openapi-3.0.yaml"
    converted = _converted(work / "converted.yaml")
    document.write_text(yaml.safe_dump(with_inline_parameters(converted), sort_keys=False), "utf-8")
    schemas = response_schemas(converted, ENDPOINT)
    kept = {status: schemas[status] for status in PROVOKED}
    (work / "schemas.json").write_text(json.dumps(kept), "utf-8")
    return Ready(
        version=f"Dredd {version}",
        fingerprint=fingerprint(version, str(hooked), *OPTIONS, files=[HOOKS] if hooked else []),
        command=partial(command, program, document, hooked),
        read=by_exit_code,
    )


def _converted(place: Path) -> dict[str, Any]:
    converter = node_program(FOLDER, "openapi-down-convert")
    contract = str(contracts.default_path())
    words = [*converter, "--input", contract, "--output", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(
            f"the contract could not be converted to OpenAPI 3.0: {done.stderr.strip()[:300]}"
        )
    document: dict[str, Any] = yaml.safe_load(place.read_text("utf-8"))
    return document


TOOLS = (
    Tool(
        name="dredd",
        title="Dredd, the document alone",
        shown='dredd openapi-3.0.yaml URL --header "X-Authorization: TOKEN"',
        make_ready=partial(_ready, False),
    ),
    Tool(
        name="dredd-hooks",
        title="Dredd, with hooks",
        shown='dredd openapi-3.0.yaml URL --header "X-Authorization: TOKEN" --hookfiles hooks.js',
        make_ready=partial(_ready, True),
    ),
)
