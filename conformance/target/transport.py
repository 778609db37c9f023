"""The only place from which a byte leaves for the target.

Read-only by construction: GET, HEAD and the token request are sent, to one origin; anything else is
refused with ``ForbiddenRequest`` whoever asks for it. Cookies are never kept, redirects never
followed and proxies never used here.
"""

from __future__ import annotations

import http.client
import io
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import urllib3

from conformance.errors import ForbiddenRequest
from conformance.evidence.exchange import Trouble, TroubleKind
from conformance.target.address import origin_of
from conformance.target.connections import Connections, Deadline
from conformance.target.large_answers import give_back

READ_ONLY = frozenset({"GET", "HEAD"})
LOGGERS = tuple(
    f"urllib3.{name}" for name in ("connection", "connectionpool", "poolmanager", "response")
)
CHUNK = 1 << 16
LARGE = 64 << 20
"""Bytes of an answer beyond which it is read by itself."""
SOME = 1 << 20
"""Bytes beyond which the memory of an answer is to be given back as soon as it is dropped."""
BEGINNING = 1 << 20
"""Bytes that are kept of an answer that broke off."""
LARGEST_BODY = 256 << 20
"""Bytes of an answer after decompression; more is not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: see ``Exchange`` for the members."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trouble: Trouble | None = None
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How requests are sent. ``timeout`` is in seconds, for connecting, each read and in total."""

    origin: str
    token_urls: frozenset[str]
    user_agent: str
    timeout: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str = True
    parallel: int = 4
    largest_body: int = LARGEST_BODY


class Sender(Protocol):
    """What sends the requests of a target."""

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Send one request and return its answer; see ``Transport.send``."""

    def close(self) -> None:
        """Close every connection."""


def _say_nothing(_record: logging.LogRecord) -> bool:
    return False


class Transport:
    """Sends single requests; safe to use from several threads."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._settings = settings
        self._large = threading.Lock()
        self._clock = clock
        if settings.verify is False:
            # The report says it once; the library would say it for every request.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        for name in LOGGERS:
            # They would tell whatever a server answers, its redirects and broken headers.
            logging.getLogger(name).addFilter(_say_nothing)
        self._deadline = Deadline()
        self._connections = Connections(
            settings.origin, self._deadline, most=settings.parallel, verify=settings.verify
        )

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Send one request and read its whole answer, within the time and size allowed.

        Whatever the target does ends up in the answer's ``trouble``, not in an exception. All of
        it may take ``timeout`` seconds, by default those of the settings.

        Raises:
            ForbiddenRequest: the method is not read-only, or the origin is not the target's.
        """
        self._guard(method, url, body)
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
            # Where the body was not read to its end, this closes the connection.
            response.close()
            response.release_conn()

    def _guard(self, method: str, url: str, body: bytes | None) -> None:
        try:
            origin = origin_of(url)
        except ValueError as error:
            raise ForbiddenRequest(f"an address that cannot be read: {error}") from error
        if origin != self._settings.origin:
            raise ForbiddenRequest(f"a {method} to {origin}, which is not the target")
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
        # Unlike other buffers, this one need not be copied to be kept.
        body = io.BytesIO()
        alone = False
        try:
            for chunk in response.stream(CHUNK, decode_content=True):
                body.write(chunk)
                if body.tell() > SOME:
                    give_back()
                if body.tell() > LARGE and not alone:
                    # Several at once would take several times the memory.
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
            # In place: the error keeps this frame for a while. What broke off is no answer.
            body.truncate(BEGINNING)
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
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or "it failed"
    return Trouble(TroubleKind.TLS, f"the TLS connection could not be made: {reason}")


def _unreachable(error: BaseException, _begun: bool) -> Trouble:
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return Trouble(TroubleKind.UNREACHABLE, "the host name is not known")
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return Trouble(TroubleKind.UNREACHABLE, "no connection came about in time")
    if isinstance(error, ConnectionRefusedError):
        return Trouble(TroubleKind.UNREACHABLE, "the connection was refused: nothing listens there")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "no connection"
    return Trouble(TroubleKind.UNREACHABLE, str(reason).lower())


def _not_connected(error: BaseException, _begun: bool) -> Trouble:
    # The library's class for connections that fail is one of those for connections that are late.
    reason = next(
        (
            cause.strerror
            for cause in _causes(error)
            if isinstance(cause, OSError) and cause.strerror
        ),
        "no connection",
    )
    return Trouble(TroubleKind.UNREACHABLE, f"no connection came about: {reason.lower()}")


def _contradictory(_error: BaseException, _begun: bool) -> Trouble:
    return Trouble(TroubleKind.NOT_HTTP, "an answer whose headers contradict each other")


def _closed(_error: BaseException, begun: bool) -> Trouble:
    if begun:
        return Trouble(TroubleKind.CUT_SHORT, "the connection was closed before the answer's end")
    return Trouble(TroubleKind.CLOSED, "the connection was closed without an answer")


def _not_http(error: BaseException, _begun: bool) -> Trouble:
    if type(error) is http.client.HTTPException and "headers" in str(error):
        # This one has no class of its own.
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

# The first kind that stands anywhere in the chain of causes decides.
_EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], _Explain], ...] = (
    # Closed by the other side: it is no matter of certificates.
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
