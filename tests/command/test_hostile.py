"""Hostile and broken servers: the command ends, says why, and shows nothing that could do harm."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.pages.html_page import Page
from support.processes.command import arguments, environment, read_report
from support.processes.measured import Measured, measure
from support.servers.hostile import BY_NAME, GALLERY
from support.servers.hostile_behaviour import Behaviour
from support.servers.hostile_values import MARK

DEADLINE = 300
"""Seconds; generous, only against hanging."""
MOST_MEMORY = 600
"""Megabytes at the peak."""
LONGEST_SUMMARY = 40_000
"""Characters; the code hosts take 65,536 for a comment."""
LONGEST_PAGE = 1_000_000
"""Characters; a mail takes as much, and a phone shows it at once."""
VERDICTS = {"conformant": 0, "non-conformant": 1, "error": 3}
CASES = [
    pytest.param(behaviour.name, profile, id=f"{behaviour.name}-{profile}")
    for behaviour in GALLERY
    for profile in ("quick", "standard")
    if profile == "quick" or behaviour.standard
]


@pytest.mark.catalogue
@pytest.mark.parametrize(("name", "profile"), CASES)
def test_a_hostile_server(tmp_path: Path, name: str, profile: str) -> None:
    behaviour = BY_NAME[name]
    with behaviour.start() as running:
        reports = ("--json", "r.json", "--junit", "r.xml", "--html", "r.html", "--markdown", "r.md")
        words = ("--profile", profile, *reports)
        done = measure(
            arguments(
                *("run", running.url, *words),
                *(*running.arguments, *behaviour.arguments, *behaviour.brief),
            ),
            cwd=tmp_path,
            env=environment(),
            deadline=DEADLINE,
        )
    assert done.code in behaviour.exits, done.text
    assert done.megabytes < MOST_MEMORY
    check_output(done)
    report = read_report(tmp_path / "r.json")
    check_report(tmp_path, report, behaviour)
    assert VERDICTS[report["verdict"]] == done.code


def check_output(done: Measured) -> None:
    """Assert that what a person or a CI server saw is plain text."""
    assert b"Traceback" not in done.out + done.err
    for output in (done.out, done.err):
        text = output.decode("utf-8")
        for line in text.split("\n"):
            assert harmless(line), line
    assert done.out.strip()


def harmless(line: str) -> bool:
    """Whether a line holds no control characters and nothing that a CI server would carry out."""
    # GitHub and Azure skip blanks before a command; some commands may stand anywhere in a line.
    commands = re.search(r"##(vso|teamcity)?\[|^::", line.strip())
    kinds = {unicodedata.category(character) for character in line}
    return commands is None and not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def check_report(folder: Path, report: dict[str, Any], behaviour: Behaviour) -> None:
    """Assert that the reports can be read by anyone, and say why."""
    text = (folder / "r.json").read_bytes().decode("utf-8")
    assert json.loads(text) == report
    assert all(harmless(line) for line in text.split("\n"))
    # A JSON pointer names its place exactly; all else is for people.
    assert all(text.isprintable() for place, text in strings(report) if place != "pointer")
    assert behaviour.words in report["reason"]
    assert report["requirements"]
    junit = (folder / "r.xml").read_bytes()
    suites = ElementTree.fromstring(junit)  # noqa: S314 - it was written here
    assert len(suites.findall(".//testcase")) == len(report["requirements"])
    assert all(harmless(line) for line in junit.decode("utf-8").split("\n"))
    summary = (folder / "r.md").read_bytes().decode("utf-8")
    assert len(summary) < LONGEST_SUMMARY
    assert all(harmless(line) for line in summary.split("\n"))
    page = (folder / "r.html").read_bytes().decode("utf-8")
    assert len(page) < LONGEST_PAGE
    assert all(harmless(line) for line in page.split("\n"))
    Page(page).check()
    assert (MARK in page) is behaviour.shown
    assert (MARK in text) is behaviour.shown
    assert (MARK in junit.decode("utf-8")) is behaviour.shown


def strings(value: object, place: str = "") -> list[tuple[str, str]]:
    """Return every string of a JSON value, with the name of the member that it is."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in strings(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in strings(inner, place)]
    return [(place, value)] if isinstance(value, str) else []
