"""Whatever a user gets wrong: one clear sentence, exit 2, nothing sent and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import run
from support.plain_servers import answering

from conformance.contract import default_path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "the URL is empty"),
        ("conductor.example.com", "write it like https://conductor.example.com"),
        ("ftp://conductor.example.com", "no http or https URL"),
        ("https://", "names no host"),
        ("https://host:port/", "a port that is no number"),
        ("https://host:99999/", "a port that is no number"),
        ("https://ho st/", "holds a blank"),
        ("https://[::1/", "cannot be read"),
        ("https://host/?category=GIT", "query"),
        ("https://someone:hunter2-secret@host/", "a user name or password"),
    ],
)
def test_a_malformed_url(tmp_path: Path, url: str, words: str) -> None:
    result = run("run", url, cwd=tmp_path)
    assert result.code == 2
    assert words.lower() in result.complaint().lower()
    assert "hunter2" not in result.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "FILTER-99"], "no requirement 'FILTER-99'"),
        (["--only", "FILTRE"], "did you mean FILTER"),
        (["--skip", "nothing"], "no requirement 'nothing'"),
        (["--only", "FILTER", "--skip", "FILTER"], "no requirement is left"),
        (["--only", ","], "give at least one requirement or family"),
        (["--profile", "fast"], "'fast' is not one of"),
        (["--seed", "-1"], "the seed must be between"),
        (["--seed", "many"], "'many' is not a valid integer"),
        (["--timeout", "0"], "the timeout must be more than 0"),
        (["--timeout", "nan"], "the timeout must be more than 0"),
        (["--retry-budget", "-1"], "the retry budget must be 0 seconds or more"),
        (["--retry-budget", "86400"], "less than a day"),
        (["--retry-budget", "nan"], "the retry budget must be 0 seconds or more"),
        (["--retry-budget", "long"], "'long' is not a valid float"),
        (["--header", "nonsense"], "a header is written 'Name: value'"),
        (["--header", "X A: b"], "no header name"),
        (["--header", "X-A: b\x07"], "characters no header can carry"),
        (["--header", "X-Authorization: b"], "set by the suite itself"),
        (["--header", "X-A: b", "--header", "x-a: c"], "given twice"),
        (["--json", "missing/report.json"], "there is no folder"),
        (["--junit", "."], "it is a folder"),
        (["--json", "same", "--junit", "same"], "two reports cannot both go to"),
        (["--json", "-", "--junit", "-"], "two reports cannot both go to"),
        (["--token-file", "missing"], "cannot read the token file"),
        (["--token-file", "empty"], "is empty"),
        (["--token-file", "lines"], "characters that no header can carry"),
        (["--ca-bundle", "missing"], "cannot use the CA bundle"),
        (["--ca-bundle", "empty"], "cannot use the CA bundle"),
        (["--insecure", "--ca-bundle", "empty"], "exclude each other"),
        (["--contract", "missing"], "cannot read the contract"),
        (["--contract", "empty"], "not an OpenAPI document"),
        (["--contract", "broken.yaml"], "line 2, column"),
        (["--contract", "invalid.yaml"], "no valid OpenAPI 3.1 document at info"),
        (["--contract", "incomplete.yaml"], "x-requirements is missing"),
        (["--no-such-option"], "No such option"),
        (["second-argument"], "unexpected extra argument"),
    ],
)
def test_a_wrong_argument(tmp_path: Path, words: list[str], sentence: str) -> None:
    shipped = default_path().read_text("utf-8")
    (tmp_path / "empty").write_text("")
    (tmp_path / "lines").write_text("one-token\nand-another\n")
    (tmp_path / "broken.yaml").write_text("openapi: 3.1.0\n  info: [")
    (tmp_path / "invalid.yaml").write_text(
        shipped.replace("  title: Conductor", "  name: Conductor", 1)
    )
    (tmp_path / "incomplete.yaml").write_text(shipped.replace("\nx-requirements:", "\nx-other:", 1))
    before = {path.name for path in tmp_path.iterdir()}
    with answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (url, journal):
        result = run("run", url, *words, cwd=tmp_path)
    assert result.code == 2, result.out
    assert sentence.lower() in result.complaint().lower()
    assert not journal.requests
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"CONDUCTOR_SERVER_URL": "nonsense"}, "no http or https URL"),
        ({"CONDUCTOR_AUTH_KEY": "key"}, "CONDUCTOR_AUTH_SECRET is not"),
        ({"CONDUCTOR_AUTH_SECRET": "hunter2-secret"}, "CONDUCTOR_AUTH_KEY is not"),
        ({"CONDUCTOR_AUTH_TOKEN": "hunter2\u00e9"}, "characters that no header can carry"),
    ],
)
def test_a_wrong_environment(tmp_path: Path, variables: dict[str, str], sentence: str) -> None:
    env = {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9", **variables}
    result = run("run", cwd=tmp_path, env=env)
    assert result.code == 2
    assert sentence in result.complaint()
    assert "hunter2" not in result.err


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "NOPE-01"],
        ["list", "NOPE"],
        ["list", "--contract", "missing"],
        ["explain"],
        ["no"],
    ],
)
def test_the_other_commands(tmp_path: Path, words: list[str]) -> None:
    result = run(*words, cwd=tmp_path)
    assert result.code == 2
    assert result.complaint()


def test_an_unwritable_report_is_known_before_the_run(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("kept")
    with answering(lambda *_: (200, {}, b"[]")) as (url, journal):
        result = run("run", url, "--json", str(report / "inside"), cwd=tmp_path)
    assert result.code == 2
    assert not journal.requests
    assert report.read_text() == "kept"
