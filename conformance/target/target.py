"""The server under test: the only part that does I/O, and the only one that holds credentials."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from conformance._version import __version__
from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.contract.query import Query, unfiltered
from conformance.core.yaml_document import text_of
from conformance.errors import CannotTest
from conformance.evidence.exchange import Access, AccessKind, Exchange, Request
from conformance.target import address as addresses
from conformance.target import refused_credentials
from conformance.target.address import Address
from conformance.target.arguments import not_negative, positive, usable_headers, verification
from conformance.target.asking import Asker, expired
from conformance.target.concurrency import RequestPool
from conformance.target.credentials import Credential, Token
from conformance.target.large_answers import LARGE, AnswerStore, digest_of
from conformance.target.limits import MOST_KEPT, Allowance, Limits
from conformance.target.pacing import Pace
from conformance.target.redaction import Redactor
from conformance.target.redirects import MOST_REDIRECTS, Redirects, step
from conformance.target.refused_credentials import Form
from conformance.target.retries import Patience
from conformance.target.tokens import Tokens
from conformance.target.transport import Answer, Sender, Settings, Transport

PARALLEL = 8
"""Requests under way at once, unless someone wants fewer: four hundred answers that take 150 ms
each take eight seconds then."""
SIGNS_OF_LIFE = 4
"""How often a server is asked for a sign of life before it is given up."""


class Target:
    """A server, addressed by URL, with the credential that it is asked with.

    Args:
        url: ``https://host``, ``https://host/api`` or a longer prefix; all mean the same API.
        credential: a ``Token``, an ``AccessKey`` or a token as text; ``None`` to send none.
        contract: the contract whose endpoint is asked; by default the one shipped.
        timeout: seconds to connect, to wait for each part of an answer, and for an answer in all.
        headers: sent with every request, such as a tenant or a gateway's key.
        ca_bundle: file with the certificates to trust instead of the usual ones.
        insecure: do not verify the server's certificate.
        retry_budget: seconds of waiting that transient trouble may cost in all; 0 to wait for
            nothing.
        parallel: requests under way at once, at the most.
        limits: how many requests a run may send, how fast, and how long it may take.
        sender: what sends the requests, in place of a ``Transport``.

    Raises:
        UsageError: an argument makes no sense.
    """

    def __init__(
        self,
        url: str,
        *,
        credential: Credential | str | None = None,
        contract: Contract | None = None,
        timeout: float = 10.0,
        headers: Mapping[str, str] | None = None,
        ca_bundle: Path | None = None,
        insecure: bool = False,
        retry_budget: float = 60.0,
        parallel: int = PARALLEL,
        limits: Limits | None = None,
        sender: Callable[[Settings], Sender] = Transport,
    ) -> None:
        self.contract = contract or load()
        self.candidates = addresses.parse(url, self.contract)
        self.address: Address = self.candidates[0]
        self.insecure = insecure
        self.remark = ""
        self.observer: Callable[[Exchange], Exchange] = _unchanged
        self.run_id = uuid.uuid4().hex[:12]
        self._credential = Token(credential) if isinstance(credential, str) else credential
        self._forms: dict[Access, Form] = {
            refused_credentials.ABSENT.access: refused_credentials.ABSENT
        }
        public = text_of(self.contract.document)
        self._redactor = Redactor(self._credential, headers or {}, public)
        self.allowance = Allowance(limits or Limits())
        self._pace = Pace(
            not_negative(retry_budget, "the retry budget"),
            parallel,
            interval=self.allowance.limits.interval,
        )
        self._patience = Patience(self._pace)
        self._tokens = Tokens(self._credential, self._patience, self._post, self._redactor.remember)
        self._asker = Asker(self._patience, self._tokens, self._exchange)
        self._crew = RequestPool(parallel, self.ask, self._pace.stop)
        self._redirects = Redirects()
        self._memory: dict[Request, Exchange] = {}
        self._moments = count(1)
        self.is_heavy: Callable[[Request], bool] = lambda _: False
        """Whether so large an answer is expected that it is to be asked for by itself."""
        self._heavy = threading.Lock()
        self._lightener = AnswerStore()
        self._settings = Settings(
            origin=self.address.origin,
            token_urls=frozenset(map(self.token_url, self.candidates)),
            user_agent=f"conductor-conformance/{__version__} (run {self.run_id})",
            timeout=positive(timeout, "the timeout"),
            headers=usable_headers(headers or {}, self.contract.token_header),
            verify=verification(ca_bundle, insecure=insecure),
            parallel=parallel,
        )
        self._transport = sender(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop what is queued or waits and close every connection."""
        self.allowance.end()
        self._pace.stop(CannotTest("the target was closed; open another one"))
        self._crew.close()
        self._transport.close()

    @property
    def authenticated(self) -> bool:
        """Whether a credential is sent."""
        return self._credential is not None

    @property
    def header_names(self) -> tuple[str, ...]:
        """Names of the headers that every request carries besides the suite's own."""
        return tuple(self._settings.headers)

    @property
    def interval(self) -> float:
        """Seconds between two requests, at the least."""
        return self.allowance.limits.interval

    @property
    def requests_sent(self) -> int:
        """Requests that left for the target so far, repeats and token requests included."""
        return self.allowance.sent

    def begin(self, requests: int) -> None:
        """Begin a run, which may send so many requests unless the limits say otherwise."""
        self.allowance.begin(requests, self._pace.stop)

    def redacted_text(self, text: str) -> str:
        """Return a text for people without any secret of the target in it."""
        return self._redactor.text(text)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know about how the target was asked."""
        notes = [self.remark] if self.remark else []
        if self.insecure:
            notes.append("The server's certificate was not verified (--insecure).")
        if self.authenticated and not self.address.secure and not self.address.loopback:
            notes.append("The credential was sent over plain http, readable on the way.")
        notes += self._patience.notes()
        notes += self._redirects.notes()
        return tuple(notes)

    def read(self, *, fresh: bool = False, **filters: str | bool | None) -> Exchange:
        """Ask the endpoint with filters by their Python names, such as ``active_only=False``.

        An answer is remembered and returned again, unless ``fresh`` is set.

        Raises:
            TypeError: the contract has no such filter.
            CannotTest: as ``ask``.
        """
        names = {_snake(item.parameter): item.parameter for item in self.contract.filters}
        unknown = filters.keys() - names.keys()
        if unknown:
            raise TypeError(f"the contract has no filter {', '.join(sorted(unknown))}")
        query = Query.of(
            (wire, _spelled(value))
            for name, wire in names.items()
            if (value := filters.get(name)) is not None
        )
        request = self.request(query)
        if fresh or request not in self._memory:
            self._memory[request] = self.ask(request)
        return self._memory[request]

    def request(self, query: Query, *, path: str = "") -> Request:
        """Make the request of a query with the accepted credential."""
        return Request(query, refused_credentials.granted(with_token=self.authenticated), path=path)

    def forms(self) -> tuple[Form, ...]:
        """Return the credentials that must be refused, made from the accepted one."""
        token = self._tokens.current
        forms = refused_credentials.forms(token.value) if token else ()
        self._forms.update((form.access, form) for form in forms)
        return forms

    def ask_all(
        self, requests: Iterable[Request], done: Callable[[Exchange], None] | None = None
    ) -> tuple[Exchange, ...]:
        """Ask several requests, some of them at once; the answers keep their order.

        Each request is taken when one can be sent. ``done`` is called with each answer, from
        several threads.

        Raises:
            CannotTest: as ``ask``; no further request is sent then, by this call or later.
        """
        return self._crew.ask_all(requests, done)

    def ask(self, request: Request, *, first: bool = False) -> Exchange:
        """Ask one request; transient trouble is waited out, an expired token renewed.

        Trouble is returned as an answer only where it is ``settled`` that the server fails at this
        query alone, or where the run can do without: for strangers, other endpoints and HEAD. By a
        ``first`` request it is returned after a few attempts, too, and a target that cannot be
        reached is not waited for.

        Raises:
            CannotTest: the server did not recover within the budget, or gives no token any more.
        """
        if self.is_heavy(request):
            # Several large answers at once would take several times the memory.
            with self._heavy:
                return self._ask(request, first=first)
        return self._ask(request, first=first)

    def _ask(self, request: Request, *, first: bool) -> Exchange:
        return self._lightener.stored(self.observer(self._asker.ask(request, first=first)))

    def probe_once(self, timeout: float) -> Exchange:
        """Ask the endpoint once within so many seconds, with no credential and no patience.

        Redirects are not followed. It counts among the requests of the run that begins next.

        Raises:
            CannotTest: the run may not send another request.
        """
        request = Request(unfiltered(self.contract), refused_credentials.ABSENT.access)
        url = self.address.url(self.contract.path, request.query)
        self.allowance.take_early()
        sent = next(self._moments)
        seconds = min(timeout, self._settings.timeout)
        answer = self._transport.send("GET", url, {"Accept": request.accept}, timeout=seconds)
        return self._record(request, answer, None, (), sent)

    def remember_alive(self, first: Exchange) -> None:
        """Take an answer with 200 as proof of what the server answers when it is well."""
        self._asker.first = first

    def confirm_alive(self, first: Exchange) -> None:
        """Ask again what was answered with 200 when the run began.

        Raises:
            CannotTest: the server does not answer it with 200 any more.
        """
        # A server that fails now and then is alive.
        for _ in range(SIGNS_OF_LIFE):
            exchange = self.ask(first.request)
            if exchange.status == 200:
                return
        if exchange.refused:
            raise CannotTest(expired(exchange))
        raise CannotTest(
            f"{self.address} stopped answering during the run: {exchange.outcome}; "
            "run again when it answers"
        )

    def settle_on(self, candidate: Address) -> None:
        """Take the API to be at this one of ``candidates``."""
        self.address = candidate

    def obtain_token(self) -> Exchange | None:
        """Ask for a token with the access key; the answer if there is none in it.

        Nothing is asked, and ``None`` returned, when the credential is no access key.

        Raises:
            CannotTest: the server did not recover within the budget.
        """
        return self._tokens.obtain()

    def _post(self, body: bytes) -> tuple[Exchange, bytes]:
        url = self.token_url(self.address)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        answer = self._send("POST", url, headers, body)
        request = Request(Query(), refused_credentials.ABSENT.access, "POST", urlsplit(url).path)
        exchange = Exchange(
            request=request,
            url=url,
            status=answer.status,
            headers=answer.headers,
            trouble=answer.trouble,
            elapsed=answer.elapsed,
        )
        return exchange, answer.body

    def _exchange(self, request: Request, token: Token | None) -> Exchange:
        url = self.address.url(request.path or self.contract.path, request.query)
        presented, headers = self._headers(request, token)
        sent = next(self._moments)
        answer = self._send(request.method, url, headers)
        steps: list[str] = []
        while len(steps) < MOST_REDIRECTS:
            following = self._redirects.following(request, url, answer, self.address.origin)
            if following is None:
                break
            steps.append(step(url, following))
            url = following
            self._pace.go_on()
            answer = self._send(request.method, url, headers)
        self._redirects.remember(request, steps)
        return self._record(request, answer, presented, tuple(steps), sent)

    def _headers(self, request: Request, token: Token | None) -> tuple[str | None, dict[str, str]]:
        headers = {"Accept": request.accept}
        value = self._value(request, token.value if token else None)
        if value is not None:
            headers[self.contract.token_header] = value
        return value, headers

    def _value(self, request: Request, token: str | None) -> str | None:
        if request.access.kind is AccessKind.GRANTED:
            return token
        # A form stays good when the token is renewed, though the new one would give it other words.
        form = self._forms.get(request.access)
        if form is None:
            raise LookupError(f"no credential of the form {request.access.form!r}")
        return form.make(token or "") if form.make is not None else None

    def _record(
        self,
        request: Request,
        answer: Answer,
        presented: str | None,
        redirects: tuple[str, ...],
        sent: int,
    ) -> Exchange:
        digest = digest_of(answer.body) if len(answer.body) > LARGE else b""
        headers, body, leaks = self._redactor.recordable(
            answer, request.access.kind, presented, self._tokens.current, digest
        )
        if self._redactor.kept > MOST_KEPT:
            raise CannotTest(
                f"the answers are too large to be judged: more than {MOST_KEPT >> 20:,} MiB in "
                "all; judge a cluster with fewer providers, or with --profile quick"
            )
        return Exchange(
            request=request,
            url=self.address.url(request.path or self.contract.path, request.query),
            status=answer.status,
            headers=headers,
            body=body,
            trouble=answer.trouble,
            elapsed=answer.elapsed,
            leaks=leaks,
            redirects=redirects,
            sent=sent,
            answered=next(self._moments),
            digest=digest if body is answer.body else b"",
        )

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        allowance = self.allowance
        seconds = allowance.left(self._settings.timeout)
        allowance.take()
        answer = self._transport.send(method, url, headers, body, timeout=seconds)
        # Whatever came after the end of the run is no answer to judge.
        self._pace.check()
        if answer.trouble is not None:
            allowance.left(seconds)
        return answer

    def token_url(self, address: Address) -> str:
        """Where tokens are issued if the API is at this address."""
        return address.url(self.contract.related["token"])


def _unchanged(exchange: Exchange) -> Exchange:
    return exchange


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _spelled(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()
