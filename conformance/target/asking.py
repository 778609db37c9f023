"""Sending one request until its final response: retries, expired tokens, and outages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from conformance.contract.query import Query
from conformance.errors import CannotTest
from conformance.evidence.exchange import (
    AccessKind,
    Exchange,
    Request,
)
from conformance.evidence.outages import may_be_failure
from conformance.evidence.refusals import is_not_acceptable
from conformance.target.credentials import Token
from conformance.target.pacing import Exhausted
from conformance.target.refused_credentials import ABSENT
from conformance.target.retries import PROOFS, Control, Purpose, Retries
from conformance.target.tokens import Tokens

RENEWALS = 10
"""Maximum token renewals for one request: a short-lived token may expire on the way."""
FIRST_RENEWALS = 3
"""The same before the first successful response."""
FRESH_AFTER = 2
"""Renewals after which the token is tried past caches, once.

Some tokens expire after a few requests, so not each time; but no request used up three in a row.
"""
REPEATS = 5
"""How often a request with a refused credential is repeated that got an error instead of a refusal.

It counts if all of them get one. Once ``PROOFS`` requests with the same status counted, one repeat
is enough. Some 200 requests of a run carry refused credentials. If a server fails one request in
seven at random, one run in 600 takes that for its response to them; if it fails one in fifty, one
in eighty million.
"""
REFUSALS = 5
"""Refusals of the accepted credential, within three seconds, that may be part of an outage."""

BAN = 403
BANNED = (
    "every request is refused since unusual queries were sent, with and without the credential "
    "(status 403): a firewall or rate limiter may have banned this client; allow its address, or "
    "send fewer requests with --rate-limit. If that is not the reason, use a newer credential"
)

Send = Callable[[Request, Token | None], Exchange]
"""Sends a request once, with this token if the request is to be authenticated."""


_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")


class Asker:
    """Sends requests until their final response; safe to use from several threads.

    ``first`` is the exchange that returned 200 when the run began, or ``None`` before that.
    ``banned`` tells whether all requests were refused for a while after unusual queries.

    Args:
        is_documented: whether a query must return 200 if its credential is accepted.
        set_aside: is called with each response that did not recur.
    """

    def __init__(
        self,
        retries: Retries,
        tokens: Tokens,
        send: Send,
        is_documented: Callable[[Query], bool],
        set_aside: Callable[[Exchange], None],
    ) -> None:
        self._retries = retries
        self._tokens = tokens
        self._send = send
        self._is_documented = is_documented
        self._set_aside = set_aside
        self._well_since = 0
        self._recurring: Counter[tuple[bool, int]] = Counter()
        self._unusual = False
        self.first: Exchange | None = None
        self.banned = False

    def ask(self, request: Request, *, first: bool = False, last: bool = False) -> Exchange:
        """Send one request; see ``Target.ask``."""
        exchange = self._ask_a_working_server(request, first=first, last=last)
        if request.access.kind is AccessKind.GRANTED or not self._may_be_error(exchange):
            return exchange
        for _ in range(1 if self._is_known(exchange) else REPEATS):
            again = self._ask_a_working_server(request)
            if not self._may_be_error(again):
                if again.refused:
                    self._set_aside(exchange)
                return again
        self._recurring[_key(exchange)] += 1
        return again

    def recover(self) -> bool:
        """Wait until the server responds as at first; return whether it had to be waited for.

        Raises:
            CannotTest: it does not, or no longer accepts the credential.
        """
        first, attempts, refusals, banned = self.first, 0, 0, False
        if first is None:
            return False
        sending = _Sending(self._send, self._tokens, first.request)
        while True:
            exchange = self._retries.ask(sending)
            attempts += exchange.attempts
            if exchange.status == 200 and _begins_a_list(exchange) == _begins_a_list(first):
                if attempts > 1:
                    self._well_since = max(self._well_since, exchange.answered)
                self.banned = self.banned or banned
                return attempts > 1
            refusals += exchange.refused
            if refusals > 1 and self._is_accepted(sending.used, fresh=True):
                # What responds keeps refusals of other credentials.
                return False
            known = banned and exchange.status == BAN
            if exchange.refused and not known and (self._tokens.renewable or attempts > REFUSALS):
                # A ban that ends within the budget is waited out.
                banned = not self._renewed(sending, exchange)
            try:
                self._retries.wait_for_recovery(exchange, attempts)
            except Exhausted:
                if exchange.refused:
                    known = known or self._is_banned(exchange)
                    raise CannotTest(BANNED if known else expired(exchange)) from None
                raise CannotTest(
                    f"the server stopped responding during the run: {exchange.request.method} "
                    f"{exchange.url} returned {exchange.outcome} {attempts} times; "
                    "run again once it is up"
                ) from None

    def _ask_a_working_server(
        self, request: Request, *, first: bool = False, last: bool = False
    ) -> Exchange:
        """Send one request, again if the server as a whole was failing meanwhile.

        A response that an outage may explain counts only if the first request, with the accepted
        credential, is answered right after it; and if it recurs then, since the outage may have
        ended in between.
        """
        failed = None
        while True:
            exchange = self._ask(request, first=first, last=last)
            if first or self.first is None or not self._may_be_outage(exchange):
                if failed is not None:
                    self._retries.pass_over(failed)
                    self._set_aside(failed)
                return exchange
            if self.recover() or exchange.sent <= self._well_since:
                failed = None
                continue
            if failed is not None:
                self._recurring[_key(exchange)] += 1
                return exchange
            granted = request.access.kind is AccessKind.GRANTED
            if not granted or exchange.status >= 500 or self._is_known(exchange):
                return exchange
            failed = exchange

    def _is_known(self, exchange: Exchange) -> bool:
        """Whether enough responses like this one recurred."""
        return self._recurring[_key(exchange)] >= PROOFS

    def _may_be_outage(self, exchange: Exchange) -> bool:
        """Whether the response may come from something in front of a server that is down."""
        return may_be_failure(
            exchange,
            is_list=_begins_a_list(exchange),
            lists=self.first is not None and _begins_a_list(self.first),
            documented=self._is_documented(exchange.query),
        )

    def _may_be_error(self, exchange: Exchange) -> bool:
        """Whether the response to a refused credential may be an error unrelated to it."""
        if is_not_acceptable(exchange):
            return False
        return exchange.status >= 300 and self._may_be_outage(exchange)

    def _ask(self, request: Request, *, first: bool, last: bool) -> Exchange:
        granted = request.access.kind is AccessKind.GRANTED
        if granted and not request.path and not self._is_documented(request.query):
            self._unusual = True
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
            if number and self._is_accepted(sending.used, fresh=number == FRESH_AFTER):
                # The token is accepted, so it is the query that is refused.
                return exchange
            if not self._renewed(sending, exchange):
                return exchange
        if self.first is None:
            return exchange
        raise CannotTest(
            f"the credential was accepted at first but is now refused (status {exchange.status}), "
            f"even with {renewals} new tokens; check the server's log for the reason"
        )

    def _is_accepted(self, token: Token | None, *, fresh: bool = False) -> bool:
        """Whether the first request succeeds with a token; no cache responds to a ``fresh`` one."""
        if self.first is None:
            return False
        again = replace(self.first.request, fresh=fresh)
        return self._retries.ask(partial(self._send, again, token)).status == 200

    def _control(self) -> Control | None:
        if self.first is None:
            return None
        sending = _Sending(self._send, self._tokens, self.first.request)
        return Control(sending, partial(self._renewed, sending))

    def _renewed(self, sending: _Sending, refused: Exchange) -> bool:
        """Renew the token; return false if a ban of this client prevents that."""
        try:
            if not self._tokens.renewable:
                raise CannotTest(expired(refused))
            self._tokens.renew(sending.used)
        except CannotTest:
            if not self._is_banned(refused):
                raise
            return False
        return True

    def _is_banned(self, refused: Exchange) -> bool:
        """Whether the refusal probably has nothing to do with the credential."""
        if refused.status != BAN or not self._unusual:
            return False
        bare = replace(refused.request, access=ABSENT.access)
        other = self._retries.ask(partial(self._send, bare, None), Purpose.OPTIONAL)
        kinds = {(one.status, one.header("content-type")) for one in (refused, other)}
        return len(kinds) == 1


def _key(exchange: Exchange) -> tuple[bool, int]:
    return exchange.request.access.kind is AccessKind.GRANTED, exchange.status


def _begins_a_list(exchange: Exchange) -> bool:
    """Whether a response is a list by its first character; decoding a long one takes too long."""
    if exchange.reading is not None:
        return exchange.listing
    return exchange.ok and _LIST.match(exchange.body) is not None


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
        "or have it renewed, with CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET or --token-command"
    )
