"""The main job, run as a process against real servers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import arguments, environment, failed, read_report, run, validate
from support.servers.plain import answering, closed_port, talking

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer


class IgnoresCategory(ReferenceServer):
    """Filters by activeOnly alone."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return super().select(ProviderQuery(category=None, active_only=query.active_only))


class EmbedsModels(ReferenceServer):
    """Answers what Get All Integrations answers."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return self.with_models(provider, query)


class AcceptsAnyToken(ReferenceServer):
    """Asks for a token and does not look at it."""

    def authorise(self, request: Request) -> Response | None:
        return None if request.headers.get("x-authorization") else super().authorise(request)


def test_judges_the_embedded_server_without_any_argument(tmp_path: Path) -> None:
    result = run("run", "--json", "report.json", "--junit", "report.xml", cwd=tmp_path)
    report = read_report(tmp_path / "report.json")
    assert result.code == 0, result.out
    assert report["verdict"] == "conformant"
    assert report["summary"]["inconclusive"] == report["summary"]["failed"] == 0
    assert report["summary"]["passed"] == len(report["requirements"])
    assert "CONFORMANT" in result.words
    assert "\x1b" not in result.out + result.err
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "report.xml"}


@pytest.mark.parametrize(
    ("server", "family", "blamed"),
    [
        (IgnoresCategory, "FILTER", "FILTER-01"),
        (EmbedsModels, "MODEL", "MODEL-01"),
        (AcceptsAnyToken, "AUTH", "AUTH-03"),
    ],
)
def test_blames_the_right_family(
    tmp_path: Path, server: type[ReferenceServer], family: str, blamed: str
) -> None:
    with EmbeddedServer(server()) as embedded:
        result = run(
            "run",
            embedded.url,
            "--json",
            "report.json",
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()},
        )
    report = read_report(tmp_path / "report.json")
    assert result.code == 1
    assert report["verdict"] == "non-conformant"
    assert blamed in failed(report)
    assert {requirement.partition("-")[0] for requirement in failed(report)} == {family}
    assert f"{blamed} failed" in result.words
    assert "curl -sS -H " in result.words


def test_the_curl_line_shows_the_failure_again(tmp_path: Path) -> None:
    server = EmbedsModels()
    with EmbeddedServer(server) as embedded:
        token = server.issue_token()
        env = {"CONDUCTOR_AUTH_TOKEN": token}
        run("run", embedded.url, "--only", "MODEL-01", "--json", "r.json", cwd=tmp_path, env=env)
        finding = _first_finding(read_report(tmp_path / "r.json"), "MODEL-01")
        shown = subprocess.run(
            ["bash", "-c", finding["curl"]],
            env=environment(env),
            capture_output=True,
            timeout=60,
            check=True,
        )
    element, member = finding["pointer"].removeprefix("/").split("/")
    assert json.loads(shown.stdout)[int(element)][member]
    assert token not in json.dumps(finding)


def _first_finding(report: dict[str, Any], requirement_id: str) -> dict[str, str]:
    finding: dict[str, str] = next(
        requirement["findings"][0]
        for requirement in report["requirements"]
        if requirement["id"] == requirement_id
    )
    return finding


def test_a_plain_web_server_is_not_conformant(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("hello")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().split(" port ")[1].split()[0]
        report_file = tmp_path / "report.json"
        result = run("run", f"http://127.0.0.1:{port}", "--json", str(report_file), cwd=tmp_path)
        keyed = run(
            "run",
            f"http://127.0.0.1:{port}",
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_KEY": "key", "CONDUCTOR_AUTH_SECRET": "quite a secret"},
        )
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    assert result.code == keyed.code == 1
    assert "The server has no /api/integrations/provider" in result.words
    assert "status 404" in result.words
    assert failed(read_report(report_file)) == {"HTTP-01"}
    assert "The server has no /api/integrations/provider" in keyed.words


def test_a_closed_port_cannot_be_tested(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    result = run("run", url, "--json", "r.json", "--junit", "r.xml", cwd=tmp_path)
    report = read_report(tmp_path / "r.json")
    assert result.code == 3
    assert report["verdict"] == "error"
    assert report["summary"]["error"] == len(report["requirements"])
    assert "nothing listens there" in report["reason"]
    assert "NOT TESTED" in result.words
    assert "nothing listens there; start the server, or correct the address" in result.words
    assert int(_junit(tmp_path / "r.xml").get("errors", "0")) == len(report["requirements"])


def _junit(path: Path) -> ET.Element:
    return ET.fromstring(path.read_bytes())  # noqa: S314 - made by this test


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            b"220 mail.example.com ESMTP\r\n",
            "does not speak HTTP; correct the scheme (http or https) or the port",
        ),
        (b"", "closed without an answer; see the server's log"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "needs credentials"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "no documented query returned 200"),
        (
            (
                b"HTTP/1.1 302 Found\r\nLocation: https://login.example.com/\r\n"
                b"Content-Length: 0\r\n\r\n"
            ),
            "redirects to another origin, https://login.example.com/",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /api\r\nContent-Length: 0\r\n\r\n",
            "in a circle, finally to /api; give the address that does not redirect",
        ),
    ],
)
def test_a_server_that_cannot_be_tested(tmp_path: Path, reply: bytes, words: str) -> None:
    with talking(reply) as url:
        result = run("run", url, cwd=tmp_path)
    assert result.code == 3, result.out
    assert words in result.words


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_missing_endpoint_is_not_conformant(tmp_path: Path, status: int) -> None:
    with answering(lambda *_: (status, {}, b"no")) as (url, _):
        result = run("run", url, cwd=tmp_path)
    assert result.code == 1
    assert f"status {status}" in result.words


def test_a_refused_credential_is_said_to_be_refused(tmp_path: Path) -> None:
    with EmbeddedServer(ReferenceServer()) as embedded:
        wrong = run(
            "run", embedded.url, cwd=tmp_path, env={"CONDUCTOR_AUTH_TOKEN": "not-it-at-all"}
        )
        none = run("run", embedded.url, cwd=tmp_path)
        pair = {"CONDUCTOR_AUTH_KEY": "someone", "CONDUCTOR_AUTH_SECRET": "not-the-secret"}
        wrong_key = run("run", embedded.url, cwd=tmp_path, env=pair)
    assert wrong.code == none.code == wrong_key.code == 3
    assert "refuses the credential (status 401)" in wrong.words
    assert "give another one" in wrong.words
    assert "needs credentials (status 401)" in none.words
    assert "refused the access key (status 401); correct CONDUCTOR_AUTH_KEY" in wrong_key.words
    assert "not-it-at-all" not in wrong.out + wrong.err
    assert "not-the-secret" not in wrong_key.out + wrong_key.err


def test_key_and_secret_and_token_file_are_accepted(tmp_path: Path) -> None:
    server = ReferenceServer()
    (tmp_path / "token").write_text(server.issue_token() + "\n")
    with EmbeddedServer(server) as embedded:
        pair = {
            "CONDUCTOR_SERVER_URL": embedded.url,
            "CONDUCTOR_AUTH_KEY": server.key_id,
            "CONDUCTOR_AUTH_SECRET": server.key_secret,
        }
        by_key = run("run", "--profile", "quick", cwd=tmp_path, env=pair)
        by_file = run(
            "run", embedded.url, "--token-file", "token", "--profile", "quick", cwd=tmp_path
        )
    assert by_key.code == by_file.code == 0
    assert embedded.server is server


def test_a_server_without_authorisation_is_judged_without_auth(tmp_path: Path) -> None:
    class Open(ReferenceServer):
        def authorise(self, request: Request) -> Response | None:
            return None

    with EmbeddedServer(Open()) as embedded:
        result = run("run", embedded.url, "--profile", "quick", "--json", "r.json", cwd=tmp_path)
    report = read_report(tmp_path / "r.json")
    assert result.code == 0
    outcomes = {
        requirement["outcome"]
        for requirement in report["requirements"]
        if requirement["id"].startswith("AUTH")
    }
    assert outcomes == {"not-applicable"}
    assert "AUTH-01 to AUTH-08 not-applicable" in result.words


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/", "/api/integrations/provider"])
def test_every_form_of_the_url_means_the_same_api(tmp_path: Path, path: str) -> None:
    with EmbeddedServer(ReferenceServer()) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        root = embedded.url.removesuffix("/api")
        result = run("run", root + path, "--profile", "quick", cwd=tmp_path, env=token)
    assert result.code == 0
    assert f"{root}/api " in result.words


def test_json_on_standard_output_is_nothing_but_json(tmp_path: Path) -> None:
    result = run("run", "--profile", "quick", "--json", "-", cwd=tmp_path)
    validate(json.loads(result.out))
    assert "CONFORMANT" in result.err


def test_only_and_skip_choose_what_is_judged(tmp_path: Path) -> None:
    words = ("--only", "filter,AUTH-01", "--skip", "FILTER-03", "--skip", "FILTER-04,FILTER-05")
    result = run("run", *words, "--profile", "quick", "--json", "r.json", cwd=tmp_path)
    judged = {requirement["id"] for requirement in read_report(tmp_path / "r.json")["requirements"]}
    assert result.code == 0
    assert "AUTH-01" in judged
    assert {"FILTER-01", "FILTER-02"} < judged
    assert not judged & {"FILTER-03", "FILTER-04", "FILTER-05", "AUTH-02", "HTTP-01"}


class BreaksOnlyAShould(ReferenceServer):
    """Carries an empty apis."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return {**super().represent(provider, query), "apis": []}


