"""openapi-typescript and openapi-fetch: the types are strict, and a program lists providers.

The types are generated with the TypeScript that the generator supports, and compiled by that one
and by the newest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from node_tools import program
from support.processes.outside import run
from support.processes.type_errors import given, promised
from support.servers.clients import Reference

PROGRAMS = Path(__file__).with_name("programs")
COMPILERS = ("typescript", "typescript7")


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    packaged: Callable[..., list[str]],
    node_folder: Path,
) -> Path:
    """Generate the types, beside the programs that use them."""
    made = tmp_path_factory.mktemp("typescript")
    done = run(packaged("openapi-typescript"), cwd=made)
    assert done.code == 0, done.out + done.err
    assert "warn" not in (done.out + done.err).lower(), done.out + done.err
    for file in ("listing.ts", "wrong.ts", "tsconfig.json"):
        shutil.copy(PROGRAMS / file, made)
    (made / "package.json").write_text('{"type": "module"}')
    (made / "node_modules").symlink_to(node_folder / "node_modules")
    return made


def test_the_generator_still_needs_an_older_compiler(node_folder: Path) -> None:
    # docs/interop.md says so; when it does not any more, there is one compiler less to install.
    package = node_folder / "node_modules" / "openapi-typescript" / "package.json"
    assert json.loads(package.read_text("utf-8"))["peerDependencies"] == {"typescript": "^5.x"}


def compiler(node_folder: Path, package: str) -> list[str]:
    """Return the words that start the compiler of a package."""
    node, _ = program(node_folder, "tsc")
    return [node, str(node_folder / "node_modules" / package / "bin" / "tsc")]


@pytest.mark.parametrize("package", COMPILERS)
def test_it_compiles_and_lists_what_the_server_holds(
    folder: Path, node_folder: Path, reference: Reference, package: str
) -> None:
    tsc = compiler(node_folder, package)
    compiled = run([*tsc, "--project", ".", "--outDir", package], cwd=folder)
    assert compiled.code == 0, compiled.out
    done = run([tsc[0], f"{package}/listing.js"], cwd=folder, env=reference.variables)
    assert done.err == ""
    assert done.out.splitlines() == reference.expected()


@pytest.mark.parametrize("package", COMPILERS)
def test_what_the_contract_does_not_know_does_not_compile(
    folder: Path, node_folder: Path, package: str
) -> None:
    project = folder / f"{package}.json"
    project.write_text(json.dumps({"extends": "./tsconfig.json", "files": ["wrong.ts"]}))
    done = run([*compiler(node_folder, package), "--noEmit", "--project", project.name], cwd=folder)
    assert given(done.out, r"^wrong\.ts\((\d+),\d+\): error (TS\d+)") == promised(
        folder / "wrong.ts"
    )
