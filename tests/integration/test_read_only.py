"""Whatever a server answers and whoever asks: reads, at one origin, by one who says who it is."""

from __future__ import annotations

import itertools
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import trustme
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send
from support.processes.command import run as run_command
from support.servers.plain import Journal, answering, listening

import conformance
from conformance import AccessKey, Target
from conformance.contract.query import Query
from conformance.errors import ForbiddenRequest
from conformance.evidence.exchange import Request
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS
from conformance.runner.gathering import Gatherer
from conformance.target.address import origin_of
from conformance.target.transport import Answer, Settings, Transport

CATALOGUE = {entry.name: entry.make for entry in (*FAULTS, *VARIATIONS)}
JSON = {"Content-Type": "application/json"}
LISTING = "/api/integrations/provider"
REDIRECTS = (301, 302, 303, 307, 308)
AGENT = re.compile(r"conductor-conformance/\d+\.\d+\.\d+\S* \(run [0-9a-f]{12}\)")


class Recorded(ReferenceServer):
    """Another server, with a journal of everything that reaches it."""

    def __init__(self, served: ReferenceServer) -> None:
        super().__init__(prefix=served.prefix)
        self.served = served
        self.journal = Journal()

    @property
    def app(self) -> ASGIApp:  # type: ignore[override]
        app = self.served.app

        async def recording(scope: Scope, receive: Receive, send: Send) -> None:
            headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
            self.journal.requests.append((scope["method"], scope["raw_path"].decode(), headers))
            await app(scope, receive, send)

        return recording


def check_manners(journal: Journal) -> str:
    """Make sure that a server was only read; return the name of who did."""
    assert journal.requests
    assert journal.methods() <= {"GET", "HEAD", "POST"}
    agents = set()
    for method, path, headers in journal.requests:
        agents.add(headers.pop("user-agent"))
        assert headers.keys() <= {
            *("host", "accept", "accept-encoding", "connection", "cache-control"),
            *(("content-length", "content-type") if method == "POST" else ("x-authorization",)),
        }
        if method == "POST":
            assert path == "/api/token"
    (agent,) = agents
    assert AGENT.fullmatch(agent)
    return agent


# --------------------------------------------------------------------------------- whole runs


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("", "standard"),
        ("", "thorough"),
        ("caller-tokens-expire", "standard"),
        ("caller-open-to-all", "quick"),
        ("filter-category-ignored", "standard"),
        ("http-page-instead-of-api", "standard"),
        ("robust-malformed-boolean-inverts", "standard"),
        ("living-one-added", "quick"),
    ],
)
def test_a_whole_run_only_reads(name: str, profile: str) -> None:
    made = CATALOGUE[name] if name else ReferenceServer
    server = Recorded(made())
    key = AccessKey(server.served.key_id, server.served.key_secret)
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=key, retry_budget=10) as target,
    ):
        report = conformance.run(target, profile=profile, seed=3)
    assert report.run_id in check_manners(server.journal)
    assert {"GET", "POST"} <= server.journal.methods()
    assert len(server.journal.requests) == report.requests
    if name == "caller-tokens-expire":
        posted = [method for method, *_ in server.journal.requests if method == "POST"]
        assert len(posted) > 1


def test_each_run_has_another_name() -> None:
    agents = set()
    with answering(lambda *_: (404, {}, b"")) as (url, journal):
        for _ in range(3):
            conformance.run(url)
            agents |= {headers["user-agent"] for _, _, headers in journal.requests}
    assert len(agents) == 3
    assert all(map(AGENT.fullmatch, agents))


# ---------------------------------------------------------------------------------- redirects


@contextmanager
def elsewhere() -> Iterator[tuple[int, list[bytes]]]:
    """Listen at another port; yield it with what any connection sends, even if nothing."""
    received: list[bytes] = []

    def treat(connection: socket.socket) -> None:
        connection.settimeout(5)
        received.append(b"")
        received.append(connection.recv(65536))

    with listening(treat) as port:
        yield port, received