def test_fail_on_should_makes_a_broken_should_count(tmp_path: Path) -> None:
    with EmbeddedServer(BreaksOnlyAShould()) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        words = ("run", embedded.url, "--profile", "quick", "--junit", "r.xml")
        lenient = run(*words, cwd=tmp_path, env=token)
        lenient_failures = _junit(tmp_path / "r.xml").get("failures")
        strict = run(*words, "--fail-on", "should", cwd=tmp_path, env=token)
        strict_failures = _junit(tmp_path / "r.xml").get("failures")
    assert (lenient.code, lenient_failures) == (0, "0")
    assert (strict.code, strict_failures) == (1, "1")
    assert "MODEL-03 not met" in lenient.words


def test_require_evidence_makes_missing_evidence_count(tmp_path: Path) -> None:
    active = [provider for provider in ReferenceServer().providers if provider.enabled]
    with EmbeddedServer(ReferenceServer(providers=active)) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        words = ("run", embedded.url, "--profile", "quick", "--json", "r.json")
        lenient = run(*words, cwd=tmp_path, env=token)
        strict = run(*words, "--require-evidence", cwd=tmp_path, env=token)
    report = read_report(tmp_path / "r.json")
    assert (lenient.code, strict.code) == (0, 1)
    assert not failed(report)
    assert "FILTER-04" in report["reason"]
    assert "no inactive provider" in lenient.words


