"""This project's command, from the environment that runs the comparison."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from comparison.processes import Ended
from comparison.tool import (
    FAILED,
    PASSED,
    ROOT,
    UNJUDGED,
    Command,
    Ready,
    Target,
    Tool,
    ToolVerdict,
    fingerprint,
    unjudged,
)

REPORT = "report.json"
OPTIONS = ("--seed", "1", "--json", REPORT)
STRICT = ("--fail-on", "should")


def command(profile: str, target: Target) -> Command:
    """Return the command that judges a server with a profile."""
    environment: dict[str, str] = {}
    if target.access_key is not None:
        key, secret = target.access_key
        environment = {"CONDUCTOR_AUTH_KEY": key, "CONDUCTOR_AUTH_SECRET": secret}
    elif target.token is not None:
        environment = {"CONDUCTOR_AUTH_TOKEN": target.token}
    words = (sys.executable, "-m", "conformance", "run", target.url, "--profile", profile)
    return Command((*words, *OPTIONS, *(STRICT if target.strict else ())), environment)


def read(folder: Path, ended: Ended) -> ToolVerdict:
    """Return the verdict and the requirements that count against the server."""
    if ended.exit_code not in (0, 1):
        return unjudged(ended)
    try:
        verdicts = json.loads((folder / REPORT).read_text("utf-8"))["requirements"]
        failed = {one["id"]: one["level"] for one in verdicts if one["outcome"] == "failed"}
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"no report ({type(error).__name__}): {ended.last_words}"
        return ToolVerdict(UNJUDGED, problem=problem)
    if ended.exit_code == 0 and "MUST" not in failed.values():
        return ToolVerdict(PASSED)
    if ended.exit_code == 1 and failed:
        return ToolVerdict(FAILED, tuple(failed))
    problem = f"exit code {ended.exit_code}, but {len(failed)} findings"
    return ToolVerdict(UNJUDGED, tuple(failed), problem)


def _ready(profile: str, _work: Path) -> Ready:
    from conformance import __version__

    sources = [
        path for path in (ROOT / "conformance").rglob("*.py") if "reference" not in path.parts
    ]
    return Ready(
        version=f"conductor-conformance {__version__}",
        fingerprint=fingerprint(profile, *OPTIONS, *STRICT, files=sources),
        command=partial(command, profile),
        read=read,
    )


def _tool(profile: str) -> Tool:
    return Tool(
        name=f"ours-{profile}",
        title=f"ours, {profile}",
        shown=f"conductor-conformance run URL --profile {profile} --fail-on should --seed 1",
        make_ready=partial(_ready, profile),
    )


STANDARD = _tool("standard")
TOOLS = (_tool("quick"), STANDARD)
