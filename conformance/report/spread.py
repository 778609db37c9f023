"""Name the documented queries in which a failure is new."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.contract.query import Query
from conformance.core.text import listed

FLAGS = frozenset({"true", "false"})


def new_queries(before: Collection[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return the queries of ``after`` that ``before`` lacks, as sent."""
    return tuple(wire for wire in after if wire not in before)


def named(before: Collection[str], new: Sequence[str]) -> str:
    """Return the values that only the new queries have, such as ``GIT, CLOUD``.

    If they have no such value, their query strings are returned.
    """
    values = dict.fromkeys(value for wire in new for _, value in Query(wire).pairs)
    old = {value for wire in before for _, value in Query(wire).pairs}
    found = [value for value in values if value not in old and value not in FLAGS]
    return listed(found or [str(Query(wire)) for wire in new])
