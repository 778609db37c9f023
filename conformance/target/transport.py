"""Sending single requests: the only module that sends anything to the target.

It is read-only by construction: it sends GET, HEAD and the token request to one origin and raises
``ForbiddenRequest`` for everything else. It never keeps cookies or follows redirects, and uses a
proxy only on request.
"""

from __future__ import annotations

import http.client
import io
import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import urllib3

from conformance.core.text import clipped, visible
from conformance.errors import ForbiddenRequest
from conformance.evidence.exchange import Trouble, TroubleKind
from conformance.target.address import origin_of
from conformance.target.connections import Connections
from conformance.target.network import Network

READ_ONLY = frozenset({"GET", "HEAD"})
FAILURES = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)
LOGGERS = tuple(
    f"urllib3.{name}"
    for name in ("connection", "connectionpool", "poolmanager", "response", "util.retry")
)
CHUNK = 1 << 16
LARGE = 64 << 20
"""Size in bytes above which responses are read one at a time."""
KEPT_WHEN_CUT = 1 << 20
"""Maximum bytes kept of a truncated response."""
LARGEST_BODY = 256 << 20
"""Maximum bytes of a response after decompression; larger ones are not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, or the failure to get one; see ``Exchange`` for the fields."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trouble: Trouble | None = None
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How to send requests. ``timeout`` is in seconds, for connecting, each read and in total."""

    origin: str
    token_urls: frozenset[str]
    user_agent: str
    timeout: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: Network = field(default_factory=Network)
    parallel: int = 4
    largest_body: int = LARGEST_BODY


