"""How the released versions of the contract are found: as files, and as tags."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from released import NothingReleased, Version, last_release, release


def test_a_tag_is_a_release_where_its_file_is_missing(tmp_path: Path) -> None:
    contract = tmp_path / "spec" / "openapi.yaml"
    (tmp_path / "spec" / "versions").mkdir(parents=True)
    older = tmp_path / "spec" / "versions" / "1.2.3.yaml"
    older.write_text("the older", "utf-8")
    rules = tmp_path / "spec" / "requirements.yaml"
    rules.write_text("the tagged rules", "utf-8")
    contract.write_text("the tagged", "utf-8")
    author = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    for words in (
        ("init", "-q"),
        ("add", "."),
        (*author, "commit", "-q", "-m", "Release"),
        *(("tag", tag) for tag in ("contract-v1.10.0", "contract-v0.9.0", "v9.9.9")),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    contract.write_text("the draft", "utf-8")
    found = last_release(tmp_path)
    assert (str(found.version), found.name) == ("1.10.0", "contract-v1.10.0:spec/openapi.yaml")
    assert (found.raw, found.rules) == (b"the tagged", b"the tagged rules")
    found = release(tmp_path, Version(1, 2, 3))
    assert (found.raw, found.rules) == (b"the older", b"")
    older.with_name("1.2.3.requirements.yaml").write_text("the older rules", "utf-8")
    assert release(tmp_path, Version(1, 2, 3)).rules == b"the older rules"


def test_where_nothing_is_released_a_file_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NothingReleased, match="name the file to compare with"):
        last_release(tmp_path)
