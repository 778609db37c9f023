"""docs/architecture.md names every module, and none that does not exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from support.repository import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CATALOGUES = ("reference/clients/", "reference/faults/", "reference/variations/")
"""Folders that the tree names without their modules."""


def drawn() -> Iterator[tuple[str, str]]:
    """Yield the path of each entry of the tree below ``conformance/``, and what it says of it."""
    (tree,) = re.findall(r"^```text\nconformance/\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    folders: list[str] = []
    for line in tree.splitlines():
        match = re.fullmatch(r"((?:│   |    )*)[├└]── (\S+)(?: +(\S.*))?", line)
        assert match is not None, line
        depth = len(match[1]) // 4
        folders[depth:] = [match[2]]
        yield "".join(folders), match[3] or ""


def existing() -> set[str]:
    """Return the modules of the package, without ``__init__.py`` of the rooms."""
    package = ROOT / "conformance"
    paths = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    return {
        path
        for path in paths
        if not path.startswith(CATALOGUES) and not path.endswith("/__init__.py")
    }


def test_the_tree_has_every_module() -> None:
    entries = [path for path, _ in drawn()]
    assert len(entries) == len(set(entries))
    assert {path for path in entries if path.endswith(".py")} == existing()
    assert all((ROOT / "conformance" / path).exists() for path in entries)


def test_the_tree_says_what_each_module_is_for() -> None:
    assert [path for path, job in drawn() if path.endswith(".py") and not job] == []


def test_the_layers_are_those_that_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (checked,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    layers = [set(layer.split(" | ")) for layer in checked]
    rows = re.findall(r"^\| +(\d+) \| ([^|]+) \|", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(len(layers) - 1, -1, -1))
    assert [set(re.findall(r"`(\w+)`", rooms)) for _, rooms in rows] == layers


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "CONTRIBUTING.md", "SECURITY.md"),
        *("docs/architecture.md", "docs/cli.md", "docs/method.md", "docs/safety.md"),
    ],
)
def test_files_that_documents_name_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    rooms = {path.name for path in (ROOT / "conformance").iterdir() if path.is_dir()}
    for file in re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", text):
        top = PurePosixPath(file).parts[0]
        if "NAME" in file:
            continue  # It stands for a file that is to be written.
        if top in folders:
            assert (ROOT / file).exists(), file
        elif top in rooms:
            assert (ROOT / "conformance" / file).exists(), file
