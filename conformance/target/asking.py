"""Sending one request until its final response: with retries, and renewing expired tokens."""

from __future__ import annotations

from collections.abc import Callable

from conformance.errors import CannotTest
from conformance.evidence.exchange import AccessKind, Exchange, Request
from conformance.target.credentials import Token
from conformance.target.retries import Control, Purpose, Retries
from conformance.target.tokens import Tokens

RENEWALS = 10
"""Maximum token renewals for one request: a short-lived token may expire on the way."""
FIRST_RENEWALS = 3
"""The same before the first successful response."""

Send = Callable[[Request, Token | None], Exchange]
"""Sends a request once, with this token if the request is to be authenticated."""


class Asker:
    """Sends requests until their final response; safe to use from several threads.

    ``first`` is the exchange that returned 200 when the run began, or ``None`` before that.
    """

    def __init__(self, retries: Retries, tokens: Tokens, send: Send) -> None:
        self._retries = retries
        self._tokens = tokens
        self._send = send
        self.first: Exchange | None = None

    def ask(self, request: Request, *, first: bool = False) -> Exchange:
        """Send one request; see ``Target.ask``.

        Raises:
            CannotTest: the server did not recover within the budget, or no longer issues tokens.
        """
        purpose = _purpose(request, first=first)
        renewable = request.access.kind is AccessKind.GRANTED and self._tokens.renewable
        renewals = FIRST_RENEWALS if self.first is None else RENEWALS
        for number in range(renewals):
            sending = _Sending(self._send, self._tokens, request)
            exchange = self._retries.ask(sending, purpose, control=self._control())
            if not (exchange.refused and renewable):
                return exchange
            if number and self.first is not None and self._accepts(self.first, sending.used):
                return exchange
            self._tokens.renew(sending.used)
        if self.first is None:
            return exchange
        raise CannotTest(
            f"the credential was accepted at first but is now refused (status {exchange.status}), "
            f"even with {renewals} new tokens; check the server's log for the reason"
        )

    def _accepts(self, first: Exchange, token: Token | None) -> bool:
        """Whether a refused token is accepted for the first request: then the query is refused."""
        exchange = self._retries.ask(lambda: self._send(first.request, token))
        return exchange.status == 200

    def _control(self) -> Control | None:
        if self.first is None:
            return None
        sending = _Sending(self._send, self._tokens, self.first.request)

        def renew(refused: Exchange) -> None:
            if not self._tokens.renewable:
                raise CannotTest(expired(refused))
            self._tokens.renew(sending.used)

        return Control(sending, renew)


class _Sending:
    """Sends a request with the current token; ``used`` is the token that it sent last."""

    def __init__(self, send: Send, tokens: Tokens, request: Request) -> None:
        self._send = send
        self._tokens = tokens
        self._request = request
        self.used: Token | None = None

    def __call__(self) -> Exchange:
        self.used = self._tokens.current
        return self._send(self._request, self.used)


def _purpose(request: Request, *, first: bool) -> Purpose:
    if first:
        return Purpose.OPENING
    if request.access.kind is not AccessKind.GRANTED or request.path or request.method != "GET":
        return Purpose.OPTIONAL
    return Purpose.ENDPOINT


def expired(refused: Exchange) -> str:
    """Return the reason for ending a run whose credential is no longer accepted."""
    return (
        "the credential was accepted at first but is now refused "
        f"(status {refused.status}); it may have expired during the run: use a newer one, "
        "or set CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET to have it renewed"
    )
