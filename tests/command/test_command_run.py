"""The main job, run against real servers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import environment, failed, read_report, run, validate
from support.servers.plain import answering, closed_port, talking

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer

QUICK = ("--profile", "quick", "--only", "HTTP-01")


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


@pytest.mark.parametrize("words", [(), ("",), ("--dry-run",), ("--badge", "b.json")])
@pytest.mark.parametrize("variable", [None, ""])
def test_without_a_server_nobody_is_judged(
    tmp_path: Path, words: tuple[str, ...], variable: str | None
) -> None:
    env = {} if variable is None else {"CONDUCTOR_SERVER_URL": variable}
    result = run("run", *words, "--json", "r.json", cwd=tmp_path, env=env)
    assert result.code == 2
    assert result.complaint() == (
        "Error: No server is named: give its URL, or set CONDUCTOR_SERVER_URL; "
        "`conductor-conformance demo` judges the reference server instead."
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_demo_judges_the_reference_server_and_says_so(tmp_path: Path) -> None:
    files = ("--json", "report.json", "--junit", "report.xml", "--markdown", "r.md")
    # Neither variables nor settings are about this server.
    env = {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9", "CONDUCTOR_AUTH_TOKEN": "mine"}
    (tmp_path / "pyproject.toml").write_text("[tool.conductor-conformance]\nurl = 'ftp://x'\n")
    result = run("demo", *files, cwd=tmp_path, env=env)
    report = read_report(tmp_path / "report.json")
    assert result.code == 0, result.out
    assert report["verdict"] == "conformant"
    assert report["summary"]["inconclusive"] == report["summary"]["failed"] == 0
    judged = [one for one in report["requirements"] if not one["id"].startswith("LIFECYCLE")]
    assert report["summary"]["passed"] == len(judged)
    assert "CONFORMANT This is a demo. Every requirement that applies is met." in result.words
    assert "\x1b" not in result.out + result.err
    for file in ("report.json", "report.xml", "r.md"):
        assert "reference server (demo)" in (tmp_path / file).read_text("utf-8")
    refused = run("demo", "--badge", "b.json", cwd=tmp_path)
    assert (refused.code, "No such option '--badge'" in refused.err) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "family", "blamed"),
    [
        (IgnoresCategory, "FILTER", "FILTER-01"),
        (EmbedsModels, "MODEL", "MODEL-01"),
        (AcceptsAnyToken, "AUTH", "AUTH-03"),
    ],
)
def test_blames_the_right_family_and_shows_how_to_see_it(
    tmp_path: Path, server: type[ReferenceServer], family: str, blamed: str
) -> None:
    with EmbeddedServer(server()) as embedded:
        env = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        words = ("run", embedded.url, "--profile", "quick", "--json", "r.json")
        result = run(*words, cwd=tmp_path, env=env)
        report = read_report(tmp_path / "r.json")
        finding = next(one["findings"][0] for one in report["requirements"] if one["id"] == blamed)
        shown = subprocess.run(
            ["bash", "-c", finding["curl"]],
            env=environment(env),
            capture_output=True,
            timeout=60,
            check=True,
        )
    assert result.code == 1
    assert report["verdict"] == "non-conformant"
    assert blamed in failed(report)
    assert {requirement.partition("-")[0] for requirement in failed(report)} == {family}
    assert f"{blamed} failed" in result.words
    assert "curl -sS -H " in result.words
    assert env["CONDUCTOR_AUTH_TOKEN"] not in json.dumps(finding)
    if family == "MODEL":
        element, member = finding["pointer"].removeprefix("/").split("/")
        assert json.loads(shown.stdout)[int(element)][member]


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
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "needs credentials"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "no documented query returned 200"),
        (
            (
                b"HTTP/1.1 302 Found\r\nLocation: https://login.example.com/\r\n"
                b"Content-Length: 0\r\n\r\n"
            ),
            "redirects to another origin, https://login.example.com/",
        ),
    ],
)
def test_a_server_that_cannot_be_tested(tmp_path: Path, reply: bytes, words: str) -> None:
    with talking(reply) as url:
        result = run("run", url, cwd=tmp_path)
    assert result.code == 3, result.out
    assert words in result.words


@pytest.mark.parametrize(
    ("status", "env"),
    [(404, {}), (404, {"CONDUCTOR_AUTH_KEY": "k", "CONDUCTOR_AUTH_SECRET": "secret"}), (501, {})],
)
def test_a_missing_endpoint_is_not_conformant(
    tmp_path: Path, status: int, env: dict[str, str]
) -> None:
    with answering(lambda *_: (status, {}, b"no")) as (url, _):
        result = run("run", url, "--json", "r.json", cwd=tmp_path, env=env)
    assert result.code == 1
    assert f"status {status}" in result.words
    if status == 404:
        assert "The server has no /api/integrations/provider" in result.words
    assert failed(read_report(tmp_path / "r.json")) == {"HTTP-01"}


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


def test_a_token_file_is_accepted(tmp_path: Path) -> None:
    server = ReferenceServer()
    (tmp_path / "token").write_text(server.issue_token() + "\n")
    with EmbeddedServer(server) as embedded:
        result = run("run", embedded.url, "--token-file", "token", *QUICK, cwd=tmp_path)
    assert result.code == 0


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
    assert "AUTH-01 to AUTH-12 not-applicable" in result.words


def test_the_url_of_the_server_means_its_api(tmp_path: Path) -> None:
    with EmbeddedServer(ReferenceServer()) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        root = embedded.url.removesuffix("/api")
        result = run("run", root, *QUICK, cwd=tmp_path, env=token)
    assert result.code == 0
    assert f"{root}/api " in result.words


def test_json_on_standard_output_is_nothing_but_json(tmp_path: Path) -> None:
    result = run("demo", *QUICK, "--json", "-", cwd=tmp_path)
    validate(json.loads(result.out))
    assert "CONFORMANT" in result.err


def test_only_and_skip_choose_what_is_judged(tmp_path: Path) -> None:
    words = ("--only", "filter,AUTH-01", "--skip", "FILTER-03", "--skip", "FILTER-04,FILTER-05")
    result = run("demo", *words, "--profile", "quick", "--json", "r.json", cwd=tmp_path)
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
        words = ("run", embedded.url, "--profile", "quick", "--only", "MODEL", "--junit", "r.xml")
        lenient = run(*words, cwd=tmp_path, env=token)
        lenient_failures = _junit(tmp_path / "r.xml").get("failures")
        strict = run(*words, "--fail-on", "should", cwd=tmp_path, env=token)
        strict_failures = _junit(tmp_path / "r.xml").get("failures")
    assert (lenient.code, lenient_failures) == (0, "0")
    assert (strict.code, strict_failures) == (1, "1")
    assert "MODEL-03 not met" in lenient.words


@pytest.mark.slow
def test_require_evidence_makes_missing_evidence_count(tmp_path: Path) -> None:
    active = [provider for provider in ReferenceServer().providers if provider.enabled]
    with EmbeddedServer(ReferenceServer(providers=active)) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        words = ("run", embedded.url, "--profile", "quick", "--only", "FILTER", "--json", "r.json")
        lenient = run(*words, cwd=tmp_path, env=token)
        strict = run(*words, "--require-evidence", cwd=tmp_path, env=token)
        report = read_report(tmp_path / "r.json")
        codes: dict[str, set[int]] = {}
        for given in ("FILTER-04", "FILTER-01", "filter", "STABLE,FILTER-01", "NOTHING"):
            for form in (("--require-evidence", given), (f"--require-evidence={given}",)):
                # In front of the URL it must not be taken for one.
                done = run("run", *form, *words[1:], cwd=tmp_path, env=token)
                codes.setdefault(given, set()).add(done.code)
    assert (lenient.code, strict.code) == (0, 1)
    assert codes == {
        "FILTER-04": {1},
        "FILTER-01": {0},
        "filter": {1},
        "STABLE,FILTER-01": {0},
        "NOTHING": {2},
    }
    assert not failed(report)
    assert "FILTER-04" in report["reason"]
    assert "no inactive provider" in lenient.words


def test_a_schemathesis_configuration_nearby_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text("this is = not toml at all [")
    result = run("demo", "--only", "FILTER-03", cwd=tmp_path)
    assert result.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"schemathesis.toml"}