class Sender(Protocol):
    """Sends the requests of a target."""

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Send one request and return the response; see ``Transport.send``."""

    def close(self) -> None:
        """Close every connection."""


class _Discretion(threading.local):
    """Drops log records about our own requests: they would hold data from responses."""

    sending = False

    def filter(self, _record: logging.LogRecord) -> bool:
        return not self.sending

    @contextmanager
    def while_sending(self) -> Iterator[None]:
        self.sending = True
        try:
            yield
        finally:
            self.sending = False


class Transport:
    """Sends single requests; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._large = threading.Lock()
        self._discretion = _Discretion()
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self._discretion.filter)
        self._connections = Connections(
            settings.origin, most=settings.parallel, network=settings.network
        )

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self._discretion.filter)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Send one request and read the whole response, within the limits of time and size.

        Failures of the target are returned as ``trouble`` and never raised. ``timeout`` limits the
        whole request in seconds; the default comes from the settings.

        Raises:
            ForbiddenRequest: the method is not read-only, or the origin is not the target's.
        """
        self.guard(method, url, body)
        seconds = self._settings.timeout if timeout is None else timeout
        every = {
            "User-Agent": self._settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            # So that the end of the connection tells that no body follows.
            **({"Connection": "close"} if method == "HEAD" else {}),
            **self._settings.headers,
            **headers,
        }
        started = time.perf_counter()
        with self._discretion.while_sending():
            try:
                response = self._connections.send(method, url, every, body, seconds=seconds)
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                elapsed = time.perf_counter() - started
                return Answer(trouble=self._explain(error), elapsed=elapsed)
            try:
                if method == "HEAD":
                    content, trouble = self._connections.after_headers(response), None
                else:
                    content, trouble = self._read(response)
                received = tuple((name.lower(), value) for name, value in response.headers.items())
                elapsed = time.perf_counter() - started
                return Answer(response.status, received, content, trouble, elapsed)
            finally:
                # If the body was not read to its end, this closes the connection.
                response.close()
                response.release_conn()

    def guard(self, method: str, url: str, body: bytes | None) -> None:
        """Refuse a request that must not be sent; called before each one.

        Raises:
            ForbiddenRequest: the method is not read-only, or the origin is not the target's.
        """
        try:
            origin = origin_of(url)
        except ValueError as error:
            raise ForbiddenRequest(f"a request to an invalid URL: {error}") from error
        if origin != self._settings.origin:
            raise ForbiddenRequest(f"a {method} request to {origin}, which is not the target")
        if method == "POST" and url in self._settings.token_urls:
            return
        if method not in READ_ONLY or body is not None:
            raise ForbiddenRequest(f"a {method} request; only GET and HEAD are ever sent")

    def _read(self, response: urllib3.BaseHTTPResponse) -> tuple[bytes, Trouble | None]:
        # Unlike other buffers, this one can be kept without a copy.
        body = io.BytesIO()
        alone = False
        try:
            for chunk in response.stream(CHUNK, decode_content=True):
                body.write(chunk)
                if body.tell() > LARGE and not alone:
                    # Several at once would need several times the memory.
                    alone = self._large.acquire(timeout=self._settings.timeout)
                    if not alone:
                        return b"", self._too_slow()
                if body.tell() > self._settings.largest_body:
                    text = f"a response of more than {self._settings.largest_body >> 20} MiB"
                    return b"", Trouble(TroubleKind.TOO_LARGE, text)
        except FAILURES as error:
            # In place, since the error keeps this frame alive for a while.
            body.truncate(KEPT_WHEN_CUT)
            return body.getvalue(), self._explain(error, begun=True)
        finally:
            if alone:
                self._large.release()
        return body.getvalue(), None

    def _too_slow(self) -> Trouble:
        return Trouble(
            TroubleKind.TIMEOUT, f"no complete response within {self._settings.timeout:g} seconds"
        )

    def _explain(self, error: BaseException, *, begun: bool = False) -> Trouble:
        causes = _causes(error)
        explained = _explained(causes, begun=begun)
        if explained is not None:
            return Trouble(*explained)
        if any(isinstance(one, urllib3.exceptions.TimeoutError | TimeoutError) for one in causes):
            return self._too_slow()
        if begun:
            return Trouble(TroubleKind.CUT_SHORT, "the response broke off before its end")
        return Trouble(TroubleKind.CLOSED, "the connection was closed without a response")


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            queue += [current.__cause__, current.__context__, getattr(current, "reason", None)]
            queue += list(current.args)
    return found


def _explained(causes: list[BaseException], *, begun: bool) -> tuple[TroubleKind, str] | None:
    # Findings quote these reasons, and fingerprints in baselines hash them: do not reword them.
    def find(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if find(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        # Closed by the server; not a problem of certificates.
        if begun:
            return TroubleKind.CUT_SHORT, "the TLS connection ended before the response did"
        return TroubleKind.CLOSED, "the TLS connection was closed without a response"
    if find(urllib3.exceptions.ProxyError) and not find(ssl.SSLError):
        said = next((str(one) for one in causes if "Tunnel connection failed" in str(one)), "")
        reason = said.partition("Tunnel connection failed: ")[2] or "no connection to it"
        return TroubleKind.UNREACHABLE, f"the proxy failed: {clipped(visible(reason), 100)}"
    if tls := find(ssl.SSLError):
        reason = getattr(tls, "verify_message", "") or getattr(tls, "reason", "")
        return TroubleKind.TLS, f"the TLS connection failed: {reason or 'unknown reason'}"
    if find(ConnectionRefusedError):
        return TroubleKind.UNREACHABLE, "the connection was refused: nothing listens there"
    if find(urllib3.exceptions.NameResolutionError):
        return TroubleKind.UNREACHABLE, "the host name is unknown"
    # The library derives its class for failed connections from the one for connect timeouts.
    if find(urllib3.exceptions.NewConnectionError):
        texts = (cause.strerror for cause in causes if isinstance(cause, OSError))
        reason = next(filter(None, texts), "no connection")
        return TroubleKind.UNREACHABLE, f"the connection failed: {reason.lower()}"
    if find(urllib3.exceptions.ConnectTimeoutError):
        return TroubleKind.UNREACHABLE, "connecting timed out"
    if find(urllib3.exceptions.InvalidHeader):
        return TroubleKind.NOT_HTTP, "a response whose headers contradict each other"
    if find(http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        if begun:
            return TroubleKind.CUT_SHORT, "the connection was closed before the response's end"
        return TroubleKind.CLOSED, "the connection was closed without a response"
    if find(http.client.IncompleteRead):
        return TroubleKind.CUT_SHORT, "the body ended before its announced length"
    if find(urllib3.exceptions.DecodeError):
        return TroubleKind.UNDECODABLE, "the body does not fit its Content-Encoding"
    other = find(http.client.HTTPException)
    # The library has no separate class for too many headers.
    too_many = type(other) is http.client.HTTPException and "headers" in str(other)
    if too_many or find(http.client.LineTooLong):
        limits = "a response of more than 100 headers, or with one of over 64 KiB"
        return TroubleKind.TOO_LARGE, limits
    return (TroubleKind.NOT_HTTP, "what responds there does not speak HTTP") if other else None
