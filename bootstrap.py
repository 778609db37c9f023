"""Run an environment of tox.ini on a machine that has only Python 3.11 and git.

    python3 bootstrap.py conformance [arguments of `conductor-conformance run`]
    python3 bootstrap.py tests [arguments of pytest]

The script installs tox into .bootstrap beside this file, so the system's Python and the user's
packages stay unchanged. It uses only the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".bootstrap"
CONSTRAINTS = ROOT / "constraints.txt"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Install tox if necessary, run it, and return its exit code."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, OLDEST))
        return _refuse(f"Python {version} or newer is needed; this is {sys.version.split()[0]}")
    if not arguments or arguments[0].startswith("-"):
        return _refuse("usage: python3 bootstrap.py ENVIRONMENT [ARGUMENT ...]; see tox.ini")
    environment, *rest = arguments
    problem = _prepare()
    if problem is not None:
        return _refuse(problem)
    command: list[str | Path] = [
        _python(),
        "-m",
        "tox",
        "run",
        "-q",
        "-c",
        ROOT / "tox.ini",
        "-e",
        environment,
    ]
    if rest:
        command += ["--", *rest]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own command
    except KeyboardInterrupt:
        return 130


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"bootstrap: {sentence}\n")
    return 2


def _python() -> Path:
    windows = HOME / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else HOME / "bin" / "python"


def _prepare() -> str | None:
    """Create the environment for tox unless it is up to date; return an error message, if any."""
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + sys.version.encode()).hexdigest()
    mark = HOME / "installed"
    if mark.is_file() and mark.read_text() == wanted:
        return None
    with_pip = importlib.util.find_spec("ensurepip") is not None
    if not with_pip and importlib.util.find_spec("pip") is None:
        return "Python has neither ensurepip nor pip; on Debian: apt-get install python3-venv"
    sys.stderr.write("bootstrap: installing tox into .bootstrap (once)\n")
    venv.create(HOME, clear=True, with_pip=with_pip)
    # Debian ships ensurepip separately; an installed pip can fill the environment as well.
    alone: list[str | Path] = [_python(), "-m", "pip"]
    outside: list[str | Path] = [sys.executable, "-m", "pip", "--python", _python()]
    pip = alone if with_pip else outside
    install: list[str | Path] = [
        *pip,
        "install",
        "-q",
        "--disable-pip-version-check",
        "-c",
        CONSTRAINTS,
        "tox",
    ]
    if subprocess.run(install, check=False).returncode != 0:  # noqa: S603 - our own command
        return "tox could not be installed; see pip's message above"
    mark.write_text(wanted)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
