"""One request until its final answer: trouble is waited out, and an expired token renewed."""

from __future__ import annotations

from collections.abc import Callable

from conformance.errors import CannotTest
from conformance.evidence.exchange import AccessKind, Exchange, Request
from conformance.target.credentials import Token
from conformance.target.retries import Control, Patience, Purpose
from conformance.target.tokens import Tokens

RENEWALS = 10
"""New tokens that one request may cost: a short-lived one may expire on its way."""
FIRST_RENEWALS = 3
"""The same while nothing has been answered yet."""

Send = Callable[[Request, Token | None], Exchange]
"""Sends a request once, with this token where it is one that should be let in."""


class Asker:
    """Asks requests, from any thread.

    ``first`` is what was answered with 200 when the run began, once there is such an answer.
    """

    def __init__(self, patience: Patience, tokens: Tokens, send: Send) -> None:
        self._patience = patience
        self._tokens = tokens
        self._send = send
        self.first: Exchange | None = None

    def ask(self, request: Request, *, first: bool = False) -> Exchange:
        """Ask one request, which is one of the ``first`` or not; see ``Target.ask``.

        Raises:
            CannotTest: the server did not recover within the budget, or gives no token any more.
        """
        purpose = _purpose(request, first=first)
        renewable = request.access.kind is AccessKind.GRANTED and self._tokens.renewable
        renewals = FIRST_RENEWALS if self.first is None else RENEWALS
        for number in range(renewals):
            sending = _Sending(self._send, self._tokens, request)
            exchange = self._patience.ask(sending, purpose, control=self._control())
            if not (exchange.refused and renewable):
                return exchange
            if number and self.first is not None and self._good(self.first, sending.used):
                return exchange
            self._tokens.renew(sending.used)
        if self.first is None:
            return exchange
        raise CannotTest(
            f"the credential was accepted at first and is refused now (status {exchange.status}), "
            f"also with {renewals} new tokens; look in the server's log for the reason"
        )

    def _good(self, first: Exchange, token: Token | None) -> bool:
        """Whether a token is good after it was refused: then the query is what is refused."""
        exchange = self._patience.ask(lambda: self._send(first.request, token))
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
    """Sends a request with the token of the moment, and knows which one it ``used`` last."""

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
        return Purpose.ASIDE
    return Purpose.ENDPOINT


def expired(refused: Exchange) -> str:
    """Return why a run ends when the credential that was accepted at first is refused."""
    return (
        "the credential was accepted at first and is refused now "
        f"(status {refused.status}); it may have expired during the run, "
        "so give a newer one, or CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET to have it renewed"
    )
