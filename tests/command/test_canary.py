"""Planted secrets never come out: of no output, file or log, whatever a server answers."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import run
from support.servers.canaries import Aviary, spellings, traceable_token
from support.servers.canary_servers import (
    BRIEFLY,
    PAGES,
    PAIR,
    REPORTS,
    configured,
    front_end,
    header_words,
    letting_in,
    repeating,
    settings,
)
from support.servers.plain import answering, talking

from conformance import read_recording
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS, Fault


@pytest.fixture
def aviary(tmp_path: Path) -> Aviary:
    return Aviary(tmp_path)


# ------------------------------------------------------------------------------ the search itself


@pytest.mark.parametrize("spelling", [*spellings("x" * 40)])
def test_a_secret_that_came_out_is_found(aviary: Aviary, spelling: str) -> None:
    value = aviary.new("one")
    aviary.new("another")
    assert aviary.leaks() == []
    spelled = spellings(value)[spelling]
    hidden = aviary.folder / "a" / ".b"
    hidden.mkdir(parents=True)
    (hidden / "c").write_bytes(b"\xff\0" + spelled.encode())
    name = spelled.replace("/", "_")[-200:]
    (aviary.folder / name).mkdir()
    aviary.seen["stderr"] = spelled.encode()
    assert {*aviary.leaks()} == {"one in a/.b/c", f"one in the name {name}", "one in stderr"}


def test_what_a_process_said_is_searched(aviary: Aviary) -> None:
    script = f"import sys; sys.stderr.write({aviary.new('one')!r})"
    aviary.file("speak.py", script)
    aviary.run("speak", env={"PYTHONPATH": str(aviary.folder), "PYTHONDONTWRITEBYTECODE": "1"})
    assert aviary.leaks() == ["one in stderr 0"]


def test_only_where_it_was_planted_it_may_be(aviary: Aviary) -> None:
    value = aviary.new("one")
    path = aviary.file("token", value)
    assert aviary.leaks() == []
    (aviary.folder / "copy").write_bytes(path.read_bytes())
    assert aviary.leaks() == ["one in copy"]


# --------------------------------------------------------------------------- servers that are wrong


def one_for_each_requirement() -> list[Fault]:
    """Return few faults that break every requirement of a run that only reads between them."""
    chosen: list[Fault] = []
    faults = [fault for fault in FAULTS if not fault.with_fixtures]
    left = {requirement for fault in faults for requirement in fault.breaks}
    while left:
        chosen.append(max(faults, key=lambda fault: len(fault.breaks & left)))
        left -= chosen[-1].breaks
    return chosen


@pytest.mark.catalogue
@pytest.mark.parametrize("fault", one_for_each_requirement(), ids=lambda fault: fault.name)
def test_a_wrong_server(fault: Fault, aviary: Aviary) -> None:
    server = configured(fault.make(), settings(aviary))
    with EmbeddedServer(server) as embedded:
        token = traceable_token(server.issue_token)
        aviary.know("token", token.rpartition(".")[2])
        # Some faults break nothing but a SHOULD.
        known = ("--seed", "1", "--fail-on", "should", "--retry-budget", "5")
        done = run(
            *("run", embedded.url, "--profile", fault.profile, *known, *REPORTS),
            cwd=aviary.folder,
            env={"CONDUCTOR_AUTH_TOKEN": token},
        )
    aviary.seen |= {"stdout": done.out.encode(), "stderr": done.err.encode()}
    assert "requirements checked with" in done.out
    assert done.code in (1, 3)
    assert (aviary.folder / "r.json").exists()
    assert read_recording(aviary.folder / "r.har").metadata.run_id
    assert aviary.leaks() == []


# -------------------------------------------------------------- servers that repeat the secrets


@pytest.mark.catalogue
@pytest.mark.parametrize("name", PAGES)
def test_a_server_that_repeats_everything(aviary: Aviary, name: str) -> None:
    answer, code = PAGES[name]
    token = aviary.new("token")
    path = aviary.file("token-file", token)
    words = header_words(aviary)
    env = dict(zip(PAIR, (aviary.new("key"), aviary.new("key secret")), strict=True))
    # The environment's are not used beside the file, and not searched for in answers.
    env["CONDUCTOR_AUTH_TOKEN"] = aviary.new("another token")
    used = {value for value in aviary.named.values() if value not in env.values()}
    with repeating(used, lambda spelled: letting_in(token, answer(spelled))) as url:
        done = aviary.run(
            *("conformance", "run", url, "--profile", "quick", *BRIEFLY, *REPORTS, *words),
            # What is compared names the same providers, and takes long where everything differs.
            *("--token-file", str(path), "--skip", "FILTER,STABLE,ROBUST"),
            env=env,
        )
    assert done.code == code, done.text
    assert json.loads((aviary.folder / "cwd" / "r.json").read_text("utf-8"))
    assert aviary.leaks() == []


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("name", ["members", "loop", "away"])
def test_a_server_that_repeats_everything_to_pytest(aviary: Aviary, name: str) -> None:
    answer, _ = PAGES[name]
    token = aviary.new("token")
    with repeating([token], lambda spelled: letting_in(token, answer(spelled))) as url:
        done = front_end(aviary, url, CONDUCTOR_AUTH_TOKEN=token)
    assert done.code == 1
    assert aviary.leaks() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "body"),
    [(401, "{}"), (503, "<p>{}"), (200, '{"token": 5, "{}": "{}"}')],
)
def test_a_token_endpoint_that_repeats_the_key(aviary: Aviary, status: int, body: str) -> None:
    env = dict(zip(PAIR, (aviary.new("key", ""), aviary.new("key secret")), strict=True))
    text = " ".join(spelling for value in env.values() for spelling in spellings(value).values())
    sent = {"Retry-After": env[PAIR[1]], "X-Echo": text, "Content-Type": "application/json"}
    with answering(lambda *_: (status, sent, body.replace("{}", text).encode())) as (url, _):
        done = aviary.run("conformance", "run", url, *BRIEFLY, *REPORTS, env=env)
    assert done.code == 3, done.text
    assert aviary.leaks() == []


class Strange(ReferenceServer):
    """Shows strangers what the last caller presented, and what the token was bought with."""

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        presented = request.headers.get("x-authorization", "")
        secrets_of_all = [self.key_id, self.key_secret, self.last, presented]
        if refusal is None:
            self.last = presented
            return None
        text = " ".join(secrets_of_all)
        page = "text/html" in request.headers.get("accept", "")
        return Response(
            json.dumps({"message": text, "name": text, "type": text, self.key_secret: text}),
            302 if page else 401,
            {"location": f"/login?from={quote(text)}", "www-authenticate": quote(text)},
            "application/json",
        )

    last = ""


@pytest.mark.slow
def test_a_server_that_tells_strangers_about_others(aviary: Aviary) -> None:
    env = dict(zip(PAIR, (aviary.new("key"), aviary.new("key secret")), strict=True))
    server = configured(
        Strange(key_id=env[PAIR[0]], key_secret=env[PAIR[1]], token_lifetime=1), settings(aviary)
    )
    issue = server.issue_token

    def issue_known(*, expired: bool = False) -> str:
        assert not expired
        return aviary.know(f"token {len(aviary.named)}", traceable_token(issue))

    server.issue_token = issue_known  # type: ignore[method-assign]
    with EmbeddedServer(server) as embedded:
        words = ("run", embedded.url, "--profile", "quick", *REPORTS)
        done = aviary.run("conformance", *words, env=env)
    assert done.code == 1, done.text
    for name in aviary.named:
        # Of a token only the signature is secret: the suite forges tokens with such a head.
        if name.startswith("token"):
            aviary.named[name] = aviary.named[name].rpartition(".")[2]
    assert aviary.leaks() == []


REPLIES = {
    "ssh": b"SSH-2.0-{}\r\n",
    "status": b"HTTP/1.1 {} {}\r\n\r\n",
    "headers": b"HTTP/1.1 200 {}\r\n{}\r\n: {}\r\n {}\r\nContent-Length: 2\r\n\r\n[]",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}\r\n[]",
    "encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n{}",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPLIES)
def test_a_server_that_hardly_speaks_http(aviary: Aviary, name: str) -> None:
    token = aviary.new("token")
    with talking(REPLIES[name].replace(b"{}", token.encode())) as url:
        done = aviary.run(
            *("conformance", "run", url, "--only", "HTTP", "--profile", "quick"),
            *(*BRIEFLY, *REPORTS),
            env={"CONDUCTOR_AUTH_TOKEN": token},
        )
    assert done.code in (1, 3)
    assert "Traceback" not in done.text
    assert aviary.leaks() == []


@pytest.mark.slow
def test_what_libraries_log_of_a_server_that_hardly_speaks_http(aviary: Aviary) -> None:
    token = aviary.new("token")
    with talking(REPLIES["headers"].replace(b"{}", token.encode())) as url:
        done = front_end(aviary, url, CONDUCTOR_AUTH_TOKEN=token)
    assert done.code == 1
    assert aviary.leaks() == []
