"""Proxies, client certificates and other addresses, each on request only."""

from __future__ import annotations

import select
import shlex
import socket
import socketserver
import ssl
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from support.servers.plain import answering

import conformance
from conformance import CannotTest, Target
from conformance.runner.opening import open_target
from conformance.target.network import Network

EMPTY = (200, {"Content-Type": "application/json"}, b"[]")
TOKEN = "a-token-of-this-test"


class _Proxy(socketserver.StreamRequestHandler):
    """Forwards one request, or opens a tunnel, and closes the connection."""

    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        method, place, _ = line.split()
        headers = {}
        while (header := self.rfile.readline().decode()).strip():
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        self.server.seen.append((method, place, headers))
        if self.server.user and headers.get("proxy-authorization") != self.server.user:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        parts = urlsplit(f"//{place}" if method == "CONNECT" else place)
        with socket.create_connection(("127.0.0.1", parts.port or 80)) as beyond:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                kept = headers | {"connection": "close"}
                text = "".join(f"{name}: {value}\r\n" for name, value in kept.items())
                beyond.sendall(f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode())
            self._pass_on(beyond)

    def _pass_on(self, beyond: socket.socket) -> None:
        ways = {self.connection: beyond, beyond: self.connection}
        while True:
            for ready in select.select([*ways], [], [], 10)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                ways[ready].sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, user: str) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.user = user
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that the other side closed."""


@contextmanager
def proxying(user: str = "") -> Iterator[tuple[str, _Server]]:
    """Yield the address of a proxy that may ask for ``user:password``."""
    known = f"Basic {b64encode(user.encode()).decode()}" if user else ""
    with _Server(known) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", server
        finally:
            server.shutdown()
            thread.join()


def test_plain_requests_go_by_the_proxy_exactly_as_written() -> None:
    last = (200, EMPTY[1] | {"Connection": "close"}, b"[]")
    with answering(lambda *_: last) as (url, journal), proxying() as (proxy, seen):
        report = conformance.run(
            Target(url, proxy=f"http://{proxy}"), profile="quick", only=["HTTP-01", "ROBUST-01"]
        )
    assert report.exit_code == 0
    assert {method for method, _, _ in seen.seen} <= {"GET", "HEAD"}
    assert all(place.startswith(f"{url}/api/") for _, place, _ in seen.seen)
    assert len(journal.requests) == report.requests
    # A stray percent sign is not repaired on the way.
    assert any("%zz" in place for _, place, _ in journal.requests)


def test_tls_goes_through_a_tunnel_and_a_user_is_named(tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("conductor.example.com").configure_cert(context)
    with (
        answering(lambda *_: EMPTY, tls=context) as (url, journal),
        proxying("me:s3cret-of-a-proxy") as (proxy, seen),
    ):
        port = urlsplit(url).port
        server = f"https://conductor.example.com:{port}"
        for user, works in (("me:s3cret-of-a-proxy@", True), ("", False)):
            known = f"http://{user}{proxy}"
            with Target(server, credential=TOKEN, ca_bundle=bundle, proxy=known) as target:
                if works:
                    assert open_target(target).refusal is None
                    shown = " ".join(target.curl_options)
                    assert "s3cret" not in target.redacted_text("s3cret-of-a-proxy") + shown
                else:
                    with pytest.raises(CannotTest, match="the proxy failed: 407"):
                        open_target(target)
        assert {(method, place) for method, place, _ in seen.seen} == {
            ("CONNECT", f"conductor.example.com:{port}")
        }
        assert journal.requests


def test_a_proxy_of_the_environment_is_used_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering(lambda *_: EMPTY) as (url, _), proxying() as (proxy, seen):
        monkeypatch.setenv("http_proxy", proxy)
        with Target(url) as target:
            assert open_target(target).refusal is None
            assert not seen.seen
            assert target.curl_options == ("--noproxy", "'*'")
        with Target(url, proxy="env") as target:
            assert open_target(target).refusal is None
            assert seen.seen
            assert target.curl_options == ("--proxy", f"http://{proxy}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert Network(proxy="env").proxy_for(url) is None
    with (
        Target("http://conductor.invalid:1", retry_budget=0) as target,
        pytest.raises(CannotTest, match="HTTP_PROXY is not used, unless you give --proxy env"),
    ):
        open_target(target)


def test_a_client_certificate_is_sent_and_asked_for(tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    own = authority.issue_cert("me@example.com")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    own.private_key_pem.write_to_path(key)
    for blob in own.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    with answering(lambda *_: EMPTY, tls=context) as (url, journal):
        arguments: dict[str, Any] = {"credential": TOKEN, "ca_bundle": bundle, "retry_budget": 0}
        with (
            Target(url, **arguments) as target,
            pytest.raises(CannotTest, match="--client-cert"),
        ):
            open_target(target)
        assert not journal.requests
        with Target(url, client_cert=chain, client_key=key, **arguments) as target:
            exchange = open_target(target).exchange
            words = shlex.join(["curl", "-sS", exchange.url])
            pasted = subprocess.run(
                ["sh", "-c", f"{words} {' '.join(target.curl_options)}"],
                capture_output=True,
                check=True,
                timeout=60,
            )
            assert pasted.stdout == b"[]"


def test_an_address_stands_for_a_host(tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("conductor.example.com").configure_cert(context)
    with answering(lambda *_: EMPTY, tls=context) as (url, journal):
        port = urlsplit(url).port
        resolved = f"Conductor.example.com:{port}:127.0.0.1"
        server = f"https://conductor.example.com:{port}"
        with Target(server, ca_bundle=bundle, resolve=[resolved]) as target:
            assert open_target(target).refusal is None
        ((_, _, headers), *_) = journal.requests
        assert headers["host"] == f"conductor.example.com:{port}"
