"""Keeping what is secret out of what is recorded and reported."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from conformance.credentials import AccessKey, Credential, Secrets, Token
from conformance.exchange import AccessKind
from conformance.transport import Answer
from conformance.verdict import Finding, Verdict

CONFIDENTIAL_HEADERS = ("auth", "cookie", "key", "secret", "token")
NEGOTIATION = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "pragma"}
)
"""Headers whose values are words of HTTP, which reports are full of."""


class Redactor:
    """Knows every secret of a run; safe to use from several threads.

    Credentials, and values of headers that sound confidential, are blotted out of answers before
    these are recorded. Other headers may hold words that stand in answers for good reasons, such
    as a tenant's name, so their values are blotted out of reports only.
    """

    def __init__(self, credential: Credential | None, headers: Mapping[str, str]) -> None:
        self._credentials = Secrets()
        self._private = Secrets()
        self._unprinted = Secrets(b"[header value]")
        if isinstance(credential, AccessKey):
            self._credentials.add(credential.key_secret)
            self._private.add(credential.key_id)
        elif isinstance(credential, Token):
            self._credentials.add(credential.value)
        for name, value in headers.items():
            if any(word in name.lower() for word in CONFIDENTIAL_HEADERS):
                self._private.add(value)
            elif name.lower() not in NEGOTIATION:
                self._unprinted.add(value)
        self._lock = threading.Lock()
        self._bodies: dict[bytes, bytes] = {}
        self._large: set[bytes] = set()
        self._clean: set[tuple[bytes, bool, int]] = set()
        self.kept = 0
        """Bytes of the different bodies that were recorded."""

    def remember(self, token: str) -> None:
        """Take a token that was issued during the run for a secret."""
        self._credentials.add(token)

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
            secrets.add(current.value if current else "")
        leaks: list[str] = []
        headers = []
        for name, value in answer.headers:
            blotted, found = secrets.blotted(value.encode("utf-8", "surrogateescape"))
            blotted, _ = self._private.blotted(blotted)
            headers.append((name, blotted.decode("utf-8", "replace")))
            if found:
                leaks.append(f"header {name}")
        state = (digest, kind is AccessKind.TAMPERED, self._credentials.number)
        if digest and state in self._clean:
            return tuple(headers), answer.body, tuple(leaks)
        body, found = secrets.blotted(answer.body)
        body, _ = self._private.blotted(body)
        if found:
            leaks.append("body")
        if digest:
            if body is answer.body and kind is not AccessKind.TAMPERED:
                self._clean.add(state)
            self._count(digest, len(body))
            return tuple(headers), body, tuple(leaks)
        return tuple(headers), self._once(body), tuple(leaks)

    def verdict(self, verdict: Verdict) -> Verdict:
        """Return a verdict in whose words no secret stands."""
        return replace(
            verdict,
            reason=self.text(verdict.reason),
            findings=tuple(map(self._finding, verdict.findings)),
            # The fingerprint stays what it would be without a secret in the words.
            kinds=tuple(
                replace(kind, description=self.text(kind.description)) for kind in verdict.kinds
            ),
        )

    def text(self, text: str) -> str:
        """Return a text for people without any secret in it."""
        data = text.encode("utf-8", "surrogatepass")
        for secrets in (self._credentials, self._private, self._unprinted):
            data, _ = secrets.blotted(data)
        return data.decode("utf-8", "surrogatepass")

    def _finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            message=self.text(finding.message),
            curl=self.text(finding.curl),
            pointer=self.text(finding.pointer),
            observed=self.text(finding.observed),
            expected=self.text(finding.expected),
        )

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
