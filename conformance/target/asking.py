"""Sending one request until its final response: with retries, and renewing expired tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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

    def ask(self, request: Request, *, first: bool = False, last: bool = False) -> Exchange:
        """Send one request; see ``Target.ask``."""
        granted = request.access.kind is AccessKind.GRANTED
        purpose = Purpose.ENDPOINT
        if first:
            purpose = Purpose.OPENING
        elif last:
            purpose = Purpose.LAST
        elif not granted or request.path or request.method != "GET":
            purpose = Purpose.OPTIONAL
        renewals = FIRST_RENEWALS if self.first is None else RENEWALS
        for number in range(renewals):
            sending = _Sending(self._send, self._tokens, request)
            exchange = self._retries.ask(sending, purpose, control=self._control())
            if not (exchange.refused and granted and self._tokens.renewable):
                return exchange
            if number and self.first is not None:
                again = partial(self._send, self.first.request, sending.used)
                if self._retries.ask(again).status == 200:
                    # The token is accepted, so it is the query that is refused.
                    return exchange
            self._tokens.renew(sending.used)
        if self.first is None:
            return exchange
        raise CannotTest(
            f"the credential was accepted at first but is now refused (status {exchange.status}), "
            f"even with {renewals} new tokens; check the server's log for the reason"
        )

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


def expired(refused: Exchange) -> str:
    """Return the reason for ending a run whose credential is no longer accepted."""
    return (
        "the credential was accepted at first but is now refused "
        f"(status {refused.status}); it may have expired during the run: use a newer one, "
        "or set CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET to have it renewed"
    )