PLACES = (
    "http://127.0.0.1:{other}/api/integrations/provider",
    "https://127.0.0.1:{other}/api/integrations/provider",
    "//127.0.0.1:{other}/api/integrations/provider",
    "http://localhost:{other}/",
    "http://localhost:{own}/",
    "http://127.0.0.1:{own}@127.0.0.1:{other}/",
    "http://127.0.0.1:{other}\\@127.0.0.1:{own}/",
    "http://127.0.0.1:{other}#@127.0.0.1:{own}/",
    "\\\\127.0.0.1:{other}/",
    "/\\127.0.0.1:{other}/",
    "ht\ttp://127.0.0.1:{other}/",
    "HTTP://127.0.0.1:{other}",
    "http:127.0.0.1:{other}",
    "ftp://127.0.0.1:{other}/",
    "file:///etc/hostname",
    "data:application/json,[]",
    "http://[::1:{other}/",
    "http://127.0.0.1:{other}0000/",
    "",
)


def test_no_redirect_leads_elsewhere() -> None:
    location: list[str] = []
    statuses = itertools.cycle(REDIRECTS)

    def respond(method: str, *_: object) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            return 200, JSON, b'{"token": "a-token-of-this-test"}'
        return next(statuses), {"Location": location[-1]}, b""

    with elsewhere() as (other, received), answering(respond) as (url, journal):
        for place in PLACES:
            journal.requests.clear()
            location.append(place.format(other=other, own=url.rpartition(":")[2]))
            with Target(url, credential=AccessKey("key", "secret"), retry_budget=0) as target:
                report = conformance.run(target, profile="quick")
            assert report.exit_code in (1, 3), place
            check_manners(journal)
            assert received == [], place


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("away", [False, True])
def test_a_key_is_never_sent_on(status: int, away: bool) -> None:
    with elsewhere() as (other, received):
        place = f"http://127.0.0.1:{other}/api/token" if away else "/other/token"
        with (
            answering(lambda *_: (status, {"Location": place}, b"")) as (url, journal),
            Target(url, credential=AccessKey("key", "secret"), retry_budget=0) as target,
        ):
            report = conformance.run(target, profile="quick")
    assert report.exit_code == 3
    assert {(method, path) for method, path, _ in journal.requests} == {("POST", "/api/token")}
    assert received == []


@pytest.mark.slow
@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_of_everyone_changes_no_method(status: int) -> None:
    """POST would become GET, and what a HEAD is redirected to must stay a HEAD."""

    def respond(
        method: str, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        place, _, query = path.partition("?")
        if method == "POST":
            return 200, JSON, b'{"token": "a-token-of-this-test"}'
        if not place.startswith("/moved"):
            return status, {"Location": f"/moved{place}?{query}"}, b""
        known = headers.get("x-authorization") == "a-token-of-this-test"
        return 200 if known else 401, JSON, b"[]"

    with (
        answering(respond) as (url, journal),
        Target(url, credential=AccessKey("key", "secret")) as target,
    ):
        conformance.run(target, profile="quick", only=["AUTH", "HTTP"])
    check_manners(journal)
    heads = [path.partition("?")[0] for method, path, _ in journal.requests if method == "HEAD"]
    assert sorted(set(heads)) == [LISTING, f"/moved{LISTING}"]
    assert heads.count(LISTING) == heads.count(f"/moved{LISTING}")


# ------------------------------------------------------------------------- whoever asks for more


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("DELETE", "{own}/api/integrations/provider", None),
        ("PUT", "{own}/api/integrations/provider", b"{}"),
        ("POST", "{own}/api/integrations/provider", b"{}"),
        ("POST", "{own}/api/token/", b"{}"),
        ("POST", "{own}/api/token?x", b"{}"),
        ("POST", "{own}/api/../api/token", b"{}"),
        ("POST", "{other}/api/token", b"{}"),
        ("PUT", "{own}/api/token", b"{}"),
        ("GET", "{own}/api/integrations/provider", b"{}"),
        ("HEAD", "{own}/api/integrations/provider", b""),
        ("get", "{own}/api/integrations/provider", None),
        ("GET /x HTTP/1.1\r\n\r\nDELETE", "{own}/api/integrations/provider", None),
        ("OPTIONS", "{own}/*", None),
        ("CONNECT", "{own}", None),
        ("GET", "{other}/api/integrations/provider", None),
        ("HEAD", "{other}/api/integrations/provider", None),
        ("GET", "https{own:.4}/api/integrations/provider", None),
        ("GET", "file:///etc/hostname", None),
        ("GET", "/api/integrations/provider", None),
        ("GET", "", None),
        ("GET", "http://127.0.0.1:port/", None),
    ],
)
def test_the_transport_refuses(method: str, url: str, body: bytes | None) -> None:
    with (
        answering(lambda *_: (200, JSON, b"[]")) as (own, journal),
        answering(lambda *_: (200, JSON, b"[]")) as (other, foreign),
    ):
        transport = Transport(
            Settings(origin=own, token_urls=frozenset({f"{own}/api/token"}), user_agent="test")
        )
        with pytest.raises(ForbiddenRequest):
            transport.send(method, url.format(own=own, other=other), {}, body)
        assert transport.send("POST", f"{own}/api/token", {}, b"{}").status == 200
        transport.close()
    assert [(method, path) for method, path, _ in journal.requests] == [("POST", "/api/token")]
    assert foreign.requests == []


