"""One request and what came back, recorded without any credential."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from conformance.contract.query import Query
from conformance.core.strict_json import Decoded, decode


class AccessKind(StrEnum):
    """Which credential a request carries."""

    GRANTED = "granted"
    ABSENT = "absent"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"


@dataclass(frozen=True, slots=True)
class Access:
    """The credential of a request, described but not disclosed.

    ``form`` says in words what is sent; ``shell`` is a shell word for curl's ``-H`` that sends the
    same header by way of ``$CONDUCTOR_AUTH_TOKEN``, or ``None`` when no header is sent.
    """

    kind: AccessKind
    form: str
    shell: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. ``path`` is absolute on the server; empty means the contract's endpoint."""

    query: Query
    access: Access
    method: str = "GET"
    path: str = ""
    accept: str = "application/json"


class TroubleKind(StrEnum):
    """Ways in which a request gets no complete answer."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    NOT_HTTP = "not-http"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    CUT_SHORT = "cut-short"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too-large"


MISSING = frozenset({404, 405, 501})
"""Statuses by which a server says that it has no such path, or not by this method."""
TRANSIENT_STATUSES = frozenset({429, 502, 503, 504})
TRANSIENT_TROUBLE = frozenset(TroubleKind) - {TroubleKind.UNDECODABLE, TroubleKind.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no complete answer; ``reason`` is a clause for a person."""

    kind: TroubleKind
    reason: str


PERHAPS = "perhaps "


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, or with the trouble that came instead of one.

    ``status`` is 0 when no status line was received. ``headers`` are in the order received, names
    in lower case. ``body`` has its content encoding undone. ``leaks`` names the places of the
    answer in which the credential stood; there it has been blotted out, but where a place begins
    with ``PERHAPS`` its characters may stand there by chance. ``elapsed`` is in seconds.
    ``settled`` is set where trouble that usually passes is the server's answer to this query: it
    came each time, while others were answered. ``sent`` and ``answered`` are moments of a run: they
    count what was sent and answered before; of what was sent again they are those of the last time.
    A large body has a ``digest``; once it is read there is the ``reading`` and its ``size`` in
    bytes instead.
    ``number`` tells the exchanges of a recorded run apart.
    """

    request: Request
    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trouble: Trouble | None = None
    elapsed: float = 0.0
    attempts: int = 1
    leaks: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    settled: bool = False
    sent: int = 0
    answered: int = 0
    digest: bytes = field(default=b"", repr=False)
    reading: Decoded | None = field(default=None, repr=False)
    size: int | None = None
    number: int | None = field(default=None, compare=False)

    @property
    def query(self) -> Query:
        """The query that was asked."""
        return self.request.query

    @property
    def ok(self) -> bool:
        """Whether a complete answer with status 200 came back."""
        return self.status == 200 and self.trouble is None

    @property
    def transient(self) -> bool:
        """Whether asking again may help: a busy or restarting server, a lost connection."""
        if self.status in TRANSIENT_STATUSES:
            return True
        return self.trouble is not None and self.trouble.kind in TRANSIENT_TROUBLE

    @property
    def late(self) -> bool:
        """Whether no complete answer came in time."""
        return self.trouble is not None and self.trouble.kind is TroubleKind.TIMEOUT

    @property
    def refused(self) -> bool:
        """Whether the answer refuses the credential (401 or 403)."""
        return self.status in (401, 403)

    def header(self, name: str) -> str | None:
        """The values of a header joined by commas, or ``None`` when it is absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def decoded(self) -> Decoded:
        """The body read as JSON; equal bodies come to the same object."""
        return self.reading or decode(self.body)

    @property
    def length(self) -> int:
        """Bytes of the body, with its content encoding undone."""
        return len(self.body) if self.size is None else self.size

    def read(self, reader: Callable[[bytes, bytes], Decoded]) -> Exchange:
        """Return the exchange with its body read, and dropped."""
        reading = reader(self.body, self.digest)
        return replace(self, body=b"", reading=reading, size=len(self.body))

    @property
    def value(self) -> Any:
        """The decoded JSON value, ``None`` where there is none."""
        return self.decoded.value

    @cached_property
    def providers(self) -> tuple[dict[str, Any], ...]:
        """The elements of a 200 answer that are objects; empty for any other answer."""
        return self.decoded.objects if self.ok else ()

    @property
    def listing(self) -> bool:
        """Whether this is a 200 answer with a JSON array, which the filters can be judged by."""
        return self.ok and isinstance(self.value, list)

    @property
    def result(self) -> str:
        """What came back the last time: a status or the trouble."""
        return f"status {self.status}" if self.trouble is None else self.trouble.reason

    @property
    def outcome(self) -> str:
        """What came back, as a clause: a status or the trouble."""
        if self.settled:
            times = f"in each of {self.attempts} attempts while other queries were answered"
            return f"{self.result}, {times}"
        return self.result


def unresolved(exchanges: Iterable[Exchange]) -> bool:
    """Whether any answer is one that a server which is not well could have given to any query."""
    return any(
        exchange.request.access.kind is AccessKind.GRANTED
        and (
            exchange.refused
            or (exchange.transient and not exchange.settled)
            or (exchange.status >= 500 and not exchange.settled)
        )
        for exchange in exchanges
    )
