"""Recording a run: every exchange as it is answered, and what is needed to judge it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.report.run_metadata import RunMetadata

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Origin:
    """What a recording was made with: the version of the suite, and the contract."""

    version: str
    contract_version: str
    contract_sha256: str


@dataclass(frozen=True)
class Recording:
    """A recorded run.

    ``evidence`` is ``None`` where the run ended before there was any.
    """

    metadata: RunMetadata
    origin: Origin
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An exchange as it was taken down: its body, if it has one, stands elsewhere."""

    exchange: Exchange
    started: datetime
    body: int


FORMAT = 1
"""Version of what stands in members of our own; a reader takes this one and older ones."""
OWN = "_conductor"
SAME = "_sameAs"
"""The place of the entry that has the same content, which is not written again."""
