"""A recorded run as values, and the names that its file uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.report.run_metadata import RunMetadata


@dataclass(frozen=True, slots=True)
class Origin:
    """What a recording was made with: a version of the suite, and a contract."""

    version: str
    contract_version: str
    contract_sha256: str


@dataclass(frozen=True)
class Recording:
    """A recorded run.

    ``evidence`` is ``None`` if the run ended before there was any.
    """

    metadata: RunMetadata
    origin: Origin
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An exchange as the recorder keeps it.

    ``body`` is the index of its body among the distinct bodies of the run; the exchange itself has
    an empty one. ``started`` is when the request was sent, in UTC.
    """

    exchange: Exchange
    started: datetime
    body: int


FORMAT = 1
"""Version of the fields named ``OWN``; readers accept this version and earlier ones."""
OWN = "_conductor"
"""Name of the fields for which HAR has no place."""
SAME = "_sameAs"
"""Name of the field with the index of an earlier entry that has the same content."""
