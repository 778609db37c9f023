"""Tools that people point at the contract, a reference server to try them on, and their commands.

The tools are installed by `tox -e interop` alone, and there these tests may not be skipped. The
commands are those of docs/interop.md, so that what is tested is what people paste.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_tools import installed, program
from support.processes.outside import run
from support.repository import ROOT
from support.servers.clients import Reference, served


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """Install what the lock file names, and return the folder that it is in."""
    return installed(ROOT / "tools" / "node" / "interop")


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    """Run the reference server."""
    with served() as running:
        yield running


@pytest.fixture(scope="session")
def documented() -> Callable[[str], list[str]]:
    """Return the words of the command in docs/interop.md that begins so, with our own files."""
    lines = (ROOT / "docs" / "interop.md").read_text("utf-8").splitlines()

    def command(beginning: str) -> list[str]:
        (line,) = [line for line in lines if line.startswith(f"    {beginning} ")]
        words = shlex.split(line)
        return [str(ROOT / word) if (ROOT / word).is_file() else word for word in words]

    return command


@pytest.fixture(scope="session")
def packaged(documented: Callable[[str], list[str]], node_folder: Path) -> Callable[..., list[str]]:
    """Return a documented command of a node package, on a free port, with words replaced."""

    def command(beginning: str, **replaced: str) -> list[str]:
        _npx, name, *rest = documented(f"npx {beginning}")
        known = {"4010": "0", "http://127.0.0.1:8080": replaced.get("upstream", "")}
        return [*program(node_folder, name), *(known.get(word, word) for word in rest)]

    return command


def _generated(folder: Path, command: list[str]) -> Path:
    done = run(command, cwd=folder)
    assert done.code == 0, done.out + done.err
    # Where a generator leaves something out it says so, and succeeds all the same.
    assert "warn" not in (done.out + done.err).lower(), done.out + done.err
    return folder


@pytest.fixture(scope="session")
def python_client(
    tmp_path_factory: pytest.TempPathFactory, documented: Callable[[str], list[str]]
) -> Path:
    """Generate the documented Python client, and return the folder that it is in."""
    command = documented("openapi-python-client generate")
    return _generated(tmp_path_factory.mktemp("python"), command)


@pytest.fixture(scope="session")
def typescript_client(
    tmp_path_factory: pytest.TempPathFactory,
    packaged: Callable[..., list[str]],
    node_folder: Path,
) -> Path:
    """Generate the documented types, beside the packages that programs import."""
    folder = _generated(tmp_path_factory.mktemp("typescript"), packaged("openapi-typescript"))
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(node_folder / "node_modules")
    return folder
