"""Install tools at their pinned versions, each in its own environment below benchmarks/tools."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from node_tools import NodeError, installed, program

from comparison.tool import Unavailable


def node_program(folder: Path, name: str) -> list[str]:
    """Install the packages of a folder's lock file; return the command line of one program.

    Raises:
        Unavailable: node is missing, or a package cannot be installed.
    """
    try:
        return program(installed(folder), name)
    except NodeError as problem:
        raise Unavailable(f"{problem}") from problem


def node_version(folder: Path, package: str) -> str:
    """Return the version of a package that ``node_program`` installed."""
    described = (folder / "node_modules" / package / "package.json").read_text("utf-8")
    return str(json.loads(described)["version"])


def python_of(folder: Path) -> Path:
    """Install a folder's requirements.txt; return an interpreter with only these packages.

    Raises:
        Unavailable: a package cannot be installed.
    """
    requirements = folder / "requirements.txt"
    place = folder / ".venv"
    mark = place / ".installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    python = place / "bin" / "python"
    if mark.is_file() and mark.read_text() == wanted:
        return python
    sys.stderr.write(f"installing the packages of {folder.name} (once)\n")
    venv.create(place, clear=True, with_pip=True)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--requirement")
    command = [str(python), "-m", "pip", "install", *options, str(requirements)]
    # The constraints of this project do not apply to other tools.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip().splitlines() or ["pip gave no reason"]
        raise Unavailable(f"its packages could not be installed: {output[-1][:300]}")
    mark.write_text(wanted)
    return python