ORIGIN = "http://target.example:8080"
PARTS = (
    *("http:", "https:", "HTTP:", "//", "/", "\\", "@", ":", "#", "?", ".", "..", ";", "&", "%"),
    *("target.example", "TARGET.example", "target.example:8080", "8080", "80", "evil.example"),
    *("evil.example:8080", "127.1", "[::1]", "[", "]", "%2f", "%40", "%00", " ", "\t", "\n", "\r"),
    *("\x00", "\x7f", "é", "\u2025", "\uff0f", "\uff20", "\ud800", "api", "a" * 300),
)


@given(st.lists(st.sampled_from(PARTS), max_size=9).map("".join), st.booleans())
def test_wherever_a_redirect_seems_to_lead_only_the_target_is_connected_to(
    place: str, joined: bool
) -> None:
    connected = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    transport = Transport(Settings(ORIGIN, frozenset(), "test"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urllib3.util.connection, "create_connection", connect)
        try:
            following = urljoin(f"{ORIGIN}{LISTING}", place) if joined else f"{ORIGIN}{place}"
            origin_of(following)
        except ValueError:
            # An address that cannot be read is not followed.
            return
        try:
            answer = transport.send("GET", following, {})
        except ForbiddenRequest:
            assert connected == []
            # What a server sends must not pass for a defect of the suite.
            assert not joined or origin_of(following) != ORIGIN
        else:
            assert answer.trouble is not None
            assert connected in ([], [("target.example", 8080)])


def deleting(gatherer: Gatherer, queries: Iterable[Query]) -> list[Request]:
    asked = [gatherer._target.request(query) for query in queries]
    return [Request(one.query, one.access, method="DELETE") for one in asked]


def asking_another(gatherer: Gatherer, _queries: Iterable[Query]) -> Answer:
    return gatherer._target._transport.send("GET", "http://localhost:1/", {})


@pytest.mark.parametrize("defect", [deleting, asking_another])
def test_a_defect_that_asks_for_more_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defect: Callable[..., object]
) -> None:
    monkeypatch.setattr(Gatherer, "_reads_of", defect)
    with answering(lambda *_: (200, JSON, b"[]")) as (url, journal):
        result = run_command("run", url, "--profile", "quick", "--only", "MODEL", cwd=tmp_path)
    assert result.code == 3
    assert "This is a bug in conductor-conformance, not in the server" in result.err
    check_manners(journal)
    assert journal.methods() == {"GET"}


# ------------------------------------------------------------------- what the environment offers

PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def test_proxies_and_passwords_of_the_environment_are_not_used(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login someone password hunter2-of-this-test\n")
    (tmp_path / ".netrc").chmod(0o600)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with elsewhere() as (port, received):
        env = dict.fromkeys(PROXIES, f"http://127.0.0.1:{port}")
        env |= {name.upper(): proxy for name, proxy in env.items()}
        env |= {"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc"), "NO_PROXY": ""}
        for tls in (None, context):
            with answering(lambda *_: (200, JSON, b"[]"), tls=tls) as (url, journal):
                words = () if tls is None else ("--ca-bundle", "ca.pem")
                result = run_command(
                    *("run", url, "--profile", "quick", "--only", "HTTP", *words),
                    cwd=tmp_path,
                    env=env,
                )
            assert result.code == 0, result.out
            check_manners(journal)
    assert received == []
