"""The server under test, the credential for it, and everything that is sent to it."""

from __future__ import annotations

import json
import math
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from conformance._version import __version__
from conformance.contract.filter_oracle import is_documented
from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.contract.query import Query, unfiltered
from conformance.core.strict_json import digest_of
from conformance.core.yaml_document import text_of
from conformance.errors import CannotTest
from conformance.evidence.exchange import Access, AccessKind, Exchange, Request
from conformance.target import address as addresses
from conformance.target import refused_credentials
from conformance.target.address import Address
from conformance.target.arguments import duration, usable_headers
from conformance.target.asking import Asker
from conformance.target.concurrency import RequestPool
from conformance.target.credentials import Credential, Token
from conformance.target.limits import MOST_KEPT, Allowance, Limits, too_large
from conformance.target.network import Network, unused_proxy
from conformance.target.pacing import Pace
from conformance.target.redaction import Redactor
from conformance.target.redirects import MOST_REDIRECTS, Redirects, step
from conformance.target.refused_credentials import ABSENT, Form
from conformance.target.response_store import LARGE, ResponseStore
from conformance.target.retries import Retries
from conformance.target.tokens import Tokens
from conformance.target.transport import Answer, Sender, Settings, Transport

CACHE_BUSTER = "_"
"""Parameter that distinguishes the URLs of equal queries, named as jQuery names it.

Many caches ignore ``Cache-Control`` of a request, though the contract lets servers ignore only
parameters that they do not know.
"""
PARALLEL = 8
"""Default number of concurrent requests: 400 responses of 150 ms each then take 8 seconds."""
RETRY_BUDGET = 60.0
"""Default maximum of the total waiting time in seconds."""


