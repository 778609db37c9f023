"""Recording a run: keeps the exchanges until the run ends."""

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
"""Bytes of different bodies that are recorded."""


class Recorder:
    """Takes down the exchanges of one run; safe to use from several threads.

    Bodies are kept once each, compressed, until they are written. What is secret in them leaves
    with ``parts``, when it is known what the whole run has shown.
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
        self._circumstances: RunMetadata | None = None

    def attend(self, target: Target) -> None:
        """Take down whatever the target answers from now on."""
        self._target = target
        target.observer = self.observe

    def observe(self, exchange: Exchange) -> Exchange:
        """Take down an exchange, and return it with the number by which it is found again."""
        started = datetime.now(UTC) - timedelta(seconds=exchange.elapsed)
        # Equal bodies mostly are the same object, which knows its hash.
        key = len(exchange.body), hash(exchange.body)
        with self._lock:
            if key not in self._places:
                self._size += len(exchange.body)
                self._places[key] = len(self._bodies)
                # What is too much is not written in any case.
                body = exchange.body if self._size <= self._most else b""
                self._bodies.append(zlib.compress(body, 1))
            numbered = replace(exchange, number=len(self._taken))
            self._taken.append(Taken(replace(numbered, body=b""), started, self._places[key]))
        return numbered

    def finish(self, metadata: RunMetadata, evidence: Evidence | None) -> None:
        """End the recording of a run with what it has gathered."""
        self._circumstances = metadata
        self._evidence = evidence

    def parts(self) -> Iterator[str]:
        """Return the text of the recording, in parts.

        Raises:
            UsageError: the answers are too large for a recording, or no run was recorded.
        """
        if self._target is None or self._circumstances is None:
            raise UsageError("no run was recorded; give the recorder to one")
        if self._size > self._most:
            raise UsageError(
                f"the answers are too large for a recording: {self._size >> 20:,} MiB of different "
                f"ones, where {self._most >> 20:,} MiB are recorded; record a run of fewer "
                "requirements (--only), or with --profile quick"
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
        return writing.parts(self._circumstances)
