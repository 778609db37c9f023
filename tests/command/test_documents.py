"""What the documents say of the command is what the command does."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from support.processes.command import call
from support.repository import ROOT

from conformance import __version__
from conformance.cli.main import cli
from conformance.contract.loader import load
from conformance.reference import EmbeddedServer
from conformance.reference.faults import FAULTS

README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
WRITTEN = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md", "docs/cli.md"),
    *("docs/method.md", "docs/safety.md", "docs/architecture.md"),
)
OTHERS = {"--pyargs", "--catalogue", "--help", "--strict", "--version"}
"""Options of other programs."""


def _tox() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini", encoding="utf-8")
    return parser


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_badges_are_true() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    badges = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs" / "badges").iterdir()}
    assert all(f"](docs/badges/{name}.svg)" in README for name in badges)
    python = project["project"]["requires-python"].removeprefix(">=")
    assert f">{python} or newer<" in badges["python"]
    assert f">{project['project']['license']}<" in badges["licence"]
    assert project["tool"]["mypy"]["strict"]
    assert ">mypy --strict<" in badges["typed"]


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_name_no_option_that_does_not_exist(name: str) -> None:
    known = {
        option
        for command in cli.commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    text = (ROOT / name).read_text("utf-8")
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    # The options for pytest have a test of their own.
    assert {one for one in found if not one.startswith("--conductor-")} <= known | OTHERS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_commands_name_environments_of_tox(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    environments = re.findall(r"^    python3 bootstrap\.py (\S+)", text, re.MULTILINE)
    assert environments
    known = {name.partition(":")[2] for name in _tox().sections() if name.startswith("testenv:")}
    assert {name for listed in environments for name in listed.split(",")} <= known


def test_readme_compares_with_the_figures_that_were_taken() -> None:
    taken = {
        row["tool"]: row for row in _rows((ROOT / "docs" / "comparison.md").read_text("utf-8"))
    }
    shown = _rows(README)
    assert len(shown) == 4
    for row in shown:
        assert row == {column: taken[row["tool"]][column] for column in row}


def _rows(text: str) -> list[dict[str, str]]:
    """Return the rows of the first table that begins with a column for tools."""
    (table,) = re.findall(r"^\| tool \|.*(?:\n\|.*)+", text, re.MULTILINE)[:1]
    head, _, *rows = (
        [cell.strip() for cell in line[1:-1].split("|")] for line in table.split("\n")
    )
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_terminal_report_of_the_page_is_what_the_command_prints(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    (shown,) = re.findall(
        r"^    (conductor-conformance \d.*?)\n\nThis is the output for .*?\n"
        r"\(`serve --fault (\S+)`\)",
        page,
        re.MULTILINE | re.DOTALL,
    )
    (fault,) = (fault for fault in FAULTS if fault.name == shown[1])
    server = fault.make()
    with EmbeddedServer(server) as embedded:
        credential = {"CONDUCTOR_AUTH_TOKEN": server.issue_token()}
        words = ("run", embedded.url, "--profile", "quick")
        result = call(*words, cwd=tmp_path, env=credential)
    assert result.code == 1
    assert _lasting(result.out) == _lasting(textwrap.dedent(f"    {shown[0]}"))


def _lasting(report: str) -> list[str]:
    """Return the lines of a report without what differs from run to run, and by profile."""
    text = re.sub(r"(127\.0\.0\.1):\d+", r"\1", report.strip())
    text = re.sub(r"\d+ requests \(limit [\d,]+\) in [\d.]+ s", "", text)
    return re.sub(r"profile \w+, seed \d+, run \w+", "", text).splitlines()


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
    assert f"the {len(load().requirements)} requirements" in README
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
