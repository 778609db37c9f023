"""Planted secrets never come out either where a run does not end as it should."""

from __future__ import annotations

import json
import signal
import subprocess
from itertools import count
from pathlib import Path

import pytest
from support.servers.canaries import Aviary, traceable_token
from support.servers.canary_servers import (
    BRIEFLY,
    PAIR,
    REPORTS,
    configured,
    front_end,
    header_words,
    settings,
)
from support.servers.plain import answering

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def aviary(tmp_path: Path) -> Aviary:
    return Aviary(tmp_path)


class Odd(ReferenceServer):
    """Fails where only generated queries look, and shows what it should not."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        if query.category is not None and any(character > "\x7f" for character in query.category):
            return list(self.providers)
        return super().select(query)


@pytest.mark.slow
def test_a_failing_query_that_is_shrunk(aviary: Aviary) -> None:
    server = configured(Odd(), settings(aviary))
    token = traceable_token(server.issue_token)
    aviary.know("token", token.rpartition(".")[2])
    with EmbeddedServer(server) as embedded:
        done = aviary.run(
            *("conformance", "run", embedded.url, "--only", "FILTER-03", "--seed", "1", *REPORTS),
            env={"CONDUCTOR_AUTH_TOKEN": token},
        )
    assert (done.code, b"FILTER-03 failed" in done.out) == (1, True), done.text
    assert aviary.leaks() == []


def test_an_interruption(aviary: Aviary) -> None:
    token = aviary.new("token")
    running: list[subprocess.Popen[bytes]] = []
    asked = count(1)

    def respond(*_: object) -> tuple[int, dict[str, str], bytes]:
        if next(asked) == 9:
            running[0].send_signal(signal.SIGTERM)
        return 200, {**JSON, "X-Echo": token}, json.dumps([{"name": token}]).encode()

    words = header_words(aviary)
    with answering(respond) as (url, _):
        done = aviary.run(
            *("conformance", "run", url, *REPORTS, *words),
            env={"CONDUCTOR_AUTH_TOKEN": token},
            meanwhile=running.append,
        )
    assert done.code == 130, done.text
    assert aviary.leaks() == []


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("words", "env"),
    [
        (["--token-file", "{bad}"], {}),
        (["--token-file", "{missing}"], {}),
        (["--token-file", "{token}"], {}),
        (["--header", "{token}"], {}),
        (["--header", "X-Api-Key={token}: 5"], {}),
        (["--header", "{token}: 5"], {}),
        (["--header", "X-Api-Key: {token}\x07"], {}),
        (["--header", "X-Authorization: {token}"], {}),
        (["--header", "X-Api-Key: {token}", "--header", "x-api-key: {token}"], {}),
        (["--header", "X-Api-Key:", "{token}"], {}),
        (["--token", "{token}"], {}),
        (["--token={token}"], {}),
        ([], {"CONDUCTOR_AUTH_TOKEN": "{token}\x07"}),
        ([], {"CONDUCTOR_AUTH_KEY": "{token}"}),
        ([], {"CONDUCTOR_AUTH_SECRET": "{token}"}),
        ([], {"CONDUCTOR_AUTH_KEY": "{token}\x07", "CONDUCTOR_AUTH_SECRET": "{token}"}),
        (["https://user:{token}@host.example.com"], {}),
        (["https://host.example.com/?key={token}"], {}),
    ],
)
def test_a_mistake_on_the_command_line(
    aviary: Aviary, words: list[str], env: dict[str, str]
) -> None:
    token = aviary.new("token", "+/=")
    bad = aviary.file("bad", f"{token}\n{token}")

    def filled(text: str) -> str:
        text = text.replace("{token}", token).replace("{bad}", str(bad))
        return text.replace("{missing}", f"none/{token}")

    url = [] if any(word.startswith("https:") for word in words) else ["http://127.0.0.1:9"]
    done = aviary.run(
        *("conformance", "run", *url, *map(filled, words)),
        env={name: filled(value) for name, value in env.items()},
    )
    assert done.code == 2, done.text
    assert b"Error: " in done.err
    assert aviary.leaks() == []


DEFECT = """
from conformance.checks import judging
from conformance.runner import gathering
from conformance.target import tokens, transport

