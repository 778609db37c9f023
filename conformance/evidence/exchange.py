"""One exchange: a request with its response or failure, recorded without any credential."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from conformance.contract.query import Query
from conformance.core.strict_json import Decoded, Element, decode, digest_of
from conformance.evidence.transient_statuses import TRANSIENT_STATUSES


class AccessKind(StrEnum):
    """Which credential a request carries."""

    GRANTED = "granted"
    ABSENT = "absent"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Access:
    """A description of the credential of a request, without the credential.

    ``form`` describes in words what is sent. ``shell`` is a shell word for the ``-H`` option of
    curl that sends the same header with ``$CONDUCTOR_AUTH_TOKEN``; ``None`` if no header is sent.
    """

    kind: AccessKind
    form: str
    shell: str | None


ANCHOR = "unfiltered list"
"""Purpose of the reads of the unfiltered list that other responses are compared with."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be sent.

    ``path`` is the absolute path on the server; if empty, that of the contract's endpoint.
    ``purpose`` is the part of the plan that needs the request, or ``ANCHOR``. ``alone`` means that
    no other such request is sent at the same time, since its response is expected to be large.
    ``generated`` means that the query depends on the seed of the run. ``fresh`` means that caches
    must not respond; such a request has an additional parameter.
    """

    query: Query
    access: Access
    method: str = "GET"
    path: str = ""
    accept: str = "application/json"
    purpose: str = field(default="", compare=False)
    alone: bool = field(default=False, compare=False)
    generated: bool = field(default=False, compare=False)
    fresh: bool = field(default=False, compare=False)

    def __hash__(self) -> int:
        # Few requests differ in their credential alone, whose hash would take longer than the rest.
        return hash((self.query.wire, self.method, self.path, self.accept))


class TroubleKind(StrEnum):
    """Reasons why a request got no complete response."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    NOT_HTTP = "not-http"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    CUT_SHORT = "cut-short"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too-large"


UNSUPPORTED_STATUSES = frozenset({404, 405, 501})
"""Statuses of a server that does not support the path or the method."""
TRANSIENT_TROUBLE = frozenset(TroubleKind) - {TroubleKind.UNDECODABLE, TroubleKind.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no complete response; ``reason`` describes it for people, as a clause."""

    kind: TroubleKind
    reason: str


UNCERTAIN_PREFIX = "perhaps "
"""Starts the places in ``leaks`` where the credential may occur by coincidence."""


@dataclass(frozen=True)
class Exchange:
    """A request with its response, or with the trouble that prevented a complete one.

    - ``status`` is 0 if no status line was received.
    - ``headers`` are in the order received, with names in lower case.
    - ``body`` is decoded from its content encoding.
    - ``elapsed`` is in seconds; ``attempts`` counts how often the request was sent.
    - ``leaks`` names the places of the response that contained the credential, which is redacted
      there. If a place starts with ``UNCERTAIN_PREFIX``, the match may be a coincidence.
    - ``settled`` means that a usually transient failure is the server's response to this query: it
      recurred at every attempt, while other queries succeeded.
    - ``sent`` and ``answered`` order the events of a run: sending a request and completing a
      response each take the next number. After retries, they are those of the last attempt.
    - ``started`` is when the last attempt began, in seconds since some moment before the run.
    - ``digest`` identifies a large body.
    - ``reading`` is the decoded body and ``size`` its size in bytes, once it was decoded. The
      ``body`` of a large listing is dropped then.
    - ``number`` identifies the exchange in a recording.
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
    started: float = 0.0
    digest: bytes = field(default=b"", repr=False)
    reading: Decoded | None = field(default=None, repr=False, compare=False)
    size: int | None = None
    number: int | None = field(default=None, compare=False)

    @property
    def moment(self) -> float:
        """When the server worked on the response, estimated; in seconds, like ``started``."""
        return self.started + self.elapsed / 2

    @property
    def query(self) -> Query:
        """The query of the request."""
        return self.request.query

    @property
    def ok(self) -> bool:
        """Whether there is a complete response with status 200."""
        return self.status == 200 and self.trouble is None

    @property
    def transient(self) -> bool:
        """Whether a retry may help: the server was busy or restarting, or the connection failed."""
        if self.status in TRANSIENT_STATUSES:
            return True
        return self.trouble is not None and self.trouble.kind in TRANSIENT_TROUBLE

    @property
    def conclusive(self) -> bool:
        """Whether the response is complete and not only due to load or trouble."""
        return self.trouble is None and not self.transient

    @property
    def timed_out(self) -> bool:
        """Whether there was no complete response before the timeout."""
        return self.trouble is not None and self.trouble.kind is TroubleKind.TIMEOUT

    @property
    def refused(self) -> bool:
        """Whether the response rejects the credential (401 or 403)."""
        return self.status in (401, 403)

    @property
    def is_redirect(self) -> bool:
        """Whether the response has a status from 300 to 399."""
        return 300 <= self.status < 400

    def header(self, name: str) -> str | None:
        """Return the values of a header joined with commas; ``None`` if it is absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def decoded(self) -> Decoded:
        """The decoded body."""
        return self.reading or decode(self.body, self.digest)

    @property
    def body_digest(self) -> bytes:
        """The same for equal bodies; a body is not decoded for it."""
        if self.reading is not None:
            return self.reading.digest
        return self.digest or digest_of(self.body)

    @property
    def length(self) -> int:
        """Size of the body in bytes, decoded from its content encoding."""
        return len(self.body) if self.size is None else self.size

    @property
    def may_be_stored(self) -> bool:
        """Whether a cache may store the response (RFC 9111, section 3)."""
        return "no-store" not in (self.header("cache-control") or "").lower()

    @property
    def value(self) -> Any:
        """The decoded JSON value; ``None`` if there is none."""
        return self.decoded.value

    @cached_property
    def providers(self) -> tuple[Element, ...]:
        """The objects in the array of a 200 response; empty for any other response."""
        return self.decoded.objects if self.ok else ()

    @property
    def memo(self) -> dict[Hashable, object]:
        """What was derived from the providers; equal responses share it."""
        return self.decoded.memo if self.ok else {}

    @property
    def listing(self) -> bool:
        """Whether this is a 200 response with a JSON array, on which filters can be checked."""
        return self.ok and isinstance(self.value, list)

    @property
    def result(self) -> str:
        """The status or the trouble of the last attempt, as a clause."""
        return f"status {self.status}" if self.trouble is None else self.trouble.reason

    @property
    def outcome(self) -> str:
        """Like ``result``, with the number of attempts if the failure is settled."""
        times = f", in each of {self.attempts} attempts while other queries were answered"
        return f"{self.result}{times}" if self.settled else self.result


def unresolved(exchange: Exchange) -> bool:
    """Whether an exchange with the accepted credential failed in a way unrelated to its query.

    These are rejected credentials, and transient failures and 5xx statuses that are not settled.
    """
    granted = exchange.request.access.kind is AccessKind.GRANTED
    failed = (exchange.transient or exchange.status >= 500) and not exchange.settled
    return granted and (exchange.refused or failed)


def simplicity(exchange: Exchange) -> tuple[bool, int]:
    """Return a sort key that puts the simplest query first: written by hand, then short.

    A generated query differs in every run, so it stands for others only if there is no choice.
    """
    return exchange.request.generated, len(exchange.query.wire)
