"""The released versions of the contract, kept as they were released."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from released import Version

from conformance.contract.loader import REQUIREMENTS, default_path, load
from conformance.core.yaml_document import read_yaml

FOLDER = default_path().parent / "versions"
FILES = sorted(FOLDER.glob("*[0-9].yaml"))
BESIDE = sorted(set(FOLDER.iterdir()) - set(FILES))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_named_by_its_version(file: Path) -> None:
    assert file.name == f"{read_yaml(file.read_bytes())['info']['version']}.yaml"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_released_version_can_be_loaded(file: Path) -> None:
    assert load(file).version == file.stem


def test_requirements_stand_beside_their_version() -> None:
    assert {file.name for file in BESIDE} <= {f"{file.stem}.{REQUIREMENTS}" for file in FILES}


def test_a_released_version_is_not_edited() -> None:
    current = load()
    released = FOLDER / f"{current.version}.yaml"
    if released.exists():
        assert load(released) == current, (
            f"{released.name} is released: raise the version of the contract instead"
        )


def test_the_changelog_tells_of_every_version() -> None:
    changelog = (FOLDER.parent / "CHANGELOG.md").read_text("utf-8")
    told = re.findall(r"^## (\d+\.\d+\.\d+)$", changelog, re.MULTILINE)
    current = read_yaml(default_path().read_bytes())["info"]["version"]
    assert set(told) == {current, *(file.stem for file in FILES)}
    assert told == sorted(told, key=Version.parse, reverse=True)
