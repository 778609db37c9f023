"""The command `spec-diff`: what it compares, what it shows, and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from released import NothingReleased, last_release
from spec_changes import Bump, Change, Version, demanded
from spec_diff import ROOT, main
from support.canned.contracts import document
from support.canned.edits import CATEGORY, FIRST, MEMBERS, Step, stepped

NEWEST = max(Version.parse(file.stem) for file in (ROOT / "spec" / "versions").glob("*.yaml"))


def written(path: Path, version: str, *steps: Step) -> Path:
    """Write the shipped contract as of a version, after some steps, to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = stepped(document(), ((("info", "version"), version), *steps))
    # JSON is YAML.
    path.write_text(json.dumps(whole), "utf-8")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout in which 1.2.3 is the last released version, and the contract is like it."""
    written(tmp_path / "spec" / "versions" / "1.2.3.yaml", "1.2.3")
    written(tmp_path / "spec" / "versions" / "0.9.0.yaml", "0.9.0", (FIRST, _requirement()))
    written(tmp_path / "spec" / "openapi.yaml", "1.2.3")
    return tmp_path


def _requirement() -> dict[str, Any]:
    return {"id": "HTTP-99", "level": "MAY", "statement": "So.", "source": "x", "evidence": {}}


NARROWER: Step = ((*MEMBERS, "name", "maxLength"), 9)
SUPPORTED: Step = ((*CATEGORY, "schema", "enum"), lambda some: [*some, "SEARCH"])
WORDS: Step = ((*CATEGORY, "description"), "Which.")
STATED: Step = ((*FIRST, "statement"), "It is so.")


@pytest.mark.parametrize(
    ("version", "steps", "code", "verdict"),
    [
        ("1.2.3", (), 0, "UNCHANGED"),
        ("1.2.4", (), 0, "UNCHANGED"),
        ("1.2.2", (), 1, "TOO LOW"),
        ("1.2.3", (WORDS,), 1, "TOO LOW"),
        ("1.2.4", (WORDS,), 0, "HIGH ENOUGH"),
        ("1.2.4", (WORDS, SUPPORTED), 1, "TOO LOW"),
        ("1.3.0", (WORDS, SUPPORTED), 0, "HIGH ENOUGH"),
        ("1.3.0", (SUPPORTED, NARROWER), 1, "TOO LOW"),
        ("2.0.0", (SUPPORTED, NARROWER), 0, "HIGH ENOUGH"),
        ("3.1.0", (WORDS,), 0, "HIGH ENOUGH"),
    ],
)
def test_the_version_has_to_say_what_changed(
    checkout: Path,
    capsys: pytest.CaptureFixture[str],
    version: str,
    steps: tuple[Step, ...],
    code: int,
    verdict: str,
) -> None:
    written(checkout / "spec" / "openapi.yaml", version, *steps)
    assert main([], checkout) == code
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith(f"1.2.3 (spec/versions/1.2.3.yaml) → {version} (spec/openapi.yaml)")
    assert f"\n{verdict}  " in shown.out


def test_a_change_is_a_row_of_a_table(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(checkout / "spec" / "openapi.yaml", "2.0.0", NARROWER, SUPPORTED)
    assert main([], checkout) == 0
    rows = [re.split(r" {2,}", row.strip()) for row in capsys.readouterr().out.splitlines()]
    assert ["what", "where", "breaks", "bump"] in rows
    assert ["maxLength-narrowed: 9", "schema Provider, field name", "servers", "major"] in rows
    (added,) = (row for row in rows if row[0].startswith("enum-widened"))
    assert added[-2:] == ["nobody", "minor"]


def test_json(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(checkout / "spec" / "openapi.yaml", "1.3.0", NARROWER)
    assert main(["--json"], checkout) == 1
    assert json.loads(capsys.readouterr().out) == {
        "old": {"name": "spec/versions/1.2.3.yaml", "version": "1.2.3"},
        "new": {"name": "spec/openapi.yaml", "version": "1.3.0"},
        "demanded": "2.0.0",
        "enough": False,
        "changes": [
            {
                "rule": "maxLength-narrowed",
                "place": "schema Provider, field name",
                "what": "9",
                "breaks": ["servers"],
                "bump": "major",
            }
        ],
    }


def test_files_and_released_versions_can_be_named(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = str(written(checkout / "new.yaml", "2.0.0", NARROWER))
    assert main(["0.9.0"], checkout) == 0
    assert main(["1.2.3", new], checkout) == 0
    assert main([new, str(checkout / "spec" / "openapi.yaml")], checkout) == 1
    assert "TOO LOW" in capsys.readouterr().out


def test_somebody_can_vouch_for_words(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(checkout / "spec" / "openapi.yaml", "1.2.4", STATED)
    assert main([], checkout) == 1
    assert main(["--same-meaning", "HTTP-01"], checkout) == 0
    assert main(["--same-meaning", "HTTP-02"], checkout) == 2
    assert "HTTP-02: its statement did not change" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML: line 2, column 1"),
        ("a: 1", "not an OpenAPI document"),
        ("[]", "not an OpenAPI document"),
        ("openapi: 3.1.0", "not valid OpenAPI"),
        ("openapi: 3.1.0\ninfo: {title: A, version: 1.2.3}", "not valid OpenAPI"),
        ("openapi: 3.1.0\ninfo: {title: A, version: '1.2'}\npaths: {}", "info.version"),
        ("openapi: 3.1.0\ninfo: {title: A, version: 1.2.3-rc1}\npaths: {}", "info.version"),
        (
            "openapi: 3.1.0\ninfo: {title: A, version: 1.2.3}\npaths: {}\nx-requirements: [1]",
            "cannot be compared: x-requirements",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    checkout: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (checkout / "spec" / "openapi.yaml").write_text(text, "utf-8")
    assert main([], checkout) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"spec-diff: spec/openapi\.yaml .+\n", shown.err)
    assert said in shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.yaml"], "there is no file 'nowhere.yaml'"),
        (["1.0.0"], "1.0.0 is not released; released are 0.9.0, 1.2.3"),
        (["1.2.3", "nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_what_is_not_there_is_told(
    checkout: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words, checkout) == 2
    assert said in capsys.readouterr().err


def test_where_nothing_is_released_a_file_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], tmp_path) == 2
    assert "name the file to compare with" in capsys.readouterr().err
    with pytest.raises(NothingReleased):
        last_release(tmp_path)


def test_a_tag_is_a_release_where_its_file_is_missing(checkout: Path) -> None:
    written(checkout / "spec" / "openapi.yaml", "1.4.0", WORDS)
    author = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    for words in (
        ("init", "-q"),
        ("add", "."),
        (*author, "commit", "-q", "-m", "Release"),
        ("tag", "contract-v1.4.0"),
        ("tag", "contract-v0.9.0"),
        ("tag", "v9.9.9"),
    ):
        subprocess.run(["git", "-C", str(checkout), *words], check=True)
    written(checkout / "spec" / "openapi.yaml", "1.5.0", WORDS, SUPPORTED)
    found = last_release(checkout)
    assert (str(found.version), found.name) == ("1.4.0", "contract-v1.4.0:spec/openapi.yaml")
    assert b"Which." in found.raw
    assert b"SEARCH" not in found.raw
    assert main([], checkout) == 0
    assert main(["0.9.0"], checkout) == 0


@pytest.mark.parametrize(
    ("version", "bump", "needed"),
    [
        ("1.2.3", Bump.PATCH, "1.2.4"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.2.3", Bump.MAJOR, "2.0.0"),
        ("0.2.1", Bump.PATCH, "0.2.2"),
        ("0.2.1", Bump.MINOR, "0.3.0"),
        ("0.2.1", Bump.MAJOR, "0.3.0"),
    ],
)
def test_the_gravest_change_decides(version: str, bump: Bump, needed: str) -> None:
    patch = Change("a", "b", "", frozenset(), Bump.PATCH)
    gravest = Change("a", "b", "", frozenset(), bump)
    assert demanded(Version.parse(version), [patch, gravest, patch]) == Version.parse(needed)


def test_the_version_of_the_checkout_says_what_changed() -> None:
    command = [sys.executable, str(ROOT / "tools" / "spec_diff.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{NEWEST} (spec/versions/{NEWEST}.yaml) → " in done.stdout


def test_the_changelog_tells_of_every_version() -> None:
    told = re.findall(
        r"^## (\d+\.\d+\.\d+)$", (ROOT / "spec" / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    released = {file.stem for file in (ROOT / "spec" / "versions").glob("*.yaml")}
    assert set(told) == released | {document()["info"]["version"]}
    assert told == sorted(told, key=Version.parse, reverse=True)
