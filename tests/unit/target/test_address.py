"""Test parsing the URL given by the user, and the errors for invalid ones."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.contract.loader import load
from conformance.contract.query import Query
from conformance.errors import UsageError
from conformance.target.address import Address, origin_of, parse

LAW = load()


def addresses(text: str) -> list[str]:
    return [str(address) for address in parse(text, LAW)]


@pytest.mark.parametrize(
    "text",
    [
        "https://host",
        "https://host/",
        "https://host/api",
        "https://host/api/",
        "https://host/api//",
        "https://host/api/integrations/provider",
        "https://host/api/integrations/provider/",
        "https://host/integrations/provider",
        "HTTPS://HOST:443/api",
        "  https://host\n",
    ],
)
def test_forms_that_mean_the_same_api(text: str) -> None:
    (address,) = parse(text, LAW)
    assert address == Address("https://host", "/api")
    assert address.url(LAW.path) == "https://host/api/integrations/provider"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://host:80", ["http://host/api"]),
        ("http://host:443", ["http://host:443/api"]),
        ("https://host:8443/", ["https://host:8443/api"]),
        ("https://host:00443", ["https://host/api"]),
        ("https://host:", ["https://host/api"]),
        ("https://host/team/api", ["https://host/team/api"]),
        ("https://host/team", ["https://host/team/api", "https://host/team"]),
        ("https://host/Api", ["https://host/Api/api", "https://host/Api"]),
        ("https://host/a%20b/api", ["https://host/a%20b/api"]),
        ("https://host/ä/api", ["https://host/%C3%A4/api"]),
        ("https://host./api", ["https://host./api"]),
        ("http://conductor_server:8080", ["http://conductor_server:8080/api"]),
        ("http://127.0.0.1:8080", ["http://127.0.0.1:8080/api"]),
        ("http://[::1]:8080/api", ["http://[::1]:8080/api"]),
        ("http://[2001:DB8::1]", ["http://[2001:db8::1]/api"]),
        ("https://bücher.example", ["https://bücher.example/api"]),
    ],
)
def test_what_an_address_may_mean(text: str, expected: list[str]) -> None:
    assert addresses(text) == expected


BLANK = "the URL contains a space or a non-printable character; write it like https://host"
CREDENTIALS = (
    "the URL contains an '@', as after a user name or password; pass the credential in the "
    "environment (CONDUCTOR_AUTH_TOKEN, or CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET)"
)
QUERY = "has a query or a fragment; give only the server's address"
PORT = "has a port that is not a number from 1 to 65535; correct it or leave it out"
PORTS = ("0", "65536", "-1", "x", "80x", "٣")
HOST = "is not a valid host name; write the URL like https://host"
BRACKETS = "has an IPv6 address without brackets; write it like"
LIKE = "is not an http or https URL; write it like"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the URL is empty; write it like https://host"),
        (" \t", "the URL is empty; write it like https://host"),
        ("https://my host", BLANK),
        ("https://host\x00", BLANK),
        ("https://host/\x1b[31m", BLANK),
        ("host", f"'host' {LIKE} https://host"),
        ("host:8080/api", f"'host:8080/api' {LIKE} https://host:8080/api"),
        ("//host", f"'//host' {LIKE} https://host"),
        ("http:host", f"'http:host' {LIKE} https://host"),
        ("ftp://host/x", f"'ftp://host/x' {LIKE} https://host/x"),
        ("file:///etc/passwd", f"'file:///etc/passwd' {LIKE} https://etc/passwd"),
        ("javascript:alert(1)", f"'javascript:alert(1)' {LIKE} https://javascript:alert(1)"),
        ("https://", "'https://' has no host; write it like https://host"),
        ("https:///api", "'https:///api' has no host; write it like https://host"),
        ("https://:8080", "'https://:8080' has no host; write it like https://host"),
        *((f"https://h:{port}", f"'https://h:{port}' {PORT}") for port in PORTS),
        ("https://h?token=s3cret", f"'https://h' {QUERY}"),
        ("https://h/api?category=GIT", f"'https://h/api' {QUERY}"),
        ("https://h/api?", f"'https://h/api' {QUERY}"),
        ("https://h/api#s3cret", f"'https://h/api' {QUERY}"),
        *(
            (f"{way}{host}", f"'{way}{host}' {BRACKETS} {way or 'https://'}[::1]:8443")
            for way in ("", "http://", "https://")
            for host in ("::1", "::1:8080", "2001:DB8::1/api", "::ffff:10.0.0.1", "fe80::1%eth0")
        ),
        ("https://[::1", "'https://[::1' is not a valid URL; write it like https://host:8443"),
        *(
            (f"https://{host}", f"{host!r} {HOST}")
            for host in ("a..b", "*.example.com", "host\\api", "ho|st", "a" * 64)
        ),
        *(
            (f"https://user:{odd}@host/api", CREDENTIALS)
            for odd in ("s3cret", "s3c/ret", "s3c?ret")
        ),
        *((f"https://user:{odd}@host", CREDENTIALS) for odd in ("s3c#ret", "s3cret℀")),
        *((f"{way}s3cret@host", CREDENTIALS) for way in ("https://", "user:", "ftp://user:")),
    ],
)
def test_what_is_said_of_what_is_no_address(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, LAW)
    assert str(caught.value) == said
    assert said.isprintable()
    assert "s3c" not in said


@given(
    st.text(max_size=40)
    | st.text("htps:/[]@.%?#0123456789abAPIapi-_\\", max_size=40).map("https://{}".format)
)
@example("https://[v1.x]")
@example("https://h:" + "9" * 5000)
@example("http://\u2100")
def test_any_text_is_an_address_or_a_usage_error(text: str) -> None:
    try:
        found = parse(text, LAW)
    except UsageError as error:
        said = str(error)
    else:
        said = " ".join(map(str, found))
        for address in found:
            assert origin_of(address.url(LAW.path)) == address.origin
            assert parse(str(address), LAW)[0].origin == address.origin
    assert said.isprintable()


@given(st.text("abc:/?#[]%.", max_size=12))
def test_a_password_is_never_repeated(rest: str) -> None:
    for text in (f"https://user:s3cret{rest}@host", f"https://user:{rest}s3cret@host/api"):
        with pytest.raises(UsageError) as caught:
            parse(text, LAW)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "secure", "loopback"),
    [
        ("https://host", True, False),
        ("http://host", False, False),
        ("http://localhost:8080", False, True),
        ("http://api.localhost", False, True),
        ("http://127.8.9.1", False, True),
        ("http://[::1]:1", False, True),
        ("http://128.0.0.1", False, False),
        ("http://localhost.example.com", False, False),
    ],
)
def test_what_is_known_of_the_way_there(text: str, secure: bool, loopback: bool) -> None:
    (address,) = parse(text, LAW)
    assert (address.secure, address.loopback) == (secure, loopback)


def test_urls_below_an_address() -> None:
    address = Address("https://host:8443", "/team/api")
    assert address.url("/api/token") == "https://host:8443/team/api/token"
    assert address.url(LAW.path, Query("a=%20")) == (
        "https://host:8443/team/api/integrations/provider?a=%20"
    )
    assert address.url(LAW.path, Query("")) == address.url(LAW.path)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTP://Host:80/x?y#z", "http://host"),
        ("https://host:80", "https://host:80"),
        ("https://[::1]:443/", "https://[::1]"),
        ("https://user:pw@host/", "https://host"),
        ("/relative", "://"),
    ],
)
def test_origins_are_compared_in_one_form(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["https://h:x", "https://h:70000"])
def test_an_origin_with_a_bad_port_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort"):
        origin_of(url)
