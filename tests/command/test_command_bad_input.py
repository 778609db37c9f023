"""Whatever a user gets wrong: one clear sentence, exit 2, nothing sent and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.processes.command import Result, run
from support.servers.plain import answering

from conformance.contract.loader import default_path


def assert_advised(result: Result) -> None:
    """Assert that a refusal tells what to do: in its second half, by a rule, or by the help."""
    complaint = result.complaint()
    told = "; " in complaint or " must be " in complaint or " is written " in complaint
    assert told or "--help' for help." in result.err, complaint


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "the URL is empty; write it like https://host"),
        ("conductor.example.com", "write it like https://conductor.example.com"),
        ("ftp://conductor.example.com", "not an http or https URL"),
        ("https://", "has no host; write it like https://host"),
        ("https://host:port/", "a port that is not a number"),
        ("https://host:99999/", "a port that is not a number from 1 to 65535; correct it"),
        ("https://ho st/", "contains a space"),
        ("https://[::1/", "is not a valid URL"),
        ("https://host/?category=GIT", "query"),
        ("https://someone:hunter2-secret@host/", "a user name or password"),
    ],
)
def test_a_malformed_url(tmp_path: Path, url: str, words: str) -> None:
    result = run("run", url, cwd=tmp_path)
    assert result.code == 2
    assert words.lower() in result.complaint().lower()
    assert_advised(result)
    assert "hunter2" not in result.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "FILTER-99"], "no requirement 'FILTER-99'"),
        (["--only", "FILTRE"], "did you mean FILTER"),
        (["--skip", "nothing"], "no requirement 'nothing'"),
        (
            ["--only", "FILTER", "--skip", "FILTER"],
            "no requirement is left to check: --skip excludes all that --only selects; skip",
        ),
        (["--only", ","], "give at least one requirement or family, such as FILTER"),
        (["--profile", "fast"], "'fast' is not one of"),
        (["--seed", "-1"], "the seed must be between"),
        (["--seed", "many"], "'many' is not a valid integer"),
        (["--timeout", "0"], "the timeout must be more than 0"),
        (["--timeout", "nan"], "the timeout must be more than 0"),
        (["--retry-budget", "-1"], "the retry budget must be 0 seconds or more"),
        (["--retry-budget", "86400"], "less than a day"),
        (["--retry-budget", "nan"], "the retry budget must be 0 seconds or more"),
        (["--retry-budget", "long"], "'long' is not a valid float"),
        (["--wait", "-1"], "the time to wait must be 0 seconds or more"),
        (["--wait", "nan"], "the time to wait must be 0 seconds or more"),
        (["--wait", "inf"], "the time to wait must be 0 seconds or more and less than a day"),
        (["--header", "nonsense"], "a header is written 'Name: value'"),
        (["--header", "X A: b"], "not a header name; write a header like"),
        (["--header", "X-A: b\x07"], "characters that a header cannot carry"),
        (["--header", "X-Authorization: b"], "set by the suite itself; leave it out"),
        (["--header", "X-A: b", "--header", "x-a: c"], "given twice; leave one of them out"),
        (["--json", "missing/report.json"], "create it or choose another path"),
        (["--junit", "."], "it is a folder; name a file"),
        (["--json", "same", "--junit", "same"], "give each its own file"),
        (["--json", "-", "--junit", "-"], "two reports cannot both go to"),
        (["--token-file", "missing"], "cannot read the token file"),
        (["--token-file", "empty"], "is empty; write the token into it"),
        (["--token-file", "lines"], "copy it again, on one line"),
        (["--ca-bundle", "missing"], "give a readable file of certificates"),
        (["--ca-bundle", "empty"], "cannot use the CA bundle"),
        (["--insecure", "--ca-bundle", "empty"], "exclude each other; give one of them"),
        (["--contract", "missing"], "or omit --contract"),
        (["--token-file", "endless"], "cannot read the token file endless: it is larger than 64 K"),
        (["--config", "endless"], "cannot read the settings in endless: it is larger than 8 MiB"),
        (["--baseline", "endless"], "cannot read the baseline endless: it is larger than 1 MiB"),
        (["--contract", "endless"], "cannot read the contract endless: it is larger than 8 MiB"),
        (["--contract", "empty"], "not an OpenAPI document: it is empty; correct it"),
        (["--contract", "broken.yaml"], "line 2, column"),
        (["--contract", "invalid.yaml"], "not a valid OpenAPI 3.1 document at info"),
        (["--contract", "incomplete.yaml"], "x-requirements is missing"),
        (["--no-such-option"], "No such option"),
        (["second-argument"], "quote values that contain blanks, such as a header"),
    ],
)
def test_a_wrong_argument(tmp_path: Path, words: list[str], sentence: str) -> None:
    shipped = default_path().read_text("utf-8")
    (tmp_path / "empty").write_text("")
    (tmp_path / "lines").write_text("one-token\nand-another\n")
    # As much of it as tells it from a file that is read whole; a device would take all memory.
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(9 << 20)
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
    assert_advised(result)
    assert not result.err.startswith("waiting")
    assert not journal.requests
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["publish", "mydir"], "Error: The folder mydir is not empty and was not written"),
        (["publish", "new", "--self-test", "myfile"], "Error: The file myfile is not a self-te"),
        (["run", "--config", "myfile"], "Error: The settings in myfile: unknown key 'x'; known"),
        (["run", "--config", "other"], "Error: The settings in other: parallel: 99 is not in"),
        (["run", "--baseline", "myfile"], 'Error: The baseline myfile: "x" is unknown '),
        (["list", "--contract", "myfile"], "Error: The contract myfile is not an OpenAPI document"),
    ],
)
def test_a_name_is_told_as_it_was_given(tmp_path: Path, words: list[str], sentence: str) -> None:
    (tmp_path / "mydir").mkdir()
    (tmp_path / "mydir" / "mine").touch()
    (tmp_path / "myfile").write_text("x = 1")
    (tmp_path / "other").write_text("parallel = 99")
    assert run(*words, cwd=tmp_path).complaint().startswith(sentence)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"CONDUCTOR_SERVER_URL": "nonsense"}, "not an http or https URL"),
        (
            {"CONDUCTOR_AUTH_KEY": "key"},
            "CONDUCTOR_AUTH_SECRET is not; both are needed, so set both or neither",
        ),
        (
            {"CONDUCTOR_AUTH_SECRET": "hunter2-secret"},
            "CONDUCTOR_AUTH_KEY is not; both are needed, so set both or neither",
        ),
        ({"CONDUCTOR_AUTH_TOKEN": "hunter2\u00e9"}, "characters that a header cannot carry"),
    ],
)
def test_a_wrong_environment(tmp_path: Path, variables: dict[str, str], sentence: str) -> None:
    env = {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9", **variables}
    result = run("run", cwd=tmp_path, env=env)
    assert result.code == 2
    assert sentence in result.complaint()
    assert_advised(result)
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
    assert_advised(result)


def test_an_unwritable_report_is_known_before_the_run(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("kept")
    with answering(lambda *_: (200, {}, b"[]")) as (url, journal):
        result = run("run", url, "--json", str(report / "inside"), cwd=tmp_path)
    assert result.code == 2
    assert not journal.requests
    assert report.read_text() == "kept"


@pytest.mark.parametrize(
    "words",
    [
        ["run", "{url}", "--token-file", "{file}", "--json"],
        ["run", "{url}", "--contract", "{file}", "--junit"],
        ["run", "{url}", "--ca-bundle", "{file}", "--html"],
        ["run", "{url}", "--config", "{file}", "--markdown"],
        ["run", "{url}", "--baseline", "{file}", "--record"],
        ["run", "{url}", "--baseline", "{file}", "--update-baseline", "--badge"],
        ["judge", "{file}", "--json"],
        ["judge", "recording.har", "--baseline", "{file}", "--json"],
        ["compare", "{file}", "other.json", "--json"],
        ["compare", "other.json", "{file}", "--html"],
    ],
    ids=" ".join,
)
def test_no_report_replaces_what_is_read(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "read"
    file.write_text("# kept\n")
    with answering(lambda *_: (200, {}, b"[]")) as (url, journal):
        given = [word.format(url=url, file="read") for word in words]
        result = run(*given, "./read", cwd=tmp_path)
    assert result.code == 2
    assert "Cannot write ./read: this command also reads it" in result.complaint()
    assert_advised(result)
    assert file.read_text() == "# kept\n"
    assert journal.requests == []
