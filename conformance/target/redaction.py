"""Keeping what is secret out of what is recorded and reported."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping

from conformance.evidence.exchange import PERHAPS, AccessKind
from conformance.target.credentials import AccessKey, Credential, Token
from conformance.target.secret_search import SHORTEST_SEARCHED, Secrets
from conformance.target.transport import Answer

CONFIDENTIAL_HEADERS = ("auth", "cookie", "key", "secret", "token")
NEGOTIATION = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "pragma"}
)
"""Headers whose values are words of HTTP, which reports are full of."""


SHORTEST_PRINTED = 4
"""Characters; a shorter credential cannot be kept out of a report, whose words would go with it."""


class Redactor:
    """Knows every secret of a run; safe to use from several threads.

    Credentials are blotted out of answers before these are recorded. The values of headers and the
    name of an access key may stand in answers for good reasons, such as a tenant's name, so they
    are blotted out of reports only. So are credentials which may be found by chance, since they are
    short or a word of the contract.

    Args:
        credential: what requests are let in with.
        headers: what requests carry besides.
        public: a text whose words are no secrets, such as the contract.
    """

    def __init__(
        self, credential: Credential | None, headers: Mapping[str, str], public: str = ""
    ) -> None:
        self._public = public
        self._credentials = Secrets()
        self._private = Secrets()
        self._unprinted = Secrets(b"[header value]")
        self._chance: dict[str, re.Pattern[bytes]] = {}
        if isinstance(credential, AccessKey):
            self.remember(credential.key_secret)
            self._add(self._private, credential.key_id)
        elif isinstance(credential, Token):
            self.remember(credential.value)
        for name, value in headers.items():
            if any(word in name.lower() for word in CONFIDENTIAL_HEADERS):
                self._add(self._private, value)
            elif name.lower() not in NEGOTIATION:
                self._add(self._unprinted, value)
        self._lock = threading.Lock()
        self._bodies: dict[bytes, bytes] = {}
        self._large: set[bytes] = set()
        self._clean: set[tuple[bytes, bool, int]] = set()
        self.kept = 0
        """Bytes of the different bodies that were recorded."""

    def remember(self, token: str) -> None:
        """Take a token that was issued during the run for a secret."""
        if len(token) < SHORTEST_SEARCHED or token in self._public:
            word = re.escape(token.encode())
            self._chance[token] = re.compile(rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % word)
        else:
            self._credentials.add(token)

    def _add(self, secrets: Secrets, value: str) -> None:
        if value not in self._public:
            secrets.add(value)

    def recordable(
        self,
        answer: Answer,
        kind: AccessKind,
        presented: str | None,
        current: Token | None,
        digest: bytes = b"",
    ) -> tuple[tuple[tuple[str, str], ...], bytes, tuple[str, ...]]:
        """Return the headers and body of an answer without secrets, and where credentials stood.

        ``presented`` is what the request carried; a tampered token is looked for, too, since it
        holds most of the ``current`` one. A large body comes with a ``digest``; it is searched
        once, and not kept.
        """
        secrets = self._credentials
        if presented is not None and kind is AccessKind.TAMPERED:
            secrets = Secrets()
            secrets.add(presented)
            if current is not None and current.value not in self._chance:
                secrets.add(current.value)
        leaks: list[str] = []
        headers = []
        for name, value in answer.headers:
            plain = value.encode("utf-8", "surrogateescape")
            blotted, found = secrets.blotted(plain)
            headers.append((name, blotted.decode("utf-8", "replace")))
            leaks += self._leaks(f"header {name}", plain, found=found)
        state = (digest, kind is AccessKind.TAMPERED, self._credentials.number)
        if digest and state in self._clean:
            return tuple(headers), answer.body, tuple(leaks)
        body, found = secrets.blotted(answer.body)
        leaks += self._leaks("body", answer.body, found=found)
        if digest:
            if body is answer.body and kind is not AccessKind.TAMPERED and not self._chance:
                self._clean.add(state)
            self._count(digest, len(body))
            return tuple(headers), body, tuple(leaks)
        return tuple(headers), self._once(body), tuple(leaks)

    def _leaks(self, place: str, data: bytes, *, found: bool) -> Iterator[str]:
        if found:
            yield place
        elif any(word.search(data) for word in self._chance.values()):
            yield f"{PERHAPS}{place}"

    def text(self, text: str) -> str:
        """Return a text for people without any secret in it."""
        data = text.encode("utf-8", "surrogatepass")
        for secrets in (self._credentials, self._private, self._unprinted):
            data, _ = secrets.blotted(data)
        for word, pattern in self._chance.items():
            if len(word) >= SHORTEST_PRINTED and word not in self._public:
                data = pattern.sub(b"[credential]", data)
        return data.decode("utf-8", "surrogatepass")

    def _count(self, digest: bytes, size: int) -> None:
        with self._lock:
            if digest not in self._large:
                self._large.add(digest)
                self.kept += size

    def _once(self, body: bytes) -> bytes:
        """Keep equal bodies once: most answers of a run are the same few."""
        with self._lock:
            if body not in self._bodies:
                self._bodies[body] = body
                self.kept += len(body)
            return self._bodies[body]
