"""Redacting secrets from recorded exchanges and reports."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from itertools import chain

from conformance.evidence.exchange import UNCERTAIN_PREFIX, AccessKind
from conformance.target.credentials import AccessKey, Credential, Token
from conformance.target.secret_search import SHORT_TEXT, SHORTEST_SEARCHED, Secrets
from conformance.target.transport import Answer

CONFIDENTIAL_HEADERS = ("auth", "cookie", "key", "secret", "token")
NEGOTIATION = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "pragma"}
)
"""Headers whose values are common HTTP words; redacting these words would garble reports."""
MOST_TAMPERED = 16
"""Maximum number of tampered tokens whose spellings are kept; each renewal has others."""
SHORTEST_PRINTED = 4
"""Characters; a shorter credential is not redacted, since it would match ordinary words."""


class Redactor:
    """Redacts the secrets of a run; safe to use from several threads.

    Credentials are redacted from responses before these are recorded. Header values and the id of
    an access key may legitimately occur in responses (a tenant name, for example), so they are
    redacted from reports only. The same goes for credentials that may occur by coincidence because
    they are short or a word of the contract.

    ``headers`` are the additional headers of the requests; ``public`` is a text whose words are not
    secret, such as the contract.
    """

    def __init__(
        self, credential: Credential | None, headers: Mapping[str, str], public: str = ""
    ) -> None:
        self._public = public
        self._credentials = Secrets()
        # What no text may show, credentials among them: as one set, since they overlap.
        self._private = Secrets()
        self._header_values = Secrets(b"[header value]")
        self._coincidental: dict[str, re.Pattern[bytes]] = {}
        if isinstance(credential, AccessKey):
            self.remember(credential.key_secret)
            if credential.key_id not in public:
                self._private.add(credential.key_id)
        elif isinstance(credential, Token):
            self.remember(credential.value)
        for name, value in headers.items():
            confidential = any(word in name.lower() for word in CONFIDENTIAL_HEADERS)
            if value not in public and (confidential or name.lower() not in NEGOTIATION):
                (self._private if confidential else self._header_values).add(value)
        self._tampered: dict[tuple[str, ...], Secrets] = {}
        self._lock = threading.Lock()
        self._bodies: dict[bytes, bytes] = {}
        self._clean: set[tuple[bytes, bool, int]] = set()
        self.kept = 0
        """Total bytes of the distinct bodies that were recorded."""

    def remember(self, token: str) -> None:
        """Treat a token issued during the run as a secret."""
        if len(token) < SHORTEST_SEARCHED or token in self._public:
            word = re.escape(token.encode())
            self._coincidental[token] = re.compile(rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % word)
        else:
            self._credentials.add(token)
            self._private.add(token)

    def recordable(
        self,
        answer: Answer,
        kind: AccessKind,
        presented: str | None,
        current: Token | None,
        digest: bytes = b"",
    ) -> tuple[tuple[tuple[str, str], ...], bytes, tuple[str, ...]]:
        """Return headers and body with secrets redacted, and the places where credentials were.

        ``presented`` is the credential that the request carried. A tampered token is searched for,
        too, since it contains most of the ``current`` one. A large body comes with its ``digest``;
        equal ones are searched only once and are not kept.
        """
        secrets = self._credentials
        if presented is not None and kind is AccessKind.TAMPERED:
            secrets = self._of_tampered(presented, current)
        headers, leaks = self._headers(secrets, answer.headers)
        state = (digest, kind is AccessKind.TAMPERED, self._credentials.number)
        if digest and state in self._clean:
            return headers, answer.body, tuple(leaks)
        body, found = secrets.redacted(answer.body)
        leaks += self._leaks("body", answer.body, found=found)
        unchanged = body is answer.body and kind is not AccessKind.TAMPERED
        if digest and unchanged and not self._coincidental:
            self._clean.add(state)
        with self._lock:
            # Most responses of a run are the same few; of a large one, the caller keeps the body.
            key, kept = (digest, b"") if digest else (body, body)
            if key not in self._bodies:
                self._bodies[key] = kept
                self.kept += len(body)
            return headers, self._bodies[key] or body, tuple(leaks)

    def _of_tampered(self, presented: str, current: Token | None) -> Secrets:
        """Return what to search for in the response to a tampered token."""
        values = [presented]
        if current is not None and current.value not in self._coincidental:
            values.append(current.value)
            # The accepted token follows from it, so texts must not show it either.
            self._private.add(presented)
        key = tuple(values)
        known = self._tampered.get(key)
        if known is not None:
            return known
        secrets = Secrets()
        for value in values:
            secrets.add(value)
        if len(self._tampered) >= MOST_TAMPERED:
            self._tampered.clear()
        self._tampered[key] = secrets
        return secrets

    def _headers(
        self, secrets: Secrets, headers: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[tuple[str, str], ...], list[str]]:
        """Return headers with secrets redacted, and the places where credentials were."""
        raw = [tuple(text.encode("utf-8", "surrogateescape") for text in one) for one in headers]
        # Nearly always there is nothing to redact, which one search tells.
        together = b"\0".join(chain.from_iterable(raw))
        if len(together) <= SHORT_TEXT and not self._coincidental and together not in secrets:
            return tuple((_text(name), _text(value)) for name, value in raw), []
        redacted: list[tuple[str, str]] = []
        leaks: list[str] = []
        for name, value in raw:
            (shown, named), (rest, found) = secrets.redacted(name), secrets.redacted(value)
            redacted.append((_text(shown), _text(rest)))
            leaks += self._leaks(f"name of header {_text(shown)}", name, found=named)
            leaks += self._leaks(f"header {_text(shown)}", value, found=found)
        return tuple(redacted), leaks

    def _leaks(self, place: str, data: bytes, *, found: bool) -> Iterator[str]:
        if found:
            yield place
        elif any(word.search(data) for word in self._coincidental.values()):
            yield f"{UNCERTAIN_PREFIX}{place}"

    def text(self, text: str) -> str:
        """Return a text with every secret redacted."""
        data = text.encode("utf-8", "surrogatepass")
        for secrets in (self._private, self._header_values):
            data = secrets.masked(data)
        for word, pattern in self._coincidental.items():
            if len(word) >= SHORTEST_PRINTED and word not in self._public:
                data = pattern.sub(b"[credential]", data)
        return data.decode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