def test_the_seed_makes_the_same_requests_again(tmp_path: Path) -> None:
    def paths(seed: str) -> list[str]:
        with answering(lambda *_: (200, {"Content-Type": "application/json"}, b"[]")) as (
            url,
            journal,
        ):
            run("run", url, "--seed", seed, "--skip", "AUTH", cwd=tmp_path)
        return sorted(path for _, path, _ in journal.requests)

    assert paths("7") == paths("7") != paths("8")


def test_only_reads_are_sent_and_the_user_agent_says_who_asks(tmp_path: Path) -> None:
    def respond(method: str, _: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        body = b'{"token": "a-token-for-this-test"}' if method == "POST" else b"[]"
        known = headers.get("x-authorization") == "a-token-for-this-test" or method == "POST"
        return 200 if known else 401, {"Content-Type": "application/json"}, body

    with answering(respond) as (url, journal):
        pair = {"CONDUCTOR_AUTH_KEY": "key", "CONDUCTOR_AUTH_SECRET": "quite a secret"}
        result = run("run", url, "--header", "X-Tenant: blue", cwd=tmp_path, env=pair)
    assert result.code == 0
    assert journal.methods() == {"GET", "HEAD", "POST"}
    posted = {path for method, path, _ in journal.requests if method == "POST"}
    assert posted == {"/api/token"}
    for _, _, headers in journal.requests:
        assert headers["user-agent"].startswith("conductor-conformance/")
        assert headers["x-tenant"] == "blue"
        assert "cookie" not in headers


def test_a_schemathesis_configuration_nearby_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text("this is = not toml at all [")
    result = run("run", "--only", "FILTER-03", cwd=tmp_path)
    assert result.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"schemathesis.toml"}


def test_an_interrupted_run_still_reports(tmp_path: Path) -> None:
    asked = []

    def respond(method: str, path: str, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked.append(path)
        if len(asked) == 5:
            process.send_signal(signal.SIGINT)
        return 200, {"Content-Type": "application/json"}, b'[{"name": 5}]'

    with answering(respond) as (url, _):
        process = subprocess.Popen(
            arguments("run", url, "--json", "r.json"),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        out, err = process.communicate(timeout=60)
    report = read_report(tmp_path / "r.json")
    assert process.returncode == 130
    assert report["interrupted"] is True
    assert "Traceback" not in out + err
    assert "INTERRUPTED" in out
