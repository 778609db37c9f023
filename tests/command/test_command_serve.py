"""`serve`, alone and with `--fault` and `--variation`: what it tells, and that it can be judged."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.processes.command import run, running

URL, TOKEN = "CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_TOKEN"
EXPIRED = "CONDUCTOR_EXPIRED_TOKEN"
PAIR = ("CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET")


@contextmanager
def serving(*words: str, cwd: Path) -> Iterator[str]:
    """Yield what is told by a server that runs meanwhile."""
    process = running("serve", "--port", "0", *words, cwd=cwd, env={"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    try:
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("With these variables"):
                break
        yield told
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not rest + errors


def test_the_server_of_a_scenario_with_a_log(tmp_path: Path) -> None:
    words = ("--scenario", "both", "--log", "requests.jsonl")
    with serving(*words, cwd=tmp_path) as told:
        found = dict(re.findall(r"(\w+)=(\S+)", told))
        assert found["CONFORMANCE_CATEGORY"] == "VECTOR_DB"
        assert found["CONFORMANCE_ACTIVE_ONLY"] == "false"
        client = run("run", "--profile", "quick", "--quiet", cwd=tmp_path, env=found)
        assert client.code == 0, client.out
    lines = (tmp_path / "requests.jsonl").read_text("utf-8").splitlines()
    sent = [json.loads(line) for line in lines]
    assert {(one["method"], one["path"], one["status"]) for one in sent} >= {
        ("POST", "/api/token", 200),
        ("GET", "/api/integrations/provider", 200),
    }
    headers = [dict(one["headers"]) for one in sent]
    assert "(redacted)" in {one.get("x-authorization") for one in headers}
    assert not any(found["CONDUCTOR_AUTH_SECRET"] in line or "eyJ" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        ((), {URL, *PAIR}, ""),
        (
            ("--fault", "filter-category-ignored"),
            {URL, TOKEN, EXPIRED},
            "It breaks at least FILTER-01, FILTER-03.",
        ),
        # The URL that is given is not where the API is.
        (
            ("--variation", "answer-at-prefix-without-api"),
            {URL, TOKEN, EXPIRED},
            "/team/conductor until it is interrupted",
        ),
        # The token has a blank in it.
        (("--variation", "caller-token-with-scheme"), {URL, TOKEN, EXPIRED}, "It breaks nothing"),
        (("--variation", "caller-tokens-expire"), {URL, *PAIR}, "It breaks nothing"),
        (("--variation", "caller-open-to-all"), {URL}, "It needs no credential:"),
    ],
)
def test_it_is_served_as_its_callers_are_to_meet_it(
    words: tuple[str, ...], given: set[str], said: str, tmp_path: Path
) -> None:
    with serving(*words, cwd=tmp_path) as told:
        pairs = re.findall(r"(CONDUCTOR_\w+)=('.*'|\S+)", told)
        variables = {name: value.strip("'") for name, value in pairs}
        assert set(variables) == given
        assert said in told
        if words:
            assert f"It has the {words[0][2:]} {words[1]}: " in told
        assert f"runs at {variables[URL]} until" in told
        command = ("run", "--profile", "quick", "--only", "FILTER-01,AUTH")
        judged = run(*command, cwd=tmp_path, env=variables)
    assert judged.code == int("--fault" in words), judged.out
    assert ("FILTER-01 failed" in judged.out) is ("--fault" in words)
    assert variables[URL] in judged.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("serve --fault filter-category-ignore", "did you mean filter-category-ignored"),
        ("serve --fault living-growing", "unknown fault 'living-growing'"),
        ("serve --variation living-growin", "did you mean living-growing"),
        ("serve --fault a --variation b", "--fault and --variation exclude each other"),
        ("serve --scenario a --variation b", "--variation and --scenario exclude each other"),
        (
            "serve --scenario redirekt",
            "unknown scenario 'redirekt'; did you mean redirect or redirect-port?",
        ),
        ("serve --log /", "it is a folder"),
        ("serve --fault one --fault other", "--fault is given more than once"),
        ("list --faults --variations", "--faults and --variations exclude each other"),
        ("list --faults filter-category-ignore", "did you mean filter-category-ignored"),
        ("list filter-category-ignored", "the contract has no requirement"),
    ],
)
def test_what_is_not_known_is_refused(words: str, told: str, tmp_path: Path) -> None:
    result = run(*words.split(), cwd=tmp_path)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()


@pytest.mark.parametrize("host", ["nope.invalid", "192.0.2.1"])
def test_serve_says_when_its_host_is_none_of_this_machine(tmp_path: Path, host: str) -> None:
    complaint = run("serve", "--host", host, "--port", "0", cwd=tmp_path).complaint()
    assert complaint.startswith(f"Error: Cannot listen on {host}:0: ")
    assert complaint.endswith("; give --host an address of this machine, such as 127.0.0.1.")


def test_serve_says_when_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert result.code == 2
    assert "annot listen on 127.0.0.1" in result.complaint()
