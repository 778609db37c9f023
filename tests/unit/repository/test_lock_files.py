"""Every lock file of node packages pins what its package.json names, and names no host."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.repository import ROOT

LOCKS = sorted(
    lock
    for folder in ("tools/node", "benchmarks/tools", "conformance/publishing")
    for lock in (ROOT / folder).rglob("package-lock.json")
    if "node_modules" not in lock.parts
)


def test_there_are_lock_files() -> None:
    assert len(LOCKS) >= 5


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_file_pins_and_names_no_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    packages = json.loads(text)["packages"]
    wanted = json.loads((lock.parent / "package.json").read_text("utf-8"))["dependencies"]
    # A second version of a package goes by another name.
    assert all(re.fullmatch(r"(npm:.+@)?\d+\.\d+\.\d+", one) for one in wanted.values())
    assert packages[""]["dependencies"] == wanted
    for place, package in packages.items():
        assert not place or package.get("inBundle") or package["integrity"], place
    assert "://" not in text
