"""A server behind a real nginx is judged as docs/gateways.md says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from support.processes.command import Result, run

from conformance.reference import EmbeddedServer, ReferenceServer
from foreign.serving import LOOPBACK, Server, filled, free_port
from foreign.stack import SERVERS

PLACES = ("PATH", "COOKIE", "BASIC", "TLS", "NAME", "PROXY")
SESSION = "session-of-the-gateway-3f1"
# "staging-7d2a:{PLAIN}" is nginx's form of a password that is not hashed.
PASSWORD = "a-password-7d2a"


@dataclass(frozen=True)
class Gateways:
    """A running nginx; ``ports`` by place of its configuration."""

    ports: dict[str, int]
    folder: Path
    token: str
    origin: str

    def judge(self, url: str, *words: str, **variables: str) -> Result:
        """Judge the server behind a gateway, quickly."""
        chosen = ("--profile", "quick", "--only", "HTTP-01,FILTER", "--retry-budget", "0")
        known = {"CONDUCTOR_AUTH_TOKEN": self.token, **variables}
        return run("run", url, *chosen, *words, cwd=self.folder, env=known)


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    if shutil.which("nginx") is None:
        reason = "missing: apt-get install nginx-light"
        pytest.fail(reason) if "TOX_ENV_NAME" in os.environ else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    own = authority.issue_cert("127.0.0.1", "conductor.example.com")
    own.private_key_pem.write_to_path(folder / "server.key")
    own.cert_chain_pems[0].write_to_path(folder / "server.pem")
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(
        folder / "me.pem"
    )
    (folder / "passwords").write_text(f"staging:{{PLAIN}}{PASSWORD}\n", "utf-8")
    server = ReferenceServer()
    with EmbeddedServer(server) as origin:
        ports = {place: free_port() for place in PLACES}
        places = {f"@{place}@": str(port) for place, port in ports.items()}
        places |= {"@FOLDER@": str(folder), "@ORIGIN@": origin.url.rpartition(":")[2].split("/")[0]}
        text = (SERVERS / "gateways.conf").read_text("utf-8")
        (folder / "nginx.conf").write_text(filled(text, places), "utf-8")
        words = ["nginx", "-p", str(folder), "-c", "nginx.conf"]
        nginx = Server(words, folder, dict(os.environ), ports["PATH"])
        nginx.start()
        try:
            yield Gateways(ports, folder, server.issue_token(), origin.url)
        finally:
            nginx.stop()


def at(gateways: Gateways, place: str, *, scheme: str = "http", host: str = LOOPBACK) -> str:
    return f"{scheme}://{host}:{gateways.ports[place]}"


def test_below_a_path(gateways: Gateways) -> None:
    for end in ("/conductor", "/conductor/api"):
        result = gateways.judge(at(gateways, "PATH") + end)
        assert result.code == 0, result.out


def test_behind_a_session(gateways: Gateways) -> None:
    url = at(gateways, "COOKIE")
    result = gateways.judge(url, "--header-env", "Cookie=SESSION", SESSION=f"session={SESSION}")
    assert result.code == 0, result.out
    assert gateways.judge(url).code == 3


def test_behind_a_password(gateways: Gateways) -> None:
    url = at(gateways, "BASIC")
    (gateways.folder / "headers").write_text(
        "# For the gateway.\nAuthorization: Basic c3RhZ2luZzphLXBhc3N3b3JkLTdkMmE=\n", "utf-8"
    )
    result = gateways.judge(url, "--header-file", "headers")
    assert result.code == 0, result.out
    assert gateways.judge(url).code == 3


def test_for_those_who_have_a_certificate(gateways: Gateways) -> None:
    url = at(gateways, "TLS", scheme="https")
    result = gateways.judge(url, "--ca-bundle", "ca.pem", "--client-cert", "me.pem")
    assert result.code == 0, result.out
    trusted = gateways.judge(url, "--client-cert", "me.pem", SSL_CERT_FILE="ca.pem")
    assert trusted.code == 0, trusted.out
    without = gateways.judge(url, "--ca-bundle", "ca.pem")
    assert without.code == 3
    assert "give it with --client-cert" in without.words
    unknown = gateways.judge(url)
    assert unknown.code == 3
    assert "--ca-bundle" in unknown.words


def test_by_its_name(gateways: Gateways) -> None:
    url = at(gateways, "NAME", host="conductor.example.com")
    resolved = f"conductor.example.com:{gateways.ports['NAME']}:{LOOPBACK}"
    result = gateways.judge(url, "--resolve", resolved)
    assert result.code == 0, result.out
    assert gateways.judge(at(gateways, "NAME")).code == 1


def test_by_the_proxy_of_a_company(gateways: Gateways) -> None:
    proxy = at(gateways, "PROXY")
    for words, variables in ((("--proxy", proxy), {}), (("--proxy", "env"), {"HTTP_PROXY": proxy})):
        result = gateways.judge(gateways.origin, *words, **variables)
        assert result.code == 0, result.out
