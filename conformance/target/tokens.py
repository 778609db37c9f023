"""The access token in use and, where an access key is known, the tokens that follow it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange
from conformance.target.credentials import AccessKey, Credential, Token
from conformance.target.retries import Patience, Purpose

Post = Callable[[bytes], tuple[Exchange, bytes]]
"""Sends a token request with this body; returns what came back, without and with its body."""


class Tokens:
    """Holds one token for every thread, and gets a new one once for all of them.

    Args:
        credential: a token, which has no successor, an access key, or ``None``.
        patience: waits out trouble with token requests, too.
        post: sends them.
        remember: is told every token before it is used.
    """

    def __init__(
        self,
        credential: Credential | None,
        patience: Patience,
        post: Post,
        remember: Callable[[str], None],
    ) -> None:
        self._key = credential if isinstance(credential, AccessKey) else None
        self._patience = patience
        self._post = post
        self._remember = remember
        self._renewing = threading.Lock()
        self.current = credential if isinstance(credential, Token) else None

    @property
    def renewable(self) -> bool:
        """Whether a token that is refused can be replaced."""
        return self._key is not None

    def obtain(self) -> Exchange | None:
        """Ask for the first token with the access key; the answer if there is none in it.

        Nothing is asked, and ``None`` returned, when the credential is no access key.

        Raises:
            CannotTest: the server is busy for longer than may be waited.
        """
        if self._key is None:
            return None
        with self._renewing:
            return self._request(self._key, Purpose.OPENING)

    def renew(self, used: Token | None) -> None:
        """Replace the token that was ``used``, unless another thread has done so.

        Raises:
            CannotTest: there is no other token to be had.
        """
        with self._renewing:
            if self._key is None or self.current is not used:
                return
            answer = self._request(self._key, Purpose.ALIVE)
        if answer is None:
            return
        if answer.status in (400, 401, 403):
            raise CannotTest(
                f"POST {answer.url} accepted the access key at first and refuses it now "
                f"(status {answer.status}); see whether it was revoked"
            )
        raise CannotTest(
            f"the token expired and no other is to be had: POST {answer.url} came to "
            f"{answer.outcome}"
            + (" without a usable token" if answer.ok else "")
            + "; run again when tokens can be had"
        )

    def _request(self, key: AccessKey, purpose: Purpose) -> Exchange | None:
        body = json.dumps({"keyId": key.key_id, "keySecret": key.key_secret}).encode()
        found: list[str] = []

        def send() -> Exchange:
            answer, content = self._post(body)
            if answer.status in (200, 201):
                found[:] = _tokens_in(content)
            return answer

        answer = self._patience.ask(send, purpose)
        if purpose is Purpose.OPENING and answer.transient and answer.status:
            answer = self._patience.ask(send)
        if not found:
            return answer
        self._remember(found[0])
        self.current = Token(found[0])
        return None


def _tokens_in(body: bytes) -> list[str]:
    try:
        token = json.loads(body)["token"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return []
    usable = (
        isinstance(token, str)
        and token.isascii()
        and token.isprintable()
        and token
        and token == token.strip()
    )
    return [token] if usable else []
