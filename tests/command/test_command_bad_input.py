"""Whatever a user gets wrong: one clear sentence, exit 2, nothing sent and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.processes.command import Result, run
from support.servers.plain import answering

from conformance.contract.loader import REQUIREMENTS, default_path


def assert_advised(result: Result) -> None:
    """Assert that a refusal tells what to do: in its second half, by a rule, or by the help."""
    complaint = result.complaint()
    told = "; " in complaint or " must be " in complaint or " is written " in complaint
    assert told or "--help' for help." in result.err, complaint


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (" ", "the URL is empty; write it like https://host"),
        ("ftp://conductor.example.com", "not an http or https URL"),
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
        (
            ["--only", "FILTER", "--skip", "FILTER"],
            "no requirement is left to check: --skip excludes all that --only selects; skip",
        ),
        (["--only", ","], "give at least one requirement or family, such as FILTER"),
        (["--profile", "fast"], "'fast' is not one of"),
        (["--seed", "-1"], "the seed must be between"),
        (["--run-timeout", "-1"], "the time for the run must be more than 0 seconds"),
        (["--timeout", "0"], "the timeout must be more than 0"),
        (["--retry-budget", "-1"], "the retry budget must be 0 seconds or more"),
        (["--wait", "-1"], "the time to wait must be 0 seconds or more"),
        (["--header", "nonsense"], "a header is written 'Name: value'"),
        (["--header", "X-Authorization: b"], "set by the suite itself; leave it out"),
        (["--json", "missing/report.json"], "create it or choose another path"),
        (["--junit", "."], "it is a folder; name a file"),
        (["--json", "same", "--junit", "same"], "give each its own file"),
        (["--token-file", "missing"], "cannot read the token file"),
        (["--ca-bundle", "empty"], "cannot use the CA bundle"),
        (["--insecure", "--ca-bundle", "empty"], "exclude each other; give one of them"),
        (["--contract", "missing"], "or omit --contract"),
        (["--token-file", "endless"], "cannot read the token file endless: it is larger than 64 K"),
        (["--contract", "endless"], "cannot read the contract endless: it is larger than 8 MiB"),
        (["--contract", "invalid.yaml"], "not a valid OpenAPI 3.1 document at info"),
        (["--contract", "incomplete.yaml"], "requirements.yaml is not usable: families is missing"),
        (
            ["--contract", "other/openapi.yaml"],
            "this version of the suite has no check for HTTP-99",
        ),
        (["--no-such-option"], "No such option"),
        (["second-argument"], "quote values that contain blanks, such as a header"),
    ],
)
def test_a_wrong_argument(tmp_path: Path, words: list[str], sentence: str) -> None:
    shipped = default_path().read_text("utf-8")
    (tmp_path / "empty").write_text("")
    # As much of it as tells it from a file that is read whole; a device would take all memory.
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(9 << 20)
    (tmp_path / "invalid.yaml").write_text(
        shipped.replace("  title: Conductor", "  name: Conductor", 1)
    )
    (tmp_path / "incomplete.yaml").write_text(shipped)
    (tmp_path / f"incomplete.{REQUIREMENTS}").write_text("version: 0.3.0\nevidence: {}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "openapi.yaml").write_text(shipped)
    rules = default_path().with_name(REQUIREMENTS).read_text("utf-8")
    (tmp_path / REQUIREMENTS).write_text(rules)
    (tmp_path / "other" / REQUIREMENTS).write_text(rules.replace("id: HTTP-01", "id: HTTP-99"))
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
        (["run", "--baseline", "myfile"], 'Error: The baseline myfile: "x" is unknown '),
    ],
)
def test_a_name_is_told_as_it_was_given(tmp_path: Path, words: list[str], sentence: str) -> None:
    (tmp_path / "mydir").mkdir()
    (tmp_path / "mydir" / "mine").touch()
    (tmp_path / "myfile").write_text("x = 1")
    assert run(*words, cwd=tmp_path).complaint().startswith(sentence)


@pytest.mark.parametrize("words", [["list", "--contract", "missing"], ["explain"], ["no"]])
def test_the_other_commands(tmp_path: Path, words: list[str]) -> None:
    result = run(*words, cwd=tmp_path)
    assert result.code == 2
    assert_advised(result)


@pytest.mark.parametrize(
    "words",
    [
        ["run", "{url}", "--token-file", "{file}", "--json"],
        ["run", "{url}", "--contract", "{file}", "--junit"],
        ["run", "{url}", "--ca-bundle", "{file}", "--html"],
        ["run", "{url}", "--config", "{file}", "--markdown"],
        ["run", "{url}", "--baseline", "{file}", "--update-baseline", "--badge"],
        ["run", "{url}", "--token-command", "cat {file}", "--json"],
        ["judge", "recording.har", "--baseline", "{file}", "--json"],
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


@pytest.mark.parametrize("words", [["run", "http://127.0.0.1:9"], ["judge", "recording.har"]])
def test_no_report_replaces_the_second_file_of_a_contract(tmp_path: Path, words: list[str]) -> None:
    for file in (default_path(), default_path().with_name(REQUIREMENTS)):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = (tmp_path / REQUIREMENTS).read_bytes()
    given = ["--contract", default_path().name, "--markdown", REQUIREMENTS]
    result = run(*words, *given, cwd=tmp_path)
    assert result.code == 2
    assert f"Cannot write {REQUIREMENTS}: this command also reads it" in result.complaint()
    assert (tmp_path / REQUIREMENTS).read_bytes() == before


def test_no_report_replaces_the_client(tmp_path: Path) -> None:
    (tmp_path / "list.sh").write_text("exit 1\n")
    result = run("client", "--json", "list.sh", "--", "sh", "./list.sh", cwd=tmp_path)
    assert result.code == 2
    assert "Cannot write list.sh: this command also reads it" in result.complaint()
    assert (tmp_path / "list.sh").read_text() == "exit 1\n"
