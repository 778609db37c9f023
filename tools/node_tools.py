"""Install the node packages of a folder as its lock file says, and run one of their programs.

    python tools/node_tools.py FOLDER [PROGRAM [ARGUMENT ...]]

FOLDER, such as tools/node/browser, holds package.json and package-lock.json. Exit codes: that of
the program; 2 where node is missing or the packages cannot be installed, with one sentence.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.publishing import npm
from conformance.publishing.npm import NodeError, program

__all__ = ["NodeError", "installed", "main", "program"]


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


def installed(folder: Path) -> Path:
    """Make sure that the packages of a folder are installed; return the folder, absolute.

    Raises:
        NodeError: node is missing, there is no lock file, or a package cannot be had.
    """
    return npm.installed(folder, _tell)


def _refuse(sentence: str) -> int:
    _tell(sentence)
    return 2


def _tell(sentence: str) -> None:
    sys.stderr.write(f"node_tools: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
