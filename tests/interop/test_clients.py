"""Generated clients for Python and TypeScript are strict in their types, and list providers."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from node_tools import program
from support.processes.outside import run
from support.servers.clients import Reference

from conformance.contract.loader import load
from conformance.contract.model import Operator

CATEGORIES = next(one.supported for one in load().filters if one.operator is Operator.EQUALS)
PROGRAMS = Path(__file__).with_name("programs")
MYPY = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--show-error-codes")
COMPILERS = ("typescript", "typescript7")
"""What the generator of types supports, and the newest."""


def promised(program: Path) -> dict[int, set[str]]:
    """Return the codes that a program names at the ends of its lines, by the line's number."""
    lines = enumerate(program.read_text("utf-8").splitlines(), 1)
    found = ((at, re.search(r"\S.*(?://|  #) ([A-Za-z0-9 -]+)$", line)) for at, line in lines)
    return {number: set(codes[1].split()) for number, codes in found if codes is not None}


def given(output: str, pattern: str) -> dict[int, set[str]]:
    """Return the codes of a checker's output; the pattern's groups are line and code."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, code in re.findall(pattern, output, re.MULTILINE):
        found[int(number)].add(code)
    return dict(found)


def with_programs(folder: Path, *files: str) -> Path:
    """Copy the programs that use a generated client into its folder."""
    for file in files:
        shutil.copy(PROGRAMS / file, folder)
    return folder


def names(folder: Path, pattern: str) -> set[str]:
    """Return the words of the generated files."""
    files = [file.read_text("utf-8") for file in folder.glob(pattern)]
    assert files
    return set(re.findall(r"\w+", "\n".join(files)))


def has_categories_and_no_models(words: set[str]) -> None:
    """Require the seven categories, and no type for models, which a list does not have."""
    assert set(CATEGORIES) <= words
    assert not {"ModelDetails", "apis"} & words


# ------------------------------------------------------------------- openapi-python-client


@pytest.fixture(scope="module")
def python(python_client: Path) -> Path:
    return with_programs(python_client, "listing.py", "wrong.py")


def test_mypy_accepts_the_client_and_what_the_contract_knows(python: Path) -> None:
    done = run([*MYPY, "conductor_client", "listing.py"], cwd=python)
    assert done.code == 0, done.out + done.err
    wrong = run([*MYPY, "wrong.py"], cwd=python)
    codes = given(wrong.out, r"^wrong\.py:(\d+): error: .*\[([a-z-]+)\]$")
    assert codes == promised(python / "wrong.py")


def test_python_knows_the_categories_and_no_models(python: Path) -> None:
    has_categories_and_no_models(names(python, "conductor_client/**/*.py"))
    (enumeration,) = python.glob("conductor_client/models/*category.py")
    values = re.findall(r' = "(.*)"$', enumeration.read_text("utf-8"), re.M)
    assert sorted(values) == sorted(CATEGORIES)
    (api,) = python.glob("conductor_client/api/integrations/get*.py")
    assert "category: GetAllIntegrationProvidersSupportedCategory | str | Unset" in api.read_text()


def test_python_lists_what_the_server_holds(python: Path, reference: Reference) -> None:
    done = run([sys.executable, "listing.py"], cwd=python, env=reference.variables)
    assert done.err == ""
    assert done.out.splitlines() == reference.expected()


# --------------------------------------------------------- openapi-typescript, openapi-fetch


@pytest.fixture(scope="module")
def typescript(typescript_client: Path) -> Path:
    return with_programs(typescript_client, "listing.ts", "wrong.ts", "tsconfig.json")


def test_typescript_knows_the_categories_and_no_models(typescript: Path) -> None:
    has_categories_and_no_models(names(typescript, "contract.d.ts"))
    types = (typescript / "contract.d.ts").read_text("utf-8")
    seven = " | ".join(f'"{one}"' for one in CATEGORIES)
    assert f"Category: ({seven}) | string;" in types


@pytest.mark.parametrize("package", COMPILERS)
def test_typescript_lists_what_the_server_holds_and_knows_the_contract(
    typescript: Path, node_folder: Path, reference: Reference, package: str
) -> None:
    node, _ = program(node_folder, "tsc")
    tsc = [node, str(node_folder / "node_modules" / package / "bin" / "tsc")]
    compiled = run([*tsc, "--project", ".", "--outDir", package], cwd=typescript)
    assert compiled.code == 0, compiled.out
    done = run([node, f"{package}/listing.js"], cwd=typescript, env=reference.variables)
    assert done.err == ""
    assert done.out.splitlines() == reference.expected()
    project = typescript / f"{package}.json"
    project.write_text(json.dumps({"extends": "./tsconfig.json", "files": ["wrong.ts"]}))
    wrong = run([*tsc, "--noEmit", "--project", project.name], cwd=typescript)
    codes = given(wrong.out, r"^wrong\.ts\((\d+),\d+\): error (TS\d+)")
    assert codes == promised(typescript / "wrong.ts")
