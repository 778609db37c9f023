"""Record a run: keep its exchanges until they are written."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from conformance.errors import UsageError
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.recording.model import Taken
from conformance.report.run_metadata import RunMetadata

if TYPE_CHECKING:
    from conformance.target.target import Target


MOST_RECORDED = 128 << 20
"""Maximum size of all distinct bodies of a recording, in bytes."""


class Recorder:
    """Records the exchanges of one run; safe to use from several threads.

    Each distinct body is kept once, compressed. ``parts`` redacts them, since what is secret is
    known only after the whole run.

    Args:
        most: maximum size of all distinct bodies, in bytes.
    """

    def __init__(self, *, most: int = MOST_RECORDED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken: list[Taken] = []
        self._places: dict[tuple[int, int], int] = {}
        self._bodies: list[bytes] = []
        self._size = 0
        self._target: Target | None = None
        self._evidence: Evidence | None = None
        self._metadata: RunMetadata | None = None

    def attend(self, target: Target) -> None:
        """Record each exchange of a target from now on."""
        self._target = target
        target.record_with(self.observe)

    def observe(self, exchange: Exchange) -> Exchange:
        """Record an exchange, and return it with its number in the recording."""
        started = datetime.now(UTC) - timedelta(seconds=exchange.elapsed)
        # Most equal bodies are the same object, which caches its hash.
        key = len(exchange.body), hash(exchange.body)
        with self._lock:
            if key not in self._places:
                self._size += len(exchange.body)
                self._places[key] = len(self._bodies)
                # Beyond the limit, nothing is written in any case.
                body = exchange.body if self._size <= self._most else b""
                self._bodies.append(zlib.compress(body, 1))
            numbered = replace(exchange, number=len(self._taken))
            self._taken.append(Taken(replace(numbered, body=b""), started, self._places[key]))
        return numbered

    def finish(self, metadata: RunMetadata, evidence: Evidence | None) -> None:
        """Complete the recording with the metadata and the evidence of the run."""
        self._metadata = metadata
        self._evidence = evidence

    def parts(self) -> Iterator[str]:
        """Return the text of the recording, in parts.

        Raises:
            UsageError: the responses are too large for a recording, or no run was recorded.
        """
        if self._target is None or self._metadata is None:
            raise UsageError("no run was recorded; pass the recorder to `run` first")
        if self._size > self._most:
            raise UsageError(
                f"the responses are too large for a recording: {self._size >> 20:,} MiB of "
                f"different ones, but at most {self._most >> 20:,} MiB are recorded; record fewer "
                "requirements (--only), or use --profile quick"
            )
        from conformance.recording.writer import Writing

        writing = Writing(
            self._taken,
            self._bodies,
            self._target.contract,
            self._evidence,
            headers=self._target.header_names,
            redact=self._target.redacted_text,
        )
        return writing.parts(self._metadata)
