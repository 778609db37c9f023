"""Parsing the URL given by the user into the address of an API."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from conformance.contract.model import Contract
from conformance.contract.query import Query
from conformance.errors import UsageError

API = "/api"
SCHEMES = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)

BARE_IPV6 = re.compile(
    r"(?P<scheme>https?://)?[0-9a-f]{0,4}:([0-9a-f]{0,4}:)+[0-9a-f.]*(%\w+)?(:\d+)?(/|$)",
    re.IGNORECASE,
)
"""The start of a URL whose host is an IPv6 address without the brackets of RFC 3986, 3.2.2."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server's API.

    ``origin`` is ``scheme://host[:port]`` without a default port; ``api`` is the path under which
    the contract's ``/api`` is served, such as ``/api`` or ``/team/api``.
    """

    origin: str
    api: str

    def url(self, path: str, query: Query | None = None) -> str:
        """Return the URL of a path from the contract, which begins with ``/api``."""
        wire = f"?{query.wire}" if query is not None and query.wire else ""
        return f"{self.origin}{self.api}{path.removeprefix(API)}{wire}"

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.origin.startswith("https:")

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        host = urlsplit(self.origin).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def __str__(self) -> str:
        return f"{self.origin}{self.api}"


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL in the form of ``Address.origin``.

    Raises:
        ValueError: the port is not a number between 0 and 65535.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    port = "" if parts.port in (None, SCHEMES.get(scheme)) else f":{parts.port}"
    return f"{scheme}://{host}{port}"


def parse(text: str, contract: Contract) -> tuple[Address, ...]:
    """Parse a URL given by the user; return the addresses it may mean, the likeliest first.

    ``https://host``, ``https://host/api`` and the URL of the endpoint itself mean the same. A path
    that does not end in ``/api`` may be a prefix of ``/api`` or replace it.

    Raises:
        UsageError: the text is not an http or https URL, or has parts that do not belong there.
    """
    text = text.strip()
    if problem := _problem(text):
        raise UsageError(problem)
    parts = urlsplit(text)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._").rstrip("/")
    path = path.removesuffix(contract.path.removeprefix(API)).rstrip("/")
    paths = (path,) if path.endswith(API) else (path + API, path) if path else (API,)
    return tuple(Address(origin_of(text), one) for one in paths)


def _problem(text: str) -> str | None:
    if not text:
        return "the URL is empty; write it like https://host"
    if any(not character.isprintable() or character.isspace() for character in text):
        return "the URL contains a space or a non-printable character; write it like https://host"
    if "@" in text:
        # Checked before every message that quotes the URL, since it may hold a password.
        return (
            "the URL contains an '@', as after a user name or password; pass the credential in the "
            "environment (CONDUCTOR_AUTH_TOKEN, or CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET)"
        )
    # The query is not quoted either: it may hold a credential.
    shown = re.split("[?#]", text, maxsplit=1)[0]
    if bare := BARE_IPV6.match(shown):
        scheme = bare["scheme"] or "https://"
        return f"{shown!r} has an IPv6 address without brackets; write it like {scheme}[::1]:8443"
    try:
        parts = urlsplit(text)
    except ValueError:
        return f"{shown!r} is not a valid URL; write it like https://host:8443"
    if parts.scheme.lower() not in SCHEMES or "://" not in shown:
        hint = re.sub(r"^(https?:|[a-z][a-z0-9+.-]*:(?=/))?/*", "", shown, flags=re.IGNORECASE)
        return f"{shown!r} is not an http or https URL; write it like https://{hint or 'host'}"
    if not parts.hostname:
        return f"{shown!r} has no host; write it like https://host"
    try:
        usable = parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        return (
            f"{shown!r} has a port that is not a number from 1 to 65535; correct it or leave it out"
        )
    if "?" in text or "#" in text:
        return f"{shown!r} has a query or a fragment; give only the server's address"
    if not _is_host(parts.hostname, bracketed="[" in parts.netloc):
        return f"{parts.hostname!r} is not a valid host name; write the URL like https://host"
    return None


def _is_host(host: str, *, bracketed: bool) -> bool:
    try:
        if bracketed:
            ipaddress.IPv6Address(host)
            return True
        return HOST.fullmatch(host.encode("idna").decode()) is not None
    except ValueError:
        return False
