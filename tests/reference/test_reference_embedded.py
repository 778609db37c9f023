"""Test that a reference server starts quickly, stops cleanly, and leaves the process unchanged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import (
    EmbeddedServer,
    PortUnavailable,
    ReferenceServer,
    ServerDidNotStart,
    serve,
)
from conformance.reference import embedded as embedded_module
from conformance.reference.listening import api_url, listen


def status(server: ReferenceServer, url: str) -> int:
    headers = {"X-Authorization": server.issue_token()}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{url}/integrations/provider", headers=headers, timeout=30)
        return answer.status_code


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "reference-server"}


@contextlib.contextmanager
def signals_untouched() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    assert [signal.getsignal(number) for number in numbers] == before


class Slow(ReferenceServer):
    """Never responds; ``asked`` is set by the first request."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    async def respond(
        self, request: Request, handler: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        self.asked.set()
        await asyncio.sleep(3600)
        return await super().respond(request, handler)


def test_two_servers_run_at_once_and_each_keeps_its_own_keys() -> None:
    before = threads()
    one, other = ReferenceServer(), ReferenceServer(prefix="")
    with signals_untouched(), EmbeddedServer(one) as first, EmbeddedServer(other) as second:
        assert first.port != second.port
        assert first.url == f"http://127.0.0.1:{first.port}/api"
        assert second.url == f"http://127.0.0.1:{second.port}"
        assert (status(one, first.url), status(other, second.url)) == (200, 200)
        assert status(one, second.url) == 401
    assert threads() <= before


def test_it_stops_and_starts_again() -> None:
    server = ReferenceServer()
    token = server.issue_token()
    embedded = EmbeddedServer(server)
    for _ in range(3):
        with embedded:
            url, port = embedded.url, embedded.port
            answer = requests.get(
                f"{url}/integrations/provider", headers={"X-Authorization": token}, timeout=30
            )
            assert answer.status_code == 200
            with pytest.raises(RuntimeError, match="already"):
                embedded.start()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=30)
        with pytest.raises(RuntimeError, match="not running"):
            _ = embedded.url
        embedded.close()


def test_it_runs_inside_a_running_event_loop() -> None:
    async def main() -> int:
        server = ReferenceServer()
        with EmbeddedServer(server) as embedded:
            return await asyncio.to_thread(status, server, embedded.url)

    assert asyncio.run(main()) == 200


def test_starting_and_stopping_is_quick_with_connections_left_open() -> None:
    server = ReferenceServer()
    durations = []
    for _ in range(3):
        began = time.perf_counter()
        with EmbeddedServer(server) as embedded, requests.Session() as session:
            session.trust_env = False
            headers = {"X-Authorization": server.issue_token()}
            session.get(f"{embedded.url}/integrations/provider", headers=headers, timeout=30)
            silent = socket.create_connection(("127.0.0.1", embedded.port), timeout=30)
            silent.sendall(b"GET /api/integ")
            embedded.close()
        silent.close()
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.5


def test_answers_that_never_come_do_not_keep_it_alive(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(embedded_module, "_GRACE", 0.01)
    caplog.set_level(logging.DEBUG)
    server = Slow()
    with EmbeddedServer(server) as embedded, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(status, server, embedded.url)
        # A second request is running whose body never ends.
        unfinished = socket.create_connection(("127.0.0.1", embedded.port), timeout=30)
        unfinished.sendall(b"POST /api/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert server.asked.wait(30)
        embedded.close()
        assert isinstance(waiting.exception(30), requests.ConnectionError)
        unfinished.close()
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
    assert capfd.readouterr() == ("", "")


def test_garbage_and_a_very_long_question_are_answered(capfd: pytest.CaptureFixture[str]) -> None:
    server = ReferenceServer()
    with EmbeddedServer(server) as embedded:
        with socket.create_connection(("127.0.0.1", embedded.port), timeout=30) as garbage:
            garbage.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
            assert garbage.recv(100).startswith(b"HTTP/1.1 400 ")
        answer = requests.get(
            f"{embedded.url}/integrations/provider",
            params={"category": "x" * 500_000},
            headers={"X-Authorization": server.issue_token()},
            timeout=30,
        )
        assert (answer.status_code, answer.json()) == (200, [])
        assert "server" not in answer.headers
    assert capfd.readouterr() == ("", "")


def test_a_server_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError("no loop today")

    monkeypatch.setattr("uvicorn.Server.startup", fail)
    before = threads()
    with pytest.raises(ServerDidNotStart, match="no loop today"):
        EmbeddedServer(ReferenceServer()).start()
    assert threads() <= before


# In the foreground --------------------------------------------------------------------------


def test_a_taken_port_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with EmbeddedServer(ReferenceServer()) as embedded, pytest.raises(PortUnavailable) as refused:
        serve(ReferenceServer(), "127.0.0.1", embedded.port, pytest.fail)
    assert re.fullmatch(r"cannot listen on 127\.0\.0\.1:\d+: .*in use", str(refused.value))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("fe80::1%nonesuch", 0),
        ("a" * 300, 0),
        ("203.0.113.1", 0),
        ("127.0.0.1", 65_536),
        ("127.0.0.1", -1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_address_that_is_none_is_refused(host: str, port: int) -> None:
    with pytest.raises(PortUnavailable, match="cannot listen on"):
        serve(ReferenceServer(), host, port, pytest.fail)


def test_of_several_addresses_a_taken_one_decides_and_a_foreign_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(*ports: tuple[str, int]) -> None:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
        found = [(*kind, address) for address in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with listen("127.0.0.1", 0) as taken:
        resolve(taken.getsockname(), ("127.0.0.1", 0))
        with pytest.raises(PortUnavailable, match="in use"):
            listen("name", 1)
        resolve(("203.0.113.1", 0), ("127.0.0.1", 0))
        with listen("name", 1) as listening:
            assert api_url(listening, "/api").startswith("http://127.0.0.1:")


@pytest.mark.skipif(not socket.has_ipv6, reason="IPv6")
def test_an_ipv6_address_is_bracketed() -> None:
    try:
        listening = listen("::1", 0)
    except PortUnavailable:
        pytest.skip("this machine has no IPv6")
    with listening:
        assert api_url(listening, "") == f"http://[::1]:{listening.getsockname()[1]}"


PROGRAM = """
from conformance.reference import ReferenceServer, serve
def ready(url):
    print(url, flush=True)
serve(ReferenceServer(key_id="k", key_secret="s"), "0.0.0.0", 0, ready)
print("ended", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            # Not "http://0.0.0.0", to which clients cannot be expected to connect.
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api", url)
            pair = {"keyId": "k", "keySecret": "s"}
            with requests.Session() as session:
                session.trust_env = False
                assert session.post(f"{url}/token", json=pair, timeout=30).status_code == 200
                process.send_signal(number)
                assert process.communicate(timeout=30) == ("ended\n", "")
        finally:
            process.kill()
    assert process.returncode == 0


def test_a_failure_when_ready_is_the_callers() -> None:
    def ready(url: str) -> None:
        raise BrokenPipeError(url)

    with signals_untouched(), pytest.raises(BrokenPipeError, match="http://"):
        serve(ReferenceServer(), "127.0.0.1", 0, ready)
