"""What the results showed after the suite itself created, changed and removed providers.

Only a run with fixtures has this evidence; recordings leave it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.contract.filter_oracle import readings
from conformance.contract.model import Contract
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import COUNT, by_name

ALLOWED = 10.0
"""Seconds within which every result must show a change.

The contract does not name a time. A client waits this long for a single response (the default
timeout of the suite), so it can wait as long for what the response promised.
"""


class ChangeKind(StrEnum):
    """What was done to a provider."""

    CREATED = "created"
    DISABLED = "disabled"
    MODEL_ADDED = "model added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a provider that the server confirmed, and what the documented queries showed.

    ``state`` has the fields that filters read, as they are after the change; ``None`` means that
    the provider does not exist. ``count`` is the ``modelsCount`` that results must have, ``None``
    if it is not compared. ``reads`` has the last response to each documented query, ``seconds`` is
    the time from the change until all of them showed it, or until they were no longer repeated.
    """

    kind: ChangeKind
    name: str
    state: Mapping[str, Any] | None
    count: int | None = None
    reads: tuple[Exchange, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The changes of a run with fixtures, in their order."""

    changes: tuple[Change, ...] = ()

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of a kind."""
        return tuple(change for change in self.changes if change.kind is kind)


class Deviation(StrEnum):
    """How a result contradicts a change."""

    MISSING = "missing"
    LISTED = "listed"
    MISCOUNTED = "miscounted"


def deviation(contract: Contract, change: Change, read: Exchange) -> Deviation | None:
    """Return how a result contradicts a change; ``None`` if it does not, or is not a list."""
    if not read.listing:
        return None
    state = change.state
    belongs = state is not None and any(
        reading.keeps(state) for reading in readings(contract, read.query)
    )
    shown = by_name(read).get(change.name)
    if shown is None:
        return Deviation.MISSING if belongs else None
    if not belongs:
        return Deviation.LISTED
    miscounted = change.count is not None and shown.get(COUNT) != change.count
    return Deviation.MISCOUNTED if miscounted else None
