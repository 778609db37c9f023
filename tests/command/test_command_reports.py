"""Reports for people and for code hosts, written by the command."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.pages.html_page import Page
from support.processes.command import Result, read_report, run
from support.servers.hostile_values import TEXTS, Texts
from support.servers.plain import closed_port

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer


class Broken(ReferenceServer):
    """Asks for no credential, and embeds models."""

    def authorise(self, request: Request) -> Response | None:
        return None

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return self.with_models(provider, query)


def judged(folder: Path, server: ReferenceServer, *words: str, **variables: str) -> Result:
    with EmbeddedServer(server) as embedded:
        return run("run", embedded.url, "--profile", "quick", *words, cwd=folder, env=variables)


def actions(folder: Path, name: str = "summary.md") -> dict[str, str]:
    """Return the environment of a step of GitHub Actions."""
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / name)}


def commands(text: str) -> list[str]:
    """Return the lines that the runner would carry out."""
    return [line for line in text.splitlines() if re.match(r"\s*::|##\w*\[", line)]


def test_every_report_is_written(tmp_path: Path) -> None:
    words = ("--html", "r.html", "--json", "r.json", "--markdown", "r.md", "--badge", "badge.json")
    result = judged(tmp_path, Broken(), *words, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert result.code == 1
    # Outside GitHub Actions, nothing is for it.
    assert not commands(result.out + result.err)
    names = {"r.html", "r.json", "r.md", "badge.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    text = (tmp_path / "r.md").read_text("utf-8")
    assert text.startswith("## ❌ Not conformant")
    assert "### MODEL-01 failed (MUST)" in text
    assert "\n```sh\ncurl -sS " in text
    badge = json.loads((tmp_path / "badge.json").read_text("utf-8"))
    assert badge["message"] == "not conformant (1 broken)"
    page = Page((tmp_path / "r.html").read_text("utf-8"))
    page.check()
    assert "Not conformant" in page.text
    report = read_report(tmp_path / "r.json")
    assert {one["id"] for one in report["requirements"]} <= {*page.ids}
    (unfiltered,) = (q for q in report["documentedQueries"] if q["query"] == "activeOnly=false")
    assert unfiltered["values"] == {"category": None, "activeOnly": "false"}
    assert unfiltered["asked"] == unfiltered["answered"] > 1
    assert unfiltered["broken"] == ["MODEL-01", "MODEL-03"]
    assert sum(one["count"] for one in report["responseTimes"]["bins"]) > 100


def test_within_github_actions_the_summary_grows_and_failures_are_annotated(
    tmp_path: Path,
) -> None:
    (tmp_path / "summary.md").write_text("# of an earlier command\n", "utf-8")
    result = judged(tmp_path, Broken(), "--markdown", "r.md", **actions(tmp_path))
    assert result.code == 1
    written = (tmp_path / "r.md").read_text("utf-8")
    assert (tmp_path / "summary.md").read_text("utf-8") == f"# of an earlier command\n{written}"
    broken, advised = commands(result.out)
    assert broken.startswith("::error title=MODEL-01 (MUST)::No provider contains the models")
    assert advised.startswith("::warning title=MODEL-03 (SHOULD)::The field apis is absent")
    assert not commands(result.err)


def test_what_goes_to_standard_output_stays_whole_within_github_actions(tmp_path: Path) -> None:
    result = judged(tmp_path, Broken(), "--json", "-", **actions(tmp_path))
    assert json.loads(result.out)["verdict"] == "non-conformant"
    assert len(commands(result.err)) == 2
    assert "NOT CONFORMANT" in result.err


def test_a_server_that_could_not_be_tested_is_annotated(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    result = run("run", url, cwd=tmp_path, env=actions(tmp_path))
    assert result.code == 3
    (line,) = commands(result.out)
    assert line.startswith("::error title=not tested::")
    assert "nothing listens there" in line


@pytest.mark.parametrize("name", ["missing/summary.md", ".", "pipe"])
def test_a_summary_that_cannot_be_written_costs_nothing(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = judged(tmp_path, Broken(), "--only", "MODEL-01", **actions(tmp_path, name))
    assert result.code == 1
    assert "NOT CONFORMANT" in result.out
    (note,) = [line for line in result.err.splitlines() if line.startswith("note: ")]
    assert "GITHUB_STEP_SUMMARY" in note
    assert "--markdown FILE" in note


@pytest.mark.slow
@pytest.mark.parametrize("name", ["github-commands", "controls"])
def test_nothing_a_server_sends_is_carried_out(tmp_path: Path, name: str) -> None:
    server = Texts(TEXTS[name][1], broken=True)
    words = ("--html", "r.html", "--markdown", "r.md", "--badge", "b.json")
    result = judged(tmp_path, server, *words, **actions(tmp_path))
    assert result.code == 1
    found = commands(result.out)
    assert 0 < len(found) <= 10
    assert all(
        re.match(r"::(error|warning) title=[A-Z0-9a-z -]+(\([A-Z]+\))?::", one) for one in found
    )
    assert not commands(result.err)
    for file in ("r.html", "r.md", "b.json", "summary.md"):
        text = (tmp_path / file).read_text("utf-8")
        assert not commands(text)
        assert all(line.isprintable() for line in text.split("\n"))


def test_a_quiet_run_says_one_sentence_and_writes_its_reports(tmp_path: Path) -> None:
    result = run("demo", "--profile", "quick", "--quiet", "--json", "r.json", cwd=tmp_path)
    assert result.out == "CONFORMANT  This is a demo. Every requirement that applies is met.\n"
    assert not result.err
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["verdict"] == "conformant"
