"""The documented queries of a run: how often each was asked, and what it selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract.query import documented

if TYPE_CHECKING:
    from conformance.evidence.evidence import Evidence


@dataclass(frozen=True, slots=True)
class View:
    """A documented query and its answers.

    ``query`` is as on the wire, ``values`` are those of the contract's filter parameters in their
    order, ``None`` for one that is absent. ``asked`` counts reads with the accepted credential,
    ``answered`` those of them with a complete answer of status 200; ``providers`` is the length of
    the last one, ``None`` if it is no array.
    """

    query: str
    values: Mapping[str, str | None]
    asked: int
    answered: int
    providers: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/report.schema.json``."""
        return {
            "query": self.query,
            "values": dict(self.values),
            "asked": self.asked,
            "answered": self.answered,
            "providers": self.providers,
        }


def views(evidence: Evidence) -> tuple[View, ...]:
    """Return every documented query in the contract's order; none if none of them was asked."""
    found = []
    parameters = [item.parameter for item in evidence.contract.filters]
    for query in documented(evidence.contract):
        reads = [read for read in evidence.documented if read.query == query]
        complete = [read for read in reads if read.ok]
        last = complete[-1] if complete else None
        given = dict(query.pairs)
        found.append(
            View(
                query.wire,
                {name: given.get(name) for name in parameters},
                len(reads),
                len(complete),
                len(last.value) if last is not None and last.listing else None,
            )
        )
    return tuple(found) if any(view.asked for view in found) else ()
