"""openapi-python-client: the client it generates is strict in its types, and lists providers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.processes.outside import run
from support.processes.type_errors import given, promised
from support.servers.clients import Reference

PROGRAMS = Path(__file__).with_name("programs")
MYPY = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--show-error-codes")


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, documented: Callable[[str], list[str]]
) -> Path:
    """Generate the client, beside the programs that use it."""
    made = tmp_path_factory.mktemp("python")
    done = run(documented("openapi-python-client generate"), cwd=made)
    assert done.code == 0, done.out + done.err
    # Where it leaves something out it says so, and succeeds all the same.
    assert "arning" not in done.out + done.err, done.out + done.err
    for program in ("listing.py", "wrong.py"):
        shutil.copy(PROGRAMS / program, made)
    return made


def test_the_client_and_a_program_pass_strict_types(folder: Path) -> None:
    done = run([*MYPY, "conductor_client", "listing.py"], cwd=folder)
    assert done.code == 0, done.out + done.err


def test_what_the_contract_does_not_know_does_not_pass(folder: Path) -> None:
    done = run([*MYPY, "wrong.py"], cwd=folder)
    assert given(done.out, r"^wrong\.py:(\d+): error: .*\[([a-z-]+)\]$") == promised(
        folder / "wrong.py"
    )


def test_it_lists_what_the_server_holds(folder: Path, reference: Reference) -> None:
    done = run([sys.executable, "listing.py"], cwd=folder, env=reference.variables)
    assert done.err == ""
    assert done.out.splitlines() == reference.expected()
