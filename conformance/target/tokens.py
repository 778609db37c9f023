"""The current access token, and renewing it with an access key or a command."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange
from conformance.target.credentials import (
    LONGEST_TOKEN,
    AccessKey,
    Credential,
    Token,
    TokenCommand,
)
from conformance.target.retries import Purpose, Retries

Post = Callable[[bytes], tuple[Exchange, bytes]]
"""Sends a token request with this body; returns the exchange without its body, and the body."""


class Tokens:
    """Holds the token for all threads and renews it once for all of them.

    A ``credential`` that is a token cannot be renewed. ``remember`` is called with every token
    before it is used. ``time_left`` returns the seconds that a command may take.
    """

    def __init__(
        self,
        credential: Credential | None,
        retries: Retries,
        post: Post,
        remember: Callable[[str], None],
        time_left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._key = credential if isinstance(credential, AccessKey) else None
        self._command = credential if isinstance(credential, TokenCommand) else None
        self._time_left = time_left
        self._retries = retries
        self._post = post
        self._remember = remember
        self._renewing = threading.Lock()
        self._closed = threading.Event()
        self.current = credential if isinstance(credential, Token) else None

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced."""
        return self._key is not None or self._command is not None

    def close(self) -> None:
        """End the command, if it runs in some thread."""
        self._closed.set()

    def obtain(self) -> Exchange | None:
        """Request the first token; see ``Target.obtain_token``."""
        with self._renewing:
            if self._command is not None:
                self._run(self._command)
            return self._request(self._key, Purpose.OPENING) if self._key else None

    def renew(self, used: Token | None) -> None:
        """Replace the token that was ``used``, unless another thread already did.

        Raises:
            CannotTest: there is no other token.
        """
        with self._renewing:
            if self.current is not used:
                return
            if self._command is not None:
                self._run(self._command)
                if self.current == used:
                    raise CannotTest(
                        "the token command printed the token again that the server refuses; "
                        "let it print a new one"
                    )
            if self._key is None:
                return
            answer = self._request(self._key, Purpose.REQUIRED)
        if answer is None:
            return
        if answer.status in (400, 401, 403):
            raise CannotTest(
                f"POST {answer.url} accepted the access key at first but now refuses it "
                f"(status {answer.status}); check whether it was revoked"
            )
        raise CannotTest(
            f"the token expired and could not be renewed: POST {answer.url}: {answer.outcome}"
            + (" without a usable token" if answer.ok else "")
            + "; run again once the server issues tokens"
        )

    def _run(self, command: TokenCommand) -> None:
        token = command.token(self._time_left(), self._closed)
        self._remember(token.value)
        self.current = token

    def _request(self, key: AccessKey, purpose: Purpose) -> Exchange | None:
        body = json.dumps({"keyId": key.key_id, "keySecret": key.key_secret}).encode()
        token: str | None = None

        def send() -> Exchange:
            nonlocal token
            answer, content = self._post(body)
            token = _token_in(content) if answer.status in (200, 201) else None
            return answer

        answer = self._retries.ask(send, purpose)
        if purpose is Purpose.OPENING and answer.transient and answer.status:
            answer = self._retries.ask(send)
        if token is None:
            return answer
        self._remember(token)
        self.current = Token(token)
        return None


def _token_in(body: bytes) -> str | None:
    try:
        token: str = json.loads(body)["token"]
        usable = token.isascii() and token.isprintable() and token == token.strip() != ""
        usable &= len(token) <= LONGEST_TOKEN
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return token if usable else None
