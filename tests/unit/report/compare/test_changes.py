"""Test the kinds of change of a requirement, and their meaning for the gate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.comparisons import cell

from conformance.checks.verdict import Outcome
from conformance.contract.model import Level
from conformance.report.compare.changes import Change, Weight, change, weight
from conformance.report.compare.side import Cell

MUST = frozenset({Level.MUST})
ONE, TWO = "0123456789ab", "ba9876543210"
PASSED = cell(Outcome.PASSED)
FAILED = cell(Outcome.FAILED)
KNOWN = cell(Outcome.FAILED, known="until 4.2")
OPEN = cell(Outcome.INCONCLUSIVE)
ABSENT = cell(Outcome.NOT_APPLICABLE)
ERROR = cell(Outcome.ERROR)
SHOULD = cell(Outcome.FAILED, level=Level.SHOULD)

CELLS = st.one_of(
    st.none(),
    st.builds(
        cell,
        st.sampled_from(Outcome),
        level=st.sampled_from(Level),
        known=st.none(),
        fingerprints=st.sets(st.sampled_from([ONE, TWO])).map(tuple),
    ),
    st.builds(cell, st.just(Outcome.FAILED), known=st.just("a reason")),
)


@pytest.mark.parametrize(
    ("before", "after", "became", "weighs"),
    [
        (PASSED, FAILED, Change.NEWLY_FAILING, Weight.REGRESSION),
        (OPEN, FAILED, Change.NEWLY_FAILING, Weight.REGRESSION),
        # It was not judged before, for example without a credential.
        (ABSENT, FAILED, Change.NEWLY_FAILING, Weight.NONE),
        (PASSED, KNOWN, Change.NEWLY_FAILING, Weight.NONE),
        (PASSED, SHOULD, Change.NEWLY_FAILING, Weight.NONE),
        # The earlier run ended before judging it, so the failure may be old.
        (ERROR, FAILED, Change.NEWLY_FAILING, Weight.UNTOLD),
        (ERROR, KNOWN, Change.NEWLY_FAILING, Weight.NONE),
        (PASSED, OPEN, Change.EVIDENCE_LOST, Weight.NONE),
        (PASSED, ABSENT, Change.EVIDENCE_LOST, Weight.NONE),
        (PASSED, ERROR, Change.EVIDENCE_LOST, Weight.UNTOLD),
        (FAILED, OPEN, Change.UNCONFIRMED, Weight.NONE),
        (FAILED, ERROR, Change.UNCONFIRMED, Weight.NONE),
        (FAILED, PASSED, Change.NEWLY_PASSING, Weight.NONE),
        (KNOWN, PASSED, Change.NEWLY_PASSING, Weight.NONE),
        (KNOWN, FAILED, Change.KNOWN_CHANGED, Weight.NONE),
        (FAILED, KNOWN, Change.KNOWN_CHANGED, Weight.NONE),
        (OPEN, PASSED, Change.EVIDENCE_GAINED, Weight.NONE),
        (ERROR, PASSED, Change.EVIDENCE_GAINED, Weight.NONE),
        (OPEN, ABSENT, Change.UNDECIDED_OTHERWISE, Weight.NONE),
        (OPEN, ERROR, Change.UNDECIDED_OTHERWISE, Weight.UNTOLD),
        (ERROR, ERROR, Change.SAME, Weight.UNTOLD),
        (None, FAILED, Change.ADDED, Weight.NONE),
        (None, ERROR, Change.ADDED, Weight.NONE),
        (PASSED, None, Change.GONE, Weight.NONE),
        (FAILED, FAILED, Change.SAME, Weight.NONE),
        (PASSED, PASSED, Change.SAME, Weight.NONE),
    ],
)
def test_change_and_weight(
    before: Cell | None, after: Cell | None, became: Change, weighs: Weight
) -> None:
    assert change(before, after) is became
    assert weight(before, after, binding=MUST, require_evidence=False) is weighs


@pytest.mark.parametrize(
    ("before", "after", "weighs"),
    [
        (PASSED, OPEN, Weight.REGRESSION),
        (PASSED, ABSENT, Weight.REGRESSION),
        # Unknown: the run ended before judging it.
        (PASSED, ERROR, Weight.UNTOLD),
        (FAILED, OPEN, Weight.NONE),
        (OPEN, OPEN, Weight.NONE),
        (PASSED, None, Weight.NONE),
        (PASSED, cell(Outcome.INCONCLUSIVE, level=Level.SHOULD), Weight.NONE),
    ],
)
def test_required_evidence(before: Cell | None, after: Cell | None, weighs: Weight) -> None:
    assert weight(before, after, binding=MUST, require_evidence=True) is weighs


@pytest.mark.parametrize(
    ("before", "after", "became"),
    [
        ((ONE,), (TWO,), Change.OTHER_FAILURE),
        ((ONE,), (ONE, TWO), Change.OTHER_FAILURE),
        ((ONE, TWO), (TWO, ONE), Change.SAME),
        ((), (TWO,), Change.SAME),
        ((ONE,), (), Change.SAME),
    ],
)
def test_ways_to_fail(before: tuple[str, ...], after: tuple[str, ...], became: Change) -> None:
    earlier = cell(Outcome.FAILED, fingerprints=before)
    later = cell(Outcome.FAILED, fingerprints=after)
    assert change(earlier, later) is became
    # Fingerprints depend on queries and wording; a baseline is the gate for them.
    assert weight(earlier, later, binding=MUST, require_evidence=True) is Weight.NONE


@pytest.mark.parametrize(
    ("before", "after", "became", "weighs"),
    [
        (("a",), ("a", "b"), Change.SPREAD, Weight.REGRESSION),
        (("a",), ("b",), Change.SPREAD, Weight.REGRESSION),
        (("a", "b"), ("a",), Change.SHRUNK, Weight.NONE),
        (("a", "b"), ("b", "a"), Change.SAME, Weight.NONE),
        # The earlier run did not ask it.
        (("a",), ("a", "c"), Change.SAME, Weight.NONE),
    ],
)
def test_failures_of_other_queries(
    before: tuple[str, ...], after: tuple[str, ...], became: Change, weighs: Weight
) -> None:
    asked = frozenset("ab")
    earlier = cell(Outcome.FAILED, queries=before, asked=asked)
    later = cell(Outcome.FAILED, queries=after, asked=asked)
    assert change(earlier, later) is became
    assert weight(earlier, later, binding=MUST, require_evidence=False) is weighs
    known = replace(later, known="until 4.2")
    assert weight(earlier, known, binding=MUST, require_evidence=False) is Weight.NONE


@given(CELLS, CELLS, st.booleans())
def test_any_two_results(before: Cell | None, after: Cell | None, evidence: bool) -> None:
    if before is None and after is None:
        return
    # Only what was judged and did not fail can regress.
    weighs = weight(before, after, binding=MUST, require_evidence=evidence)
    if weighs is Weight.REGRESSION:
        assert before is not None
        assert after is not None
        assert not before.failed
        assert after.level is Level.MUST
        assert change(before, after) in (Change.NEWLY_FAILING, Change.EVIDENCE_LOST)
    if before == after:
        assert change(before, after) is Change.SAME
        assert weighs in (Weight.NONE, Weight.UNTOLD)
    # The reverse is another change.
    alike = (Change.SAME, Change.OTHER_FAILURE, Change.KNOWN_CHANGED, Change.UNDECIDED_OTHERWISE)
    there, back = change(before, after), change(after, before)
    assert (there is back) is (there in alike)
