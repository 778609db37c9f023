"""Install the node packages of a folder by its lock file, and run one of their programs.

    python tools/node_tools.py FOLDER [PROGRAM [ARGUMENT ...]]

FOLDER, such as tools/node/browser, contains package.json and package-lock.json. The exit code is
that of the program, or 2 with a message if node is missing or the packages cannot be installed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.publishing import npm
from conformance.publishing.npm import NodeError, program

__all__ = ["NodeError", "installed", "main", "program"]


def main(words: list[str]) -> int:
    """Install the packages, run the program, and return the exit code."""
    if not words or words[0].startswith("-"):
        _tell("usage: python tools/node_tools.py FOLDER [PROGRAM [ARGUMENT ...]]")
        return 2
    try:
        folder = installed(Path(words[0]))
        if len(words) == 1:
            return 0
        command = program(folder, words[1])
    except NodeError as error:
        _tell(str(error))
        return 2
    # The program comes from a lock file of this project.
    return subprocess.run([*command, *words[2:]], check=False).returncode  # noqa: S603 - see above


def installed(folder: Path) -> Path:
    """Install the packages of a folder if necessary; return the absolute folder.

    Raises:
        NodeError: node is missing, there is no lock file, or a package cannot be installed.
    """
    return npm.installed(folder, _tell)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"node_tools: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
