"""What the documents say of the command is what the command does."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import __version__
from conformance.cli.main import cli
from conformance.contract.loader import load

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def _tox() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini", encoding="utf-8")
    return parser


def test_readme_shows_every_option_of_run() -> None:
    for parameter in cli.commands["run"].params:
        for option in parameter.opts:
            if option.startswith("--"):
                assert f"{option}" in README, option


def test_readme_names_no_option_that_does_not_exist() -> None:
    known = {
        option for command in cli.commands.values() for p in command.params for option in p.opts
    }
    known |= {"--pyargs", "--conductor-url", "--help", "--conductor-", "--catalogue"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) <= known


def test_readmes_commands_name_environments_of_tox() -> None:
    environments = re.findall(r"^    python3 bootstrap\.py (\S+)", README, re.MULTILINE)
    assert environments[:2] == ["conformance", "tests"]
    known = {name.partition(":")[2] for name in _tox().sections() if name.startswith("testenv:")}
    assert {name for listed in environments for name in listed.split(",")} <= known


def test_ci_runs_readmes_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    pattern = re.search(r"sed -n '(s/.*?/p)' README\.md", script)
    assert pattern is not None
    found = subprocess.run(
        ["sed", "-n", pattern.group(1), str(ROOT / "README.md")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[:2] == [
        "python3 bootstrap.py conformance",
        "python3 bootstrap.py tests",
    ]


def test_readme_links_lead_somewhere() -> None:
    for document in (README, (ROOT / "spec" / "README.md").read_text("utf-8")):
        base = ROOT if document is README else ROOT / "spec"
        for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", document):
            assert (base / target).exists(), target


def test_the_changelogs_know_the_versions() -> None:
    assert f"## {__version__}" in CHANGELOG
    contract_changes = (ROOT / "spec" / "CHANGELOG.md").read_text("utf-8")
    assert f"## {load().version}" in contract_changes
    assert f"{len(load().requirements)} requirements" in CHANGELOG
    assert f"{len(load().requirements)} requirements" in contract_changes


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+-]+", pin) for pin in pins)
    names = [re.split(r"==", pin)[0].lower().replace("_", "-") for pin in pins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_bootstrap_says_how_it_is_used(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bootstrap.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("bootstrap: usage: python3 bootstrap.py ENVIRONMENT")
