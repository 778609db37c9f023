"""Connections that enforce a deadline per request and send the query exactly as given.

HTTP libraries limit each single wait for bytes, so a server that sends one byte a second never
times out. Here every wait is limited by the time left until the deadline of the request.
Libraries also normalise malformed URLs, such as a stray percent sign. The suite must send such URLs
unchanged to test robustness.
"""

from __future__ import annotations

import http
import http.client
import io
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from conformance.target.network import Network

AFTER_HEADERS = 1.0
"""Seconds to wait for a body that must not follow the headers of a response to HEAD."""


class _Current(threading.local):
    """The deadline of the current thread's request, and its exact path and query."""

    deadline = 0.0
    path_and_query = ""

    def left(self) -> float:
        """Return the seconds left, or raise ``TimeoutError``."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of the request has passed")
        return left


class _Reading(io.RawIOBase):
    """A raw stream from a socket; every read waits at most until the deadline."""

    def __init__(self, raw: io.RawIOBase, socket: Any, current: _Current) -> None:
        self._raw = raw
        self._socket = socket
        self._current = current
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._current.left())
        number = self._raw.readinto(buffer)
        self.ended = number == 0
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Socket:
    """A connected socket whose reads and writes respect the deadline."""

    def __init__(self, socket: Any, current: _Current) -> None:
        self._socket = socket
        self._current = current

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the file that responses are read from; ``mode`` is always ``rb``."""
        raw = self._socket.makefile(mode, buffering=0)
        return io.BufferedReader(_Reading(raw, self._socket, self._current), 1 << 16)

    def sendall(self, data: Any) -> None:
        """Send everything within the deadline."""
        self._socket.settimeout(self._current.left())
        self._socket.sendall(data)


class Connections:
    """A pool of ``most`` persistent connections to one origin; safe to use from several threads.

    ``network`` says how they are made.
    """

    def __init__(self, origin: str, *, most: int, network: Network) -> None:
        self._current = _Current()
        proxy = network.proxy_for(origin)
        known = dict(num_pools=1, maxsize=most, **_trust(origin, network))
        self._forwarded: Mapping[str, str] | None = None
        if proxy is None:
            self._manager = PoolManager(**known)
        else:
            user = _user(proxy)
            named = make_headers(proxy_basic_auth=user) if user else {}
            self._manager = ProxyManager(proxy, proxy_headers=named, **known)
            # With TLS, the proxy only sees the request for a tunnel.
            self._forwarded = named if origin.startswith("http:") else None
        self._manager.pool_classes_by_scheme = _pools(self._current, network.addresses)
        self._pool = self._manager.connection_from_url(origin)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        seconds: float,
    ) -> BaseHTTPResponse:
        """Send a request without normalising its path and query.

        The body of the response is not read yet, but ``seconds`` limit reading it, too.

        Raises:
            urllib3.exceptions.HTTPError, OSError, ValueError: there was no response.
        """
        parts = urlsplit(url)
        path_and_query = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._current.path_and_query = path_and_query
        if self._forwarded is not None:
            # In the absolute form (RFC 9112, section 3.2.2).
            self._current.path_and_query = f"{parts.scheme}://{parts.netloc}{path_and_query}"
            headers = {"Host": parts.netloc, **self._forwarded, **headers}
        self._current.deadline = time.monotonic() + seconds
        return self._pool.urlopen(
            method,
            path_and_query,
            body,
            headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=seconds, read=seconds),
            preload_content=False,
            decode_content=False,
        )

    def after_headers(self, response: BaseHTTPResponse) -> bytes:
        """Return the start of what follows the headers of a response to HEAD, usually nothing."""
        # The libraries never read it, since there must be none.
        stream: Any = getattr(getattr(response, "_fp", None), "fp", None)
        try:
            latest = time.monotonic() + AFTER_HEADERS
            self._current.deadline = min(self._current.deadline, latest)
            return b"" if stream is None else bytes(stream.read1(1 << 16))
        except (OSError, ValueError):
            return b""

    def close(self) -> None:
        """Close every connection."""
        self._manager.clear()


def _trust(origin: str, network: Network) -> dict[str, Any]:
    if not origin.startswith("https:"):
        return {}
    unverified = {"assert_hostname": False} if network.insecure else {}
    return {"ssl_context": network.context, **unverified}


def _user(proxy: str) -> str:
    """Return the user and password in a URL as ``user:password``, ``""`` without them."""
    parts = urlsplit(proxy)
    return "" if parts.username is None else unquote(f"{parts.username}:{parts.password or ''}")


class _Response(http.client.HTTPResponse):
    """A response that is rejected if the connection closes within its headers.

    Informational responses before it are skipped (RFC 9110, section 15.2).
    """

    def _read_status(self) -> tuple[str, int, str]:
        found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        while 100 <= found[1] < 200 and found[1] != http.HTTPStatus.SWITCHING_PROTOCOLS:
            http.client.parse_headers(self.fp)
            found = super()._read_status()  # type: ignore[misc]
        return found

    def begin(self) -> None:
        """Read the status and the headers."""
        super().begin()
        # The stream can have ended at this point only if the headers were incomplete.
        if getattr(getattr(self.fp, "raw", None), "ended", False):
            raise http.client.RemoteDisconnected("the connection was closed within the headers")

    def _safe_read(self, amt: int) -> bytes:
        # The library accepts a chunk size with a minus sign and would then read everything.
        if amt < 0:
            raise http.client.IncompleteRead(b"")
        read: bytes = super()._safe_read(amt)  # type: ignore[misc]
        return read


def _pools(
    current: _Current, addresses: Mapping[tuple[str, int], str]
) -> dict[str, type[HTTPConnectionPool]]:
    class Exact(http.client.HTTPConnection):
        response_class = _Response

        def putrequest(self, method: str, url: str, *arguments: Any, **options: Any) -> None:  # noqa: ARG002
            # The library has rewritten the URL.
            super().putrequest(method, current.path_and_query, *arguments, **options)

    class Addressed(HTTPConnection):
        def _new_conn(self) -> Any:
            # The host stays as it is for TLS and for the header Host.
            host = self._dns_host
            self._dns_host = addresses.get((host.lower().strip("[]"), self.port), host)
            try:
                return super()._new_conn()
            finally:
                self._dns_host = host

    class Plain(Addressed, Exact):
        def connect(self) -> None:
            super().connect()
            self.sock: Any = _Socket(self.sock, current)

    class Secure(Addressed, HTTPSConnection, Exact):
        def connect(self) -> None:
            super().connect()
            # The report notes once that a certificate was not verified; the library would warn at
            # every request.
            self.is_verified = True
            self.sock: Any = _Socket(self.sock, current)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
