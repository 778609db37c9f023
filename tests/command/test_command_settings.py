"""``--config``, ``--show-config`` and ``[tool.conductor-conformance]`` of the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.processes.command import Result, read_report, run
from support.servers.plain import answering

from conformance.reference import EmbeddedServer, ReferenceServer

LOGIN = """\
import json, sys, urllib.request
url, file = sys.argv[1:]
with open(f"{file}.times", "a") as times:
    times.write("x")
body = open(file, "rb").read()
request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(request))["token"])
"""
"""A program that logs in and prints a token."""

FILE = """\
[tool.conductor-conformance]
url = "http://127.0.0.1:9/from-the-file"
profile = "quick"
only = ["HTTP", "FILTER-01"]
timeout = 5
header = ["X-Tenant: blue-hunter2"]
insecure = true
json = "reports/r.json"
"""
LIST = {"Content-Type": "application/json"}


def _rows(result: Result) -> dict[str, tuple[str, str]]:
    """Return value and origin by option."""
    rows = {}
    for line in result.out.splitlines()[3:]:
        name, *rest = [part.strip() for part in line.split("  ") if part.strip()]
        rows[name] = (rest[0], rest[1] if len(rest) > 1 else "")
    return rows


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "pyproject.toml").write_text(FILE, "utf-8")
    return tmp_path


def test_flags_come_before_the_environment_and_that_before_the_file(project: Path) -> None:
    file = str(project / "pyproject.toml")
    src = project / "src"
    by_file = _rows(run("run", "--show-config", cwd=src))
    assert by_file["url"] == ("http://127.0.0.1:9/from-the-file", file)
    assert by_file["profile"] == ("quick", file)
    assert by_file["only"] == ("HTTP,FILTER-01", file)
    assert by_file["timeout"] == ("5", file)
    assert by_file["insecure"] == ("true", file)
    assert by_file["parallel"] == ("8", "default")
    assert by_file["json"] == (str(project / "reports" / "r.json"), file)
    env = {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9/from-the-environment"}
    by_variable = _rows(run("run", "--show-config", cwd=src, env=env))
    assert by_variable["url"] == (env["CONDUCTOR_SERVER_URL"], "$CONDUCTOR_SERVER_URL")
    words = ("--profile", "thorough", "--only", "AUTH", "--no-insecure", "--timeout", "7")
    flags = run("run", "http://127.0.0.1:9/given", *words, "--show-config", cwd=src, env=env)
    by_flag = _rows(flags)
    assert by_flag["url"] == ("http://127.0.0.1:9/given", "command line")
    assert by_flag["profile"] == ("thorough", "command line")
    assert by_flag["only"] == ("AUTH", "command line")
    assert by_flag["insecure"] == ("false", "command line")
    assert by_flag["timeout"] == ("7", "command line")
    assert flags.code == 0


def test_every_option_is_shown_and_nothing_is_sent_or_secret(project: Path) -> None:
    env = {
        "CONDUCTOR_AUTH_TOKEN": "hunter2-token",
        "CONDUCTOR_AUTH_KEY": "hunter2-key",
        "CONDUCTOR_AUTH_SECRET": "hunter2-secret",
    }
    with answering(lambda *_: (200, LIST, b"[]")) as (url, journal):
        result = run("run", url, "--show-config", cwd=project, env=env)
        secret = url.replace("http://", "http://someone:hunter2@")
        refused = run("run", secret, "--show-config", cwd=project, env=env)
    assert refused.code == 2
    assert "hunter2" not in refused.out + refused.err
    assert result.code == 0
    assert not journal.requests
    assert "hunter2" not in result.out + result.err
    rows = _rows(result)
    assert rows["header"] == ("X-Tenant: ***", str(project / "pyproject.toml"))
    assert rows["credential"] == ("set, by $CONDUCTOR_AUTH_TOKEN", "environment")
    assert rows["$CONDUCTOR_AUTH_SECRET"] == ("set", "environment")
    assert _rows(run("run", "--show-config", cwd=project))["credential"][0] == "not set"
    shown_help = run("run", "--help", cwd=project).out
    for name in [name for name in rows if name not in ("url", "credential") and name[0] != "$"]:
        assert f"--{name}" in shown_help


def test_a_run_by_a_file(project: Path) -> None:
    with answering(lambda *_: (200, LIST, b"[]")) as (url, journal):
        text = FILE.replace("http://127.0.0.1:9/from-the-file", url)
        (project / "pyproject.toml").write_text(text, "utf-8")
        result = run("run", cwd=project / "src")
    assert result.code == 0, result.err
    assert {headers["x-tenant"] for _, _, headers in journal.requests} == {"blue-hunter2"}
    report = read_report(project / "reports" / "r.json")
    assert report["profile"] == "quick"
    judged = {requirement["id"].partition("-")[0] for requirement in report["requirements"]}
    assert judged == {"HTTP", "FILTER"}


def test_another_file(project: Path) -> None:
    (project / "other.toml").write_text('only = "SHAPE"\n', "utf-8")
    rows = _rows(run("run", "--show-config", "--config", "../other.toml", cwd=project / "src"))
    assert rows["only"] == ("SHAPE", "../other.toml")
    # It is taken instead of the project's, not besides it.
    assert rows["profile"] == ("standard", "default")
    assert rows["url"] == ("none: give a URL", "default")
    (project / "empty.toml").write_text("", "utf-8")
    assert "No server is named" in run("run", "--config", "empty.toml", cwd=project).complaint()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("parallel = 99", "pyproject.toml: parallel: 99 is not in the range"),
        ("only = ''", "pyproject.toml: only: give at least one requirement"),
        ("header = ['hunter2']", "pyproject.toml: header: the value is not a header"),
    ],
)
def test_a_wrong_file(tmp_path: Path, text: str, sentence: str) -> None:
    table = f"[tool.conductor-conformance]\n{text}\n"
    (tmp_path / "pyproject.toml").write_text(table, "utf-8")
    result = run("run", cwd=tmp_path)
    assert result.code == 2
    assert sentence in result.complaint()
    assert "hunter2" not in result.err
    # Help and other commands do not mind it.
    for words in (("run", "--help"), ("list", "HTTP")):
        assert run(*words, cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "retry-budget = inf",
        "seed = -5",
        "rate-limit = '0/s'",
        "url = 'ftp://x'",
        "header = ['X-A: x', 'x-a: y']",
        "skip = ['HTTP']\nonly = 'HTTP'",
        "insecure = true\nca-bundle = 'missing.pem'",
        "client-key = 'missing.pem'",
    ],
)
def test_what_a_run_refuses_is_not_shown(tmp_path: Path, text: str) -> None:
    server = "" if text.startswith("url") else "url = 'http://127.0.0.1:9'\n"
    (tmp_path / "bad.toml").write_text(server + text, "utf-8")
    shown = run("run", "--config", "bad.toml", "--show-config", cwd=tmp_path)
    refused = run("run", "--config", "bad.toml", cwd=tmp_path)
    assert shown.code == refused.code == 2
    assert shown.complaint() == refused.complaint()


def test_files_that_are_not_there_yet_are_shown(tmp_path: Path) -> None:
    for key in ("token-file", "ca-bundle", "client-cert", "header-file", "baseline", "json"):
        words = ("run", f"--{key}", "missing/file", "--show-config")
        assert _rows(run(*words, cwd=tmp_path))[key] == ("missing/file", "command line")
    shown = _rows(run("run", "--header-env", "Cookie=NOT_SET", "--show-config", cwd=tmp_path))
    assert shown["header-env"] == ("Cookie: $NOT_SET", "command line")


def test_a_named_target_goes_before_the_variable_and_not_before_a_given_url(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        '[targets.staging]\nurl = "http://127.0.0.1:9/staging"\ntimeout = 3\n', "utf-8"
    )
    words = ("run", "--target", "staging", "--config", "s.toml", "--show-config")
    env = {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9/other"}
    shown = _rows(run(*words, cwd=tmp_path, env=env))
    assert shown["url"] == ("http://127.0.0.1:9/staging", "s.toml")
    assert shown["timeout"] == ("3", "s.toml")
    given = _rows(run(*words, "http://127.0.0.1:9/given", cwd=tmp_path, env=env))
    assert given["url"][0] == "http://127.0.0.1:9/given"


def test_a_target_without_a_file_is_refused(tmp_path: Path) -> None:
    result = run("run", "--target", "staging", cwd=tmp_path)
    assert result.code == 2
    assert "no file with the target 'staging'" in result.complaint()


@pytest.mark.slow
def test_a_command_prints_the_token_and_is_run_again_when_it_expires(tmp_path: Path) -> None:
    server = ReferenceServer(token_lifetime=1)
    body = json.dumps({"keyId": server.key_id, "keySecret": server.key_secret})
    (tmp_path / "login.py").write_text(LOGIN, "utf-8")
    (tmp_path / "body.json").write_text(body, "utf-8")
    with EmbeddedServer(server) as embedded:
        program = f"{sys.executable} login.py {embedded.url}/token body.json"
        words = ("run", embedded.url, "--token-command", program)
        # Longer than a token lives.
        result = run(*words, "--rate-limit", "60/s", "--only", "FILTER", cwd=tmp_path)
        assert result.code == 0, result.out + result.err
        shown = run(*words, "--show-config", cwd=tmp_path)
    assert f"{sys.executable} ***" in shown.out
    assert "body.json" not in shown.out
    assert "set, by token-command" in shown.out
    assert (tmp_path / "body.json.times").stat().st_size > 1


def test_a_token_command_that_fails_ends_the_run(tmp_path: Path) -> None:
    words = ("run", "http://127.0.0.1:9", "--token-command")
    failed = run(*words, "false", cwd=tmp_path)
    assert failed.code == 3
    assert "token command false failed with exit code 1" in failed.words
    both = run(*words, "false", "--token-file", "x", cwd=tmp_path)
    assert both.code == 2
    assert "leave one of them out" in both.complaint()
    dry = run(*words, "false", "--dry-run", cwd=tmp_path)
    assert dry.code == 0, dry.err
