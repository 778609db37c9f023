"""What became of one requirement from an earlier report to a later one."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.report.compare.side import Cell


class Change(StrEnum):
    """What became of a requirement; in the order in which people want to know of it."""

    NEWLY_FAILING = "newly-failing"
    """It did not fail; now it does."""
    EVIDENCE_LOST = "evidence-lost"
    """It was passed; now it is not decided."""
    OTHER_FAILURE = "other-failure"
    """It fails in both, but not in the same ways."""
    KNOWN_CHANGED = "known-changed"
    """It fails in both, and by a baseline this is known in one of them only."""
    UNCONFIRMED = "failure-unconfirmed"
    """It failed; now it is not decided."""
    NEWLY_PASSING = "newly-passing"
    """It failed; now it passes."""
    EVIDENCE_GAINED = "evidence-gained"
    """It was not decided; now it passes."""
    UNDECIDED_OTHERWISE = "undecided-otherwise"
    """It is decided in neither, for reasons of another kind."""
    ADDED = "added"
    """Only the later report judges it."""
    GONE = "gone"
    """Only the earlier report judges it."""
    SAME = "same"


class Weight(StrEnum):
    """What a change means for the gate."""

    REGRESSION = "regression"
    UNTOLD = "untold"
    """A run could not judge the requirement, so that nobody knows whether it regressed."""
    NONE = "none"


def change(before: Cell | None, after: Cell | None) -> Change:
    """Return what became of a requirement of which at least one of two reports tells."""
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


def _still(before: Cell, after: Cell) -> Change:
    kinds = set(before.fingerprints), set(after.fingerprints)
    # A report that lists none tells nothing of them.
    if all(kinds) and kinds[0] != kinds[1]:
        return Change.OTHER_FAILURE
    known = before.known is None, after.known is None
    return Change.SAME if known[0] is known[1] else Change.KNOWN_CHANGED


def weight(
    before: Cell | None, after: Cell | None, *, binding: Collection[Level], require_evidence: bool
) -> Weight:
    """Return what the change of a requirement means for the gate.

    A regression is a failure that counts of what was judged before and did not fail, and, where
    evidence is required, an outcome that is not decided of what was passed. What a report does not
    judge, for whatever reason, has not regressed; what a run tried to judge and could not is
    untold, unless it can be no regression whatever it is.
    """
    if before is None or after is None or after.level not in binding or before.failed:
        return Weight.NONE
    if before.outcome is Outcome.NOT_APPLICABLE and after.failed:
        # It was not judged, such as without a credential, so nobody knows since when it fails.
        return Weight.NONE
    if after.outcome is Outcome.ERROR:
        return Weight.UNTOLD
    if after.failed and after.known is None:
        return Weight.UNTOLD if before.outcome is Outcome.ERROR else Weight.REGRESSION
    if require_evidence and after.open and before.outcome is Outcome.PASSED:
        return Weight.REGRESSION
    return Weight.NONE
