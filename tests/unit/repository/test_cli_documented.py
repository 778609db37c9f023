"""docs/cli.md lists every command and option, with its default, and none that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from support.repository import ROOT

import conductor_conformance_pytest
from conformance.cli.main import cli
from conformance.cli.run import run

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
SECTIONS = {
    heading.strip(): text
    for heading, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
LISTING = "list and explain"
"""The section of two commands."""


def documented(section: str) -> dict[str, str]:
    """Return the options that the tables of a section list, each with its default."""
    rows = re.findall(
        r"^\| `(-.+?)` \| (.*?) ?\| .+\|$", SECTIONS[section].replace(r"\|", "¦"), re.MULTILINE
    )
    assert len(rows) == len(dict(rows)), "an option stands twice"
    return {name.replace("¦", "|"): default.replace("¦", "|") for name, default in rows}


def existing(command: click.Command) -> dict[str, str]:
    """Return the options that the help of a command lists, each with its default."""
    context = click.Context(command)
    found = {}
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record and "--help" not in parameter.opts:
            name, text = record
            found[name] = default(text)
    return found


def default(text: str) -> str:
    """Return the default that the help of an option names, or nothing."""
    # What it may be from and to stands behind a semicolon, or in brackets of its own.
    match = re.search(r"\[default: (.+?)(?:; [0-9]*<?=?x[^\]]*)?\](?:  \[[^\[\]]*\])?$", text)
    return match[1].strip("()") if match else ""


def test_the_options_of_run() -> None:
    assert documented("run") == existing(run)
    # What stands there is the command that users have.
    assert cli.commands["run"] is run


def test_the_options_of_fleet() -> None:
    command = cli.commands["fleet"]
    of_run = existing(run)
    own = {name: text for name, text in existing(command).items() if name not in of_run}
    assert documented("fleet") == own


@pytest.mark.parametrize("name", ["client", "compare", "serve", "self-test", "publish"])
def test_the_options_of_other_commands(name: str) -> None:
    assert documented(name) == existing(cli.commands[name])


def test_every_command_has_a_section() -> None:
    commands = set(cli.commands)
    assert {"list", "explain"} <= commands
    assert commands - {"list", "explain"} <= set(SECTIONS)
    assert LISTING in SECTIONS


@pytest.mark.parametrize(
    ("section", "commands"),
    [("judge", ["judge"]), ("fleet", ["fleet"]), (LISTING, ["list", "explain"])],
)
def test_options_that_are_named_in_a_sentence(section: str, commands: list[str]) -> None:
    known = {
        option
        for command in commands
        for parameter in cli.commands[command].params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--") and option != "--help"
    }
    # Of the sections on commands without a table, only options that others have are named, too.
    assert known <= set(options_in(SECTIONS[section])) <= known | {"--record"}


def test_every_option_of_fixtures_is_named_in_its_section() -> None:
    group = cli.commands["fixtures"]
    assert isinstance(group, click.Group)
    known = {
        option
        for command in group.commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert known == set(options_in(SECTIONS["fixtures"]))
    assert all(f"fixtures {name} URL" in SECTIONS["fixtures"] for name in group.commands)


def options_in(text: str) -> Iterator[str]:
    """Yield the options that a text names."""
    yield from re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)


def test_the_options_for_pytest() -> None:
    found = {
        option.removeprefix("--conductor-").partition(" ")[0]: value
        for option, value in documented("From pytest").items()
    }
    options = conductor_conformance_pytest.OPTIONS
    assert found == {name: default(settings["help"]) for name, settings in options.items()}
