"""What the documents say of the command is what the command does."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import click
import pytest
from support.processes.command import run
from support.repository import ROOT

from conformance import __version__
from conformance.cli.main import cli
from conformance.contract.loader import load
from conformance.reference import EmbeddedServer
from conformance.reference.faults import FAULTS

CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
WRITTEN = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md", "docs/cli.md"),
    *("docs/method.md", "docs/safety.md", "docs/architecture.md"),
)
OTHERS = {
    *("--pyargs", "--markers", "--collect-only", "--catalogue", "--help", "--strict", "--version"),
    *("--hypothesis-profile", "--write"),
}
"""Options of other programs."""


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_name_no_option_that_does_not_exist(name: str) -> None:
    groups = [one for one in cli.commands.values() if isinstance(one, click.Group)]
    within = [command for group in groups for command in group.commands.values()]
    known = {
        option
        for command in (*cli.commands.values(), *within)
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
    tox = (ROOT / "tox.ini").read_text("utf-8")
    known = {*re.findall(r"^\[testenv:(\S+)\]", tox, re.MULTILINE)}
    assert {name for listed in environments for name in listed.split(",")} <= known


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
        credential = {
            "CONDUCTOR_AUTH_TOKEN": server.issue_token(),
            "CONDUCTOR_EXPIRED_TOKEN": server.issue_token(expired=True),
        }
        words = ("run", embedded.url, "--profile", "quick")
        result = run(*words, cwd=tmp_path, env=credential)
    assert result.code == 1
    assert _lasting(result.out) == _lasting(textwrap.dedent(f"    {shown[0]}"))


def _lasting(report: str) -> list[str]:
    """Return the lines of a report without what differs from run to run, and by profile."""
    text = re.sub(r"(127\.0\.0\.1):\d+", r"\1", report.strip())
    text = re.sub(r"\d+ requests \(limit [\d,]+\) in [\d.]+ s", "", text)
    text = re.sub(r"in all \d+ responses", "in all responses", text)
    return re.sub(r"profile \w+, seed \d+, run \w+", "", text).splitlines()


def test_the_changelogs_know_the_versions() -> None:
    assert f"## {__version__}" in CHANGELOG
    contract_changes = (ROOT / "spec" / "CHANGELOG.md").read_text("utf-8")
    assert f"## {load().version}" in contract_changes
    assert f"{len(load().requirements)} requirements" in contract_changes


def test_bootstrap_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bootstrap.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("bootstrap: usage: python3 bootstrap.py ENVIRONMENT")