def broken(*secrets):
    raise ValueError(*secrets)

{}
"""
DEFECTS = {
    "gathering": "gathering.Gatherer._model_requests = lambda gatherer: broken(gatherer.evidence)",
    "judging": "judging.judge = lambda evidence, *_: broken(evidence.opening)",
    "sending": "transport.Transport.send = lambda *given, **named: broken(given, named)",
    "tokens": "tokens._token_in = lambda body: broken(body)",
}


def broken_suite(aviary: Aviary, name: str) -> dict[str, str]:
    """Return an environment in which the suite breaks somewhere, with secrets at hand."""
    plugin = aviary.folder / "plugin"
    plugin.mkdir()
    (plugin / "sitecustomize.py").write_text(DEFECT.format(DEFECTS[name]))
    keys = dict(zip(PAIR, (aviary.new("key"), aviary.new("key secret")), strict=True))
    return {**keys, "PYTHONPATH": str(plugin)}


@pytest.mark.catalogue
@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_of_the_suite(aviary: Aviary, name: str) -> None:
    env = broken_suite(aviary, name)
    server = configured(
        ReferenceServer(key_id=env[PAIR[0]], key_secret=env[PAIR[1]]), settings(aviary)
    )
    with EmbeddedServer(server) as embedded:
        done = aviary.run(
            "conformance", "run", embedded.url, "--profile", "quick", *REPORTS, env=env
        )
    assert done.code == 3, done.text
    assert "conductor-conformance failed internally" in done.text
    assert "Traceback" not in done.text
    assert aviary.leaks() == []


@pytest.mark.slow
def test_a_defect_of_the_suite_under_pytest(aviary: Aviary) -> None:
    env = broken_suite(aviary, "sending")
    server = configured(
        ReferenceServer(key_id=env[PAIR[0]], key_secret=env[PAIR[1]]), settings(aviary)
    )
    with EmbeddedServer(server) as embedded:
        done = front_end(aviary, embedded.url, "-k", "HTTP-01", **env)
    assert done.code == 1, done.text
    assert "conductor-conformance failed internally" in done.text
    assert aviary.leaks() == []


@pytest.mark.slow
def test_a_mistake_under_pytest(aviary: Aviary) -> None:
    bad = aviary.file("bad", f"{aviary.new('token')}\n\x07")
    env = {"CONDUCTOR_AUTH_KEY": aviary.new("key"), "CONDUCTOR_AUTH_SECRET": aviary.new("secret")}
    words = ("--conductor-token-file", str(bad), "-k", "HTTP-01")
    done = front_end(aviary, "http://127.0.0.1:9", *words, **env)
    assert done.code == 4, done.text
    assert aviary.leaks() == []


@pytest.mark.slow
def test_a_self_test_knows_nothing_of_the_environment(aviary: Aviary) -> None:
    env = {
        "CONDUCTOR_AUTH_TOKEN": aviary.new("token"),
        **dict(zip(PAIR, (aviary.new("key"), aviary.new("key secret")), strict=True)),
        "CONDUCTOR_SERVER_URL": f"https://host.example.com/{aviary.new('url', '')}",
    }
    done = aviary.run(
        *("conformance", "self-test", "--only", "secret-api-key,http-type-text-plain", "--verbose"),
        *("--json", "s.json", "--markdown", "s.md", "--html", "s.html"),
        env=env,
    )
    assert done.code == 0, done.text
    assert (aviary.folder / "cwd" / "s.html").exists()
    assert aviary.leaks() == []


def test_the_title_of_the_process(aviary: Aviary) -> None:
    token = aviary.new("token")
    path = aviary.file("token-file", token)
    env = {"CONDUCTOR_AUTH_TOKEN": aviary.new("another token")}
    done = aviary.run(
        *("conformance", "run", "http://127.0.0.1:9", "--token-file", str(path), *BRIEFLY), env=env
    )
    assert b"--token-file" in done.title
    aviary.seen["title"] = done.title
    assert aviary.leaks() == []
