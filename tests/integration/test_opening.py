"""Test that the reason why a target cannot be tested says what to change."""

from __future__ import annotations

import pytest
from support.servers.plain import answering, talking

from conformance import AccessKey, CannotTest, Target
from conformance.runner.opening import open_target

JSON = {"Content-Type": "application/json"}
KEY = AccessKey("a-key-of-this-test", "its-secret")
HTTP_400 = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
Reply = tuple[int, dict[str, str], bytes]


@pytest.mark.parametrize("credential", ["a-token-of-this-test", KEY])
@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_gateway_that_refuses_unknown_paths_does_not_hide_the_prefix(
    credential: str | AccessKey, status: int
) -> None:
    def respond(_: str, path: str, __: dict[str, str]) -> Reply:
        if path == "/team/token":
            return 200, JSON, b'{"token": "a-token-of-this-test"}'
        if path.startswith("/team/integrations/provider"):
            return 200, JSON, b"[]"
        return status, {"Location": "https://login.example.com/"}, b""

    with (
        answering(respond) as (url, _),
        Target(f"{url}/team", credential=credential) as target,
    ):
        assert open_target(target).refusal is None
        assert str(target.address) == f"{url}/team"


def test_if_every_reading_of_the_address_is_refused_the_first_is_named() -> None:
    with (
        answering(lambda *_: (401, {}, b"")) as (url, _),
        Target(f"{url}/team", credential="a-token-of-this-test") as target,
        pytest.raises(CannotTest, match=f"{url}/team/api refuses the credential"),
    ):
        open_target(target)


def test_a_key_for_a_server_without_login_is_not_needed() -> None:
    def respond(method: str, *_: object) -> Reply:
        return (404, {}, b"") if method == "POST" else (200, JSON, b"[]")

    with (
        answering(respond) as (url, _),
        Target(url, credential=KEY) as target,
        pytest.raises(CannotTest, match=r"needs no credentials.*; unset CONDUCTOR_AUTH_KEY"),
    ):
        open_target(target)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (HTTP_400, "seems not to speak TLS there; write http:// instead"),
        (b"", "write http:// if it does not speak TLS"),
    ],
)
def test_https_on_a_plain_port_is_named(reply: bytes, words: str) -> None:
    with (
        talking(reply) as url,
        Target(url.replace("http:", "https:"), retry_budget=0.1) as target,
        pytest.raises(CannotTest, match=words),
    ):
        open_target(target)


@pytest.mark.parametrize(
    "said",
    [
        "The plain HTTP request was sent to HTTPS port",
        "Client sent an HTTP request to an HTTPS server.",
        "You're speaking plain HTTP to an SSL-enabled server port.",
    ],
)
def test_http_on_a_port_for_tls_is_named(said: str) -> None:
    with (
        answering(lambda *_: (400, {}, said.encode())) as (url, _),
        Target(url) as target,
        pytest.raises(CannotTest, match="expects TLS; write https:// instead"),
    ):
        open_target(target)


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (301, {}, "returned status 301 and no address to follow; correct the address, or see"),
        (300, {"Location": "/api"}, "returned status 300 and no address to follow"),
        (304, {}, "returned status 304 and no address to follow"),
        (302, {"Location": ""}, "redirects in a circle, finally to itself;"),
        (302, {"Location": "https://else.example"}, "to another origin, https://else.example, and"),
    ],
)
def test_where_a_redirect_leads_to(status: int, headers: dict[str, str], words: str) -> None:
    with (
        answering(lambda *_: (status, headers, b"")) as (url, _),
        Target(url, credential="a-token-of-this-test") as target,
        pytest.raises(CannotTest, match=words),
    ):
        open_target(target)


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        ("X: 1\r\n" * 101 + "X: 1", b"", "a response of more than 100 headers"),
        ("Content-Encoding: gzip", b"no gzip", "the body does not fit its Content-Encoding"),
        ("Transfer-Encoding: chunked", b"xyz\r\n", "the body ended before its announced length"),
    ],
    ids=["too large", "no gzip", "no chunk"],
)
def test_what_the_token_endpoint_sent_is_not_blamed_on_the_list(
    head: str, body: bytes, words: str
) -> None:
    length = "" if "chunked" in head else f"Content-Length: {len(body)}\r\n"
    reply = f"HTTP/1.1 200 OK\r\n{head}\r\n{length}Connection: close\r\n\r\n".encode() + body
    with (
        talking(reply) as url,
        Target(url, credential=KEY, retry_budget=0) as target,
        pytest.raises(CannotTest, match=f"POST {url}/api/token: {words}") as caught,
    ):
        open_target(target)
    assert "fewer providers" not in str(caught.value)
