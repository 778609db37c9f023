"""Sending single requests: the only module that sends anything to the target.

It is read-only by construction: it sends GET, HEAD and the token request to one origin and raises
``ForbiddenRequest`` for everything else. It never keeps cookies, follows redirects or uses proxies.
"""

from __future__ import annotations

import http.client
import io
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import urllib3

from conformance.errors import ForbiddenRequest
from conformance.evidence.exchange import Trouble, TroubleKind
from conformance.target.address import origin_of
from conformance.target.connections import Connections, Deadline

READ_ONLY = frozenset({"GET", "HEAD"})
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
    verify: bool | str = True
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


class _Discretion(logging.Filter):
    """Drops log records about our own requests: they would hold data from responses."""

    def __init__(self) -> None:
        super().__init__()
        self._sending = threading.local()

    def filter(self, _record: logging.LogRecord) -> bool:
        return not getattr(self._sending, "now", False)

    @contextmanager
    def while_sending(self) -> Iterator[None]:
        self._sending.now = True
        try:
            yield
        finally:
            self._sending.now = False


class Transport:
    """Sends single requests; safe to use from several threads."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._settings = settings
        self._large = threading.Lock()
        self._clock = clock
        self._discretion = _Discretion()
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self._discretion)
        self._deadline = Deadline()
        self._connections = Connections(
            settings.origin, self._deadline, most=settings.parallel, verify=settings.verify
        )

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self._discretion)

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
        self._guard(method, url, body)
        with self._discretion.while_sending():
            return self._send(method, url, headers, body, timeout)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float | None,
    ) -> Answer:
        started = self._clock()
        seconds = self._settings.timeout if timeout is None else timeout
        self._deadline.set(seconds)
        try:
            response = self._connections.send(
                method, url, self._combined(headers), body, seconds=seconds
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Answer(trouble=self._explain(error), elapsed=self._clock() - started)
        try:
            content, trouble = self._read(response)
            return Answer(
                status=response.status,
                headers=tuple((key.lower(), value) for key, value in response.headers.items()),
                body=content,
                trouble=trouble,
                elapsed=self._clock() - started,
            )
        finally:
            # If the body was not read to its end, this closes the connection.
            response.close()
            response.release_conn()

    def _guard(self, method: str, url: str, body: bytes | None) -> None:
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

    def _combined(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            "User-Agent": self._settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            **self._settings.headers,
            **headers,
        }

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
                    limit = self._settings.largest_body >> 20
                    return b"", Trouble(
                        TroubleKind.TOO_LARGE, f"an answer of more than {limit} MiB"
                    )
        except (
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,
        ) as error:
            # In place, since the error keeps this frame alive for a while.
            body.truncate(KEPT_WHEN_CUT)
            return body.getvalue(), self._explain(error, begun=True)
        finally:
            if alone:
                self._large.release()
        return body.getvalue(), None

    def _too_slow(self) -> Trouble:
        return Trouble(
            TroubleKind.TIMEOUT, f"no complete answer within {self._settings.timeout:g} seconds"
        )

    def _explain(self, error: BaseException, *, begun: bool = False) -> Trouble:
        causes = list(_causes(error))
        for kinds, explain in _EXPLANATIONS:
            for cause in causes:
                if isinstance(cause, kinds):
                    return explain(cause, begun)
        for cause in causes:
            if isinstance(cause, TIMEOUTS):
                return self._too_slow()
        if begun:
            return Trouble(TroubleKind.CUT_SHORT, "the answer broke off before its end")
        return Trouble(TroubleKind.CLOSED, "the connection was closed without an answer")


# Findings quote the reasons below, and fingerprints in baselines hash them: do not reword them.
TIMEOUTS = (urllib3.exceptions.TimeoutError, TimeoutError)


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


def _tls_ended(_error: BaseException, begun: bool) -> Trouble:
    if begun:
        return Trouble(TroubleKind.CUT_SHORT, "the TLS connection ended before the answer did")
    return Trouble(TroubleKind.CLOSED, "the TLS connection was closed without an answer")


def _tls(error: BaseException, _begun: bool) -> Trouble:
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return Trouble(TroubleKind.TLS, f"the TLS connection failed: {reason or 'unknown reason'}")


def _unreachable(error: BaseException, _begun: bool) -> Trouble:
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return Trouble(TroubleKind.UNREACHABLE, "the host name is unknown")
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return Trouble(TroubleKind.UNREACHABLE, "connecting timed out")
    if isinstance(error, ConnectionRefusedError):
        return Trouble(TroubleKind.UNREACHABLE, "the connection was refused: nothing listens there")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "no connection"
    return Trouble(TroubleKind.UNREACHABLE, str(reason).lower())


def _not_connected(error: BaseException, _begun: bool) -> Trouble:
    # The library derives its class for failed connections from the one for connect timeouts.
    reason = next(
        (
            cause.strerror
            for cause in _causes(error)
            if isinstance(cause, OSError) and cause.strerror
        ),
        "no connection",
    )
    return Trouble(TroubleKind.UNREACHABLE, f"the connection failed: {reason.lower()}")


def _contradictory(_error: BaseException, _begun: bool) -> Trouble:
    return Trouble(TroubleKind.NOT_HTTP, "an answer whose headers contradict each other")


def _closed(_error: BaseException, begun: bool) -> Trouble:
    if begun:
        return Trouble(TroubleKind.CUT_SHORT, "the connection was closed before the answer's end")
    return Trouble(TroubleKind.CLOSED, "the connection was closed without an answer")


def _not_http(error: BaseException, _begun: bool) -> Trouble:
    if type(error) is http.client.HTTPException and "headers" in str(error):
        # The library has no separate class for this.
        return _too_many_headers(error, _begun)
    return Trouble(TroubleKind.NOT_HTTP, "what answers there does not speak HTTP")


def _too_many_headers(_error: BaseException, _begun: bool) -> Trouble:
    return Trouble(
        TroubleKind.TOO_LARGE, "an answer of more than 100 headers, or with one of over 64 KiB"
    )


def _cut_short(_error: BaseException, _begun: bool) -> Trouble:
    return Trouble(TroubleKind.CUT_SHORT, "the body ended before its announced length")


def _undecodable(_error: BaseException, _begun: bool) -> Trouble:
    return Trouble(TroubleKind.UNDECODABLE, "the body does not fit its Content-Encoding")


_Explain = Callable[[BaseException, bool], Trouble]

# The first row whose classes occur anywhere in the chain of causes applies.
_EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], _Explain], ...] = (
    # Closed by the server; not a problem of certificates.
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), _tls_ended),
    ((ssl.SSLError,), _tls),
    ((ConnectionRefusedError, urllib3.exceptions.NameResolutionError), _unreachable),
    ((urllib3.exceptions.NewConnectionError,), _not_connected),
    ((urllib3.exceptions.ConnectTimeoutError,), _unreachable),
    ((urllib3.exceptions.InvalidHeader,), _contradictory),
    ((http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError), _closed),
    ((urllib3.exceptions.IncompleteRead, http.client.IncompleteRead), _cut_short),
    ((urllib3.exceptions.InvalidChunkLength,), _cut_short),
    ((urllib3.exceptions.DecodeError,), _undecodable),
    ((http.client.LineTooLong,), _too_many_headers),
    ((http.client.HTTPException,), _not_http),
)