class Target:
    """A server, addressed by URL, and the credential for its requests.

    Args:
        url: ``https://host``, ``https://host/api`` or a longer prefix; all mean the same API.
        credential: a ``Token``, an ``AccessKey``, a ``TokenCommand`` or a token as text; ``None``
            sends none.
        contract: the contract to test against; by default the shipped one.
        timeout: seconds to connect, to wait for each part of a response, and for a whole response.
        headers: sent with every request, such as a tenant name or a gateway key.
        ca_bundle: file with the certificates to trust instead of the default ones.
        insecure: do not verify the server's certificate.
        client_cert: file with the certificate that the server asks for, in PEM form.
        client_key: file with its key, unless it is in the same file.
        proxy: URL of an HTTP proxy, or ``env`` for that of the usual variables; by default none.
        resolve: addresses to connect to instead of a host, as ``HOST:PORT:ADDRESS``.
        shown_headers: how curl gets the values of ``headers``, by name, as words of a shell.
        retry_budget: maximum total waiting time for transient failures, in seconds; 0 never waits.
        parallel: maximum number of concurrent requests.
        limits: maximum number of requests, request rate and duration of a run.
        sender: creates what sends the requests; by default a ``Transport``.

    Raises:
        UsageError: an argument is invalid.
    """

    def __init__(
        self,
        url: str,
        *,
        credential: Credential | str | None = None,
        expired_token: str | None = None,
        contract: Contract | None = None,
        timeout: float = 10.0,
        headers: Mapping[str, str] | None = None,
        ca_bundle: Path | None = None,
        insecure: bool = False,
        client_cert: Path | None = None,
        client_key: Path | None = None,
        proxy: str | None = None,
        resolve: Iterable[str] = (),
        shown_headers: Mapping[str, str] | None = None,
        retry_budget: float = RETRY_BUDGET,
        parallel: int = PARALLEL,
        limits: Limits | None = None,
        sender: Callable[[Settings], Sender] = Transport,
    ) -> None:
        self.contract = contract or load()
        self.candidates = addresses.parse(url, self.contract)
        self.address: Address = self.candidates[0]
        self.insecure = insecure
        self.title = ""
        self.remark = ""
        self._observe: Callable[[Exchange], Exchange] = lambda exchange: exchange
        self.run_id = uuid.uuid4().hex[:12]
        self._credential = Token(credential) if isinstance(credential, str) else credential
        self._forms: dict[Access, Form] = {ABSENT.access: ABSENT}
        public = text_of(self.contract.document)
        self._network = Network(
            ca_bundle, insecure, client_cert, client_key, proxy or None, tuple(resolve)
        )
        self._shown_headers = dict(shown_headers or {})
        secret = {**(headers or {}), **self._network.secrets(self.address.origin)}
        self._redactor = Redactor(self._credential, secret, public)
        self._expired_token = expired_token
        self.allowance = Allowance(limits or Limits())
        budget = duration(retry_budget, "the retry budget", may_be_0=True)
        self._pace = Pace(budget, parallel, interval=self.interval)
        self._retries = Retries(self._pace)
        self._tokens = Tokens(
            self._credential,
            self._retries,
            self._post,
            self._redactor.remember,
            lambda: self.allowance.left(math.inf),
        )
        self._passing: list[Exchange] = []
        self._asker = Asker(
            self._retries,
            self._tokens,
            self._exchange,
            partial(is_documented, self.contract),
            self._set_aside,
        )
        self._pool = RequestPool(parallel, self.ask, self._pace.stop)
        self._redirects = Redirects()
        self._cache: dict[Request, Exchange] = {}
        self._moments = count(1)
        self._alone = threading.Lock()
        self._store = ResponseStore()
        self._settings = Settings(
            origin=self.address.origin,
            token_urls=frozenset(map(self.token_url, self.candidates)),
            user_agent=f"conductor-conformance/{__version__} (run {self.run_id})",
            timeout=duration(timeout, "the timeout"),
            headers=usable_headers(headers or {}, self.contract.token_header),
            network=self._network,
            parallel=parallel,
        )
        self._transport = sender(self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cancel queued and waiting requests and close every connection."""
        self.allowance.end()
        self._pace.stop(CannotTest("the target was closed; create a new one"))
        self._tokens.close()
        self._pool.close()
        self._transport.close()

    @property
    def authenticated(self) -> bool:
        """Whether a credential is sent."""
        return self._credential is not None

    @property
    def header_names(self) -> tuple[str, ...]:
        """Names of the additional headers that every request carries."""
        return tuple(self._settings.headers)

    @property
    def interval(self) -> float:
        """Minimum seconds between two requests."""
        return self.allowance.limits.interval

    @property
    def requests_sent(self) -> int:
        """Requests sent so far, including retries and token requests."""
        return self.allowance.sent

    def begin(self, requests: int) -> None:
        """Begin a run that may send this many requests unless ``limits`` set another maximum."""
        self.allowance.begin(requests, self._pace.stop)

    def record_with(self, observe: Callable[[Exchange], Exchange]) -> None:
        """Pass each exchange from now on to ``observe``, and use what it returns instead.

        ``observe`` is called from several threads.
        """
        self._observe = observe

    def redacted_text(self, text: str) -> str:
        """Return a text with every secret of the target redacted."""
        return self._redactor.text(text)

    @property
    def passing(self) -> tuple[Exchange, ...]:
        """Responses that an outage might explain, and that did not recur when repeated."""
        return tuple(self._passing)

    @property
    def curl_options(self) -> tuple[str, ...]:
        """Words for curl that reach the server as the run does, quoted for a shell."""
        headers = [
            word for shown in self._shown_headers.values() for word in ("-H", shown) if shown
        ]
        return (*self._network.curl(self.address.origin), *headers)

    @property
    def unused_proxy(self) -> str | None:
        """The environment variable with a proxy that is not used, ``None`` without one."""
        origin = self.address.origin
        return None if self._network.proxy_for(origin) else unused_proxy(origin)

    @property
    def headers_to_fill_in(self) -> tuple[str, ...]:
        """The names of the additional headers whose values curl cannot get by itself."""
        return tuple(one for one in self.header_names if one not in self._shown_headers)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the report on how requests were sent: retries, redirects, insecure TLS."""
        notes = [self.remark] if self.remark else []
        if self.insecure:
            notes.append("The server's certificate was not verified (--insecure).")
        if self.authenticated and not self.address.secure and not self.address.loopback:
            notes.append("The credential was sent unencrypted, over plain http.")
        return (*notes, *self._retries.notes(), *self._redirects.notes(), *self._store.notes)

    def read(self, *, fresh: bool = False, **filters: str | bool | None) -> Exchange:
        """Request the endpoint with filters by Python name, such as ``active_only=False``.

        Responses are cached: a repeated call returns the same exchange unless ``fresh`` is set.

        Raises:
            TypeError: the contract has no such filter.
            CannotTest: as ``ask``.
        """
        wires = [item.parameter for item in self.contract.filters]
        names = {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", one): one for one in wires}
        unknown = filters.keys() - names.keys()
        if unknown:
            raise TypeError(f"the contract has no filter {', '.join(sorted(unknown))}")
        query = Query.of(
            (wire, value if isinstance(value, str) else str(value).lower())
            for name, wire in names.items()
            if (value := filters.get(name)) is not None
        )
        request = self.request(query)
        if fresh or request not in self._cache:
            self._cache[request] = self.ask(request)
        return self._cache[request]

    def request(self, query: Query, *, path: str = "", purpose: str = "") -> Request:
        """Return the request for a query, with the accepted credential."""
        access = refused_credentials.granted(with_token=self.authenticated)
        return Request(query, access, path=path, purpose=purpose)

    def forms(self) -> tuple[Form, ...]:
        """Return the credentials that must be refused, derived from the accepted one."""
        token = self._tokens.current
        forms = refused_credentials.forms(token.value) if token else ()
        if token and self._expired_token:
            forms = (*forms, refused_credentials.expired(self._expired_token))
        self._forms.update((form.access, form) for form in forms)
        return forms

    def ask_all(
        self, requests: Iterable[Request], done: Callable[[Exchange], None] | None = None
    ) -> tuple[Exchange, ...]:
        """Send several requests concurrently; the exchanges are returned in the given order.

        Requests are taken from ``requests`` in this thread, shortly before they can be sent.
        ``done`` is called with each exchange, from several threads.

        Raises:
            CannotTest: as ``ask``; then neither this call nor a later one sends a request.
        """
        return self._pool.ask_all(requests, done)

    def ask(self, request: Request, *, first: bool = False, last: bool = False) -> Exchange:
        """Send one request; transient failures are retried and expired tokens renewed.

        Other failures are returned only if the first request succeeds right after them, and if they
        recur. What a refused credential gets instead of a refusal is repeated; if it does not
        recur, it is added to ``passing``.

        A transient failure is returned only if it is ``settled`` (this query alone keeps failing),
        or if the run can continue without a response: for unauthenticated requests, other endpoints
        and HEAD. For a ``first`` request it is returned after a few attempts; an unreachable target
        is then not retried at all. For the ``last`` request for a query that was settled before,
        the whole retry budget is used.

        Raises:
            CannotTest: the server did not recover within the budget, or no longer issues tokens.
        """
        # Several large responses at once would need several times the memory.
        with self._alone if request.alone else nullcontext():
            exchange = self._asker.ask(request, first=first, last=last)
            return self._store.stored(self._observe(exchange))

    def change(self, method: str, path: str, body: object = None) -> Exchange:
        """Send a request that changes the server, once, with the accepted credential.

        A token that expired is renewed, since a refused request changed nothing. ``path`` is one of
        the contract, ``body`` is sent as JSON unless it is ``None``.

        Raises:
            CannotTest: no further token is issued.
            ForbiddenRequest: the transport does not permit the request; that of a run permits none.
        """
        token = self._tokens.current
        exchange = self._change(method, path, body, token)
        if exchange.refused and self._tokens.renewable:
            self._tokens.renew(token)
            exchange = self._change(method, path, body, self._tokens.current)
        return exchange

    def _change(self, method: str, path: str, body: object, token: Token | None) -> Exchange:
        access = refused_credentials.granted(with_token=self.authenticated)
        request = Request(Query(), access, method, path, accept="*/*")
        headers = {"Accept": request.accept, "Content-Type": "application/json"}
        presented = self._presented(request, token)
        if presented is not None:
            headers[self.contract.token_header] = presented
        content = None if body is None else json.dumps(body).encode()
        with self._pace.turn():
            sent = next(self._moments)
            answer = self._send(method, self.address.url(path), headers, content)
        return self._record(request, answer, presented, (), sent)

    def probe_once(self, timeout: float) -> Exchange:
        """Request the endpoint once within ``timeout`` seconds, without credential or retries.

        Redirects are not followed. The request counts towards the run that begins next.

        Raises:
            CannotTest: the run has reached its maximum number of requests.
        """
        request = Request(unfiltered(self.contract), ABSENT.access)
        url = self.address.url(self.contract.path, request.query)
        self.allowance.take_early()
        sent = next(self._moments)
        seconds = min(timeout, self._settings.timeout)
        answer = self._transport.send("GET", url, {"Accept": request.accept}, timeout=seconds)
        return self._record(request, answer, None, (), sent)

    def remember_alive(self, first: Exchange) -> None:
        """Remember a response with status 200 as the one of a healthy server."""
        self._asker.first = first

    def confirm_alive(self) -> None:
        """Repeat the request that returned 200 when the run began, until it does so again.

        Raises:
            CannotTest: it does not within the retry budget, or the credential is refused.
        """
        self._asker.recover()

    @property
    def banned(self) -> bool:
        """Whether all requests were refused for a while after unusual queries."""
        return self._asker.banned

    def pause(self, seconds: float) -> None:
        """Wait before the next request.

        Raises:
            CannotTest: the run was stopped meanwhile.
        """
        self._pace.rest(seconds)

    def settle_on(self, candidate: Address) -> None:
        """Use this one of ``candidates`` as the address of the API."""
        self.address = candidate

    def obtain_token(self) -> Exchange | None:
        """Request a token with the access key; return the exchange if it contains no token.

        If the credential is not an access key, nothing is sent and ``None`` is returned; a command
        is run.

        Raises:
            CannotTest: the server did not recover within the budget, or the command failed.
        """
        return self._tokens.obtain()

    def _set_aside(self, exchange: Exchange) -> None:
        self._passing.append(self._store.stored(self._observe(exchange)))

    def _post(self, body: bytes) -> tuple[Exchange, bytes]:
        url = self.token_url(self.address)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        answer = self._send("POST", url, headers, body)
        request = Request(Query(), ABSENT.access, "POST", urlsplit(url).path)
        exchange = Exchange(request, url, answer.status, answer.headers, trouble=answer.trouble)
        return replace(exchange, elapsed=answer.elapsed), answer.body

    def _exchange(self, request: Request, token: Token | None) -> Exchange:
        url = self.address.url(request.path or self.contract.path, request.query)
        presented = self._presented(request, token)
        headers = {"Accept": request.accept}
        if request.fresh:
            url += f"{'&' if request.query.wire else '?'}{CACHE_BUSTER}={uuid.uuid4().hex}"
            headers["Cache-Control"] = "no-cache"
        if presented is not None:
            headers[self.contract.token_header] = presented
        sent = next(self._moments)
        answer = self._send(request.method, url, headers)
        steps: list[str] = []
        while len(steps) < MOST_REDIRECTS:
            next_url = self._redirects.next_url(request, url, answer, self.address.origin)
            if next_url is None:
                break
            steps.append(step(url, next_url))
            url = next_url
            self._pace.continue_turn()
            answer = self._send(request.method, url, headers)
        if request.access.kind is AccessKind.GRANTED:
            self._redirects.followed.update(dict.fromkeys(steps))
        return self._record(request, answer, presented, tuple(steps), sent)

    def _presented(self, request: Request, token: Token | None) -> str | None:
        """Return the value of the credential's header; ``None`` if there is none."""
        if request.access.kind is AccessKind.GRANTED:
            return token.value if token else None
        # After a renewal a form keeps the description it got from the first token.
        make = self._forms[request.access].make
        return make(token.value if token else "") if make is not None else None

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
            raise too_large(MOST_KEPT)
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
            started=time.monotonic() - answer.elapsed,
            digest=digest if body is answer.body else b"",
        )

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        allowance = self.allowance
        seconds = allowance.left(self._settings.timeout)
        allowance.take()
        answer = self._transport.send(method, url, headers, body, timeout=seconds)
        # A response that arrives after the run was stopped must not be judged.
        self._pace.check()
        if answer.trouble is not None:
            allowance.left(seconds)
        return answer

    def token_url(self, address: Address) -> str:
        """Return the URL of the token endpoint if the API is at this address."""
        return address.url(self.contract.related["token"])
