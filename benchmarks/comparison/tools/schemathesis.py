"""Schemathesis' own command, without this suite."""

from __future__ import annotations

import json
from functools import partial
from importlib import metadata
from pathlib import Path

from comparison.installing import python_of
from comparison.processes import Ended
from comparison.tool import (
    FAILED,
    PASSED,
    SETTINGS,
    UNJUDGED,
    Command,
    Ready,
    Target,
    Tool,
    ToolVerdict,
    fingerprint,
    unjudged,
)
from conformance.contract import loader as contracts

FOLDER = SETTINGS / "schemathesis"
CAREFUL_SETTINGS = FOLDER / "careful.toml"
REPORT = "report.json"
CAREFUL = ("--generation-database", "none", "--seed", "1")


def command(
    python: Path, settings: Path | None, options: tuple[str, ...], target: Target
) -> Command:
    """Return the command that judges a server."""
    before = () if settings is None else ("--config-file", str(settings))
    header = () if target.token is None else ("-H", f"X-Authorization: {target.token}")
    contract = str(contracts.default_path())
    return Command(
        (
            *(str(python), "-m", "schemathesis.cli", *before, "run", contract),
            *("--url", target.base, *header, *options, "--report-json-path", REPORT),
        )
    )


def read(folder: Path, ended: Ended) -> ToolVerdict:
    """Return the verdict and the kinds of failures and errors; exit code and report must agree."""
    if ended.exit_code not in (0, 1):
        return unjudged(ended)
    try:
        report = json.loads((folder / REPORT).read_text("utf-8"))
        kinds = {one["type"] for one in report["failures"]}
        kinds |= {one["title"] for one in report["errors"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"no report ({type(error).__name__}): {ended.last_words}"
        return ToolVerdict(UNJUDGED, problem=problem)
    found = tuple(sorted(kinds))
    if (ended.exit_code == 1) != bool(found):
        problem = f"exit code {ended.exit_code}, but {len(found)} findings"
        return ToolVerdict(UNJUDGED, found, problem)
    return ToolVerdict(FAILED if found else PASSED, found)


def _ready(settings: Path | None, options: tuple[str, ...], _work: Path) -> Ready:
    python = python_of(FOLDER)
    (found,) = metadata.distributions(
        name="schemathesis", path=[str(one) for one in FOLDER.glob(".venv/lib/*/site-packages")]
    )
    files = [] if settings is None else [settings]
    return Ready(
        version=f"Schemathesis {found.version}",
        fingerprint=fingerprint(found.version, *options, files=files),
        command=partial(command, python, settings, options),
        read=read,
    )


TOOLS = (
    Tool(
        name="schemathesis",
        title="Schemathesis, by default",
        shown='schemathesis run spec/openapi.yaml --url URL -H "X-Authorization: TOKEN"',
        make_ready=partial(_ready, None, ()),
    ),
    Tool(
        name="schemathesis-careful",
        title="Schemathesis, reading only",
        shown=(
            "schemathesis --config-file careful.toml run spec/openapi.yaml --url URL "
            f'-H "X-Authorization: TOKEN" {" ".join(CAREFUL)}'
        ),
        make_ready=partial(_ready, CAREFUL_SETTINGS, CAREFUL),
    ),
)
