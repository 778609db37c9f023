"""How one requirement changed from an earlier report to a later one."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.report import spread
from conformance.report.compare.side import Cell


class Change(StrEnum):
    """The kinds of change, in order of importance."""

    NEWLY_FAILING = "newly-failing"
    """The requirement did not fail before and fails now."""
    SPREAD = "spread"
    """It fails in both reports, in the later one for documented queries that were right before."""
    EVIDENCE_LOST = "evidence-lost"
    """It passed before and is not decided now."""
    OTHER_FAILURE = "other-failure"
    """It fails in both reports, with different fingerprints."""
    KNOWN_CHANGED = "known-changed"
    """It fails in both reports, and a baseline lists it in only one of them."""
    SHRUNK = "shrunk"
    """It fails in both reports, in the later one for fewer documented queries."""
    UNCONFIRMED = "failure-unconfirmed"
    """It failed before and is not decided now."""
    NEWLY_PASSING = "newly-passing"
    """It failed before and passes now."""
    EVIDENCE_GAINED = "evidence-gained"
    """It was not decided before and passes now."""
    UNDECIDED_OTHERWISE = "undecided-otherwise"
    """It is decided in neither report, with different outcomes."""
    ADDED = "added"
    """Only the later report contains it."""
    GONE = "gone"
    """Only the earlier report contains it."""
    SAME = "same"


class Weight(StrEnum):
    """What a change means for the gate."""

    REGRESSION = "regression"
    UNTOLD = "untold"
    """A run could not judge the requirement, so it is unknown whether it regressed."""
    NONE = "none"


def change(before: Cell | None, after: Cell | None) -> Change:
    """Return how a requirement changed; at least one of the two reports must contain it."""
    if before is None:
        return Change.ADDED
    if after is None:
        return Change.GONE
    if after.failed:
        return _still(before, after) if before.failed else Change.NEWLY_FAILING
    if before.failed:
        return Change.UNCONFIRMED if after.open else Change.NEWLY_PASSING
    if before.outcome is after.outcome:
        return Change.SAME
    if before.open and after.open:
        return Change.UNDECIDED_OTHERWISE
    return Change.EVIDENCE_LOST if after.open else Change.EVIDENCE_GAINED


def new_queries(before: Cell, after: Cell) -> tuple[str, ...]:
    """Return the documented queries that fail after and were asked and did not fail before."""
    return tuple(
        query
        for query in spread.new_queries(before.queries, after.queries)
        if query in before.asked
    )


def _still(before: Cell, after: Cell) -> Change:
    if new_queries(before, after):
        return Change.SPREAD
    kinds = set(before.fingerprints), set(after.fingerprints)
    # A report without fingerprints does not show that they differ.
    if all(kinds) and kinds[0] != kinds[1]:
        return Change.OTHER_FAILURE
    alike = (before.known is None) is (after.known is None)
    if not alike:
        return Change.KNOWN_CHANGED
    return Change.SHRUNK if new_queries(after, before) else Change.SAME


def weight(
    before: Cell | None, after: Cell | None, *, binding: Collection[Level], require_evidence: bool
) -> Weight:
    """Return what the change of a requirement means for the gate.

    A requirement has regressed if it was judged before without failing and has a failure that
    counts now, or if a failure that counts spread to other documented queries. If evidence is
    required, it has also regressed if it passed before and is not decided now. A requirement that
    is missing from a report has not regressed. If a run tried to judge a requirement and could not,
    the result is ``UNTOLD``, unless a regression is impossible anyway.
    """
    if before is None or after is None or after.level not in binding:
        return Weight.NONE
    if before.failed:
        counts = after.failed and after.known is None
        return Weight.REGRESSION if counts and new_queries(before, after) else Weight.NONE
    if before.outcome is Outcome.NOT_APPLICABLE and after.failed:
        # It was not judged before, for example without a credential, so the failure may be old.
        return Weight.NONE
    if after.outcome is Outcome.ERROR:
        return Weight.UNTOLD
    if after.failed and after.known is None:
        return Weight.UNTOLD if before.outcome is Outcome.ERROR else Weight.REGRESSION
    if require_evidence and after.open and before.outcome is Outcome.PASSED:
        return Weight.REGRESSION
    return Weight.NONE
