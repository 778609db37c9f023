"""Test the comparison of a report with the declaration of a fault or variation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import HOSTILE, LAW, report
from support.canned.trials import (
    MUSTS,
    SHOULDS,
    failing,
    fault,
    tried_fault,
    tried_variation,
    variation,
    with_outcomes,
)

from conformance.checks.verdict import Outcome
from conformance.reference.cataloguing import Entry
from conformance.reference.server import ReferenceServer
from conformance.report.report import Conclusion, Report
from conformance.selftest.tasks import Broken
from conformance.selftest.trial import Code, FaultTrial, Trial, VariationTrial, assess, lost

SEEN = "GET /api/integrations/provider: seen; expected other"


def said(trial: Trial) -> list[tuple[Code, str]]:
    return [(problem.code, problem.message) for problem in trial.problems]


def test_a_fault_that_is_found() -> None:
    trial = tried_fault("made-up", ["FILTER-03", "FILTER-01"], ["FILTER-01", "FILTER-03"])
    assert trial.passed
    assert trial.outcome is Conclusion.NON_CONFORMANT
    assert trial.breaks == trial.tripped == ("FILTER-01", "FILTER-03")
    assert (trial.duration, trial.requests, trial.profile) == (1.23456, 123, "standard")
    assert (trial.family, trial.subject, trial.missed) == ("FILTER", "made", ())


def test_others_of_its_family_and_those_that_are_named_may_fail_too() -> None:
    trial = tried_fault(
        "made-up",
        ["FILTER-01"],
        ["HTTP-01", "MODEL-01", "MODEL-02", "FILTER-01", "FILTER-02"],
        besides=("MODEL", "HTTP-01"),
    )
    assert trial.passed
    assert trial.uncalled_for == ()


def test_a_fault_that_trips_nothing() -> None:
    trial = tried_fault("made-up", ["FILTER-01", "HTTP-02"], [])
    assert said(trial) == [
        (
            Code.NOTHING_TRIPPED,
            (
                "made-up trips nothing; it should break FILTER-01 and HTTP-02. "
                "Every requirement that applies is met."
            ),
        ),
        (
            Code.WRONG_OUTCOME,
            (
                "made-up is judged conformant although it breaks FILTER-01 and HTTP-02. "
                "Every requirement that applies is met."
            ),
        ),
    ]


def test_a_fault_that_trips_only_other_families() -> None:
    trial = tried_fault("made-up", ["FILTER-01"], ["HTTP-01", "MODEL-02"], besides=("HTTP",))
    assert said(trial) == [
        (
            Code.UNRELATED,
            (
                "made-up trips only HTTP-01 and MODEL-02, which belong to other families than "
                "FILTER-01, which it should break."
            ),
        )
    ]


def test_a_declared_requirement_that_does_not_fail() -> None:
    outcomes = {"FILTER-01": Outcome.FAILED, "FILTER-03": Outcome.INCONCLUSIVE}
    trial = assess(fault("FILTER-01", "FILTER-02", "FILTER-03"), with_outcomes(outcomes))
    assert said(trial) == [
        (
            Code.NOT_TRIPPED,
            f"made-up does not trip {name}, which it should break: it {outcome} (a reason).",
        )
        for name, outcome in (("FILTER-02", "passed"), ("FILTER-03", "is inconclusive"))
    ]
    assert isinstance(trial, FaultTrial)
    assert trial.missed == ("FILTER-02", "FILTER-03")


def test_a_declared_requirement_that_the_contract_does_not_have() -> None:
    trial = assess(fault("FILTER-01", "FILTER-99"), failing("FILTER-01"))
    assert said(trial) == [
        (
            Code.NOT_TRIPPED,
            "made-up does not trip FILTER-99, which it should break: it was not judged.",
        )
    ]


def test_a_requirement_that_a_fault_may_not_touch() -> None:
    trial = tried_fault("made-up", ["FILTER-01"], ["HTTP-01", "FILTER-01"])
    assert said(trial) == [
        (
            Code.NOT_PERMITTED,
            f"made-up trips HTTP-01, which it is not declared to break: {SEEN}.",
        )
    ]
    assert trial.uncalled_for == ("HTTP-01",)


def test_a_fault_with_the_wrong_conclusion() -> None:
    trial = assess(
        fault("FILTER-01"),
        failing("FILTER-01", conclusion=Conclusion.ERROR, reason="It never recovered."),
    )
    message = "made-up is judged untestable although it breaks FILTER-01."
    assert said(trial) == [(Code.WRONG_OUTCOME, f"{message} It never recovered.")]


def test_a_fault_that_breaks_only_a_should() -> None:
    first, family = SHOULDS[0], SHOULDS[0].partition("-")[0]
    assert tried_fault("made-up", [first], [first]).passed
    must = next(name for name in MUSTS if name.startswith(f"{family}-"))
    trial = tried_fault("made-up", [first], [first, must])
    assert [problem.code for problem in trial.problems] == [Code.WRONG_OUTCOME]
    assert f"although it breaks no MUST, only {first}." in trial.problems[0].message


def test_a_variation_that_is_left_alone() -> None:
    outcomes = {
        "FILTER-05": Outcome.INCONCLUSIVE,
        "MODEL-06": Outcome.ERROR,
        "AUTH-01": Outcome.NOT_APPLICABLE,
        SHOULDS[0]: Outcome.FAILED,
    }
    whole = with_outcomes(outcomes, conclusion=Conclusion.CONFORMANT)
    trial = assess(variation("FILTER", "MODEL-06"), whole)
    assert trial.passed
    assert isinstance(trial, VariationTrial)
    assert trial.failed_must == ()
    assert trial.failed_should == (SHOULDS[0],)
    assert set(trial.undecided) == {"MODEL-06", "FILTER-05"}


def test_a_variation_that_is_blamed() -> None:
    assert said(tried_variation("odd-one", {"HTTP-01": Outcome.FAILED})) == [
        (Code.BLAMED, f"odd-one fails HTTP-01: {SEEN}."),
        (
            Code.WRONG_OUTCOME,
            (
                "odd-one is judged not conformant although it keeps the contract. "
                "1 requirement is broken: HTTP-01."
            ),
        ),
    ]


def test_a_variation_that_leaves_too_much_undecided() -> None:
    trial = tried_variation("odd-one", {"FILTER-05": Outcome.INCONCLUSIVE})
    assert said(trial) == [(Code.UNDECIDED, "odd-one leaves FILTER-05 undecided: a reason.")]


def test_a_variation_that_cannot_be_tested() -> None:
    trial = assess(
        variation("FILTER-05"), with_outcomes(conclusion=Conclusion.ERROR, reason="No answer.")
    )
    message = "odd-one is judged untestable although it keeps the contract. No answer."
    assert said(trial) == [(Code.WRONG_OUTCOME, message)]


@pytest.mark.parametrize("entry", [fault("HTTP-02", "AUTH-01"), variation()])
def test_a_server_without_a_report(entry: Entry) -> None:
    trial = lost(entry, Broken("its process was ended by SIGKILL", 2.5), "quick")
    assert said(trial) == [
        (Code.NO_RESULT, f"{entry.name} was not judged: its process was ended by SIGKILL.")
    ]
    assert (trial.outcome, trial.duration, trial.requests) == (None, 2.5, 0)
    assert trial.profile == "quick"


def test_what_is_neither() -> None:
    entry = Entry(name="other", description="Other.", make=ReferenceServer)
    with pytest.raises(TypeError, match="other is neither a fault nor a variation"):
        assess(entry, report())
    with pytest.raises(TypeError, match="other is neither a fault nor a variation"):
        lost(entry, Broken("gone"), "quick")


def test_what_a_server_sent_is_shown_as_text() -> None:
    hostile = failing(conclusion=Conclusion.ERROR, reason=HOSTILE)
    for trial in (
        assess(fault("HTTP-01"), hostile),
        assess(variation(), hostile),
        lost(fault("HTTP-01"), Broken(HOSTILE), "quick"),
    ):
        assert trial.problems
        assert all(problem.message.isprintable() for problem in trial.problems)


IDS = [item.id for item in LAW.requirements]
OUTCOMES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(list(Outcome)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    return with_outcomes(draw(OUTCOMES))


@given(st.sets(st.sampled_from(IDS), min_size=1, max_size=4), reports())
def test_a_fault_is_as_declared_only_if_just_that_fails(breaks: set[str], whole: Report) -> None:
    declared = fault(*breaks)
    failed = {item.requirement.id for item in whole.verdicts if item.outcome is Outcome.FAILED}
    expected = Conclusion.NON_CONFORMANT if breaks & {*MUSTS} else Conclusion.CONFORMANT
    fine = (
        breaks <= failed
        and all(declared.permits(name) for name in failed)
        and whole.conclusion is expected
    )
    trial = assess(declared, whole)
    assert trial.passed is fine
    assert len({problem.message for problem in trial.problems}) == len(trial.problems)
    assert all(problem.about == "made-up" for problem in trial.problems)


@given(st.sets(st.sampled_from([*IDS, *LAW.families]), max_size=4), reports())
def test_a_variation_is_accepted_only_if_it_keeps_the_contract(
    undecided: set[str], whole: Report
) -> None:
    odd = variation(*undecided)
    fine = whole.conclusion is Conclusion.CONFORMANT and all(
        odd.may_leave_open(item.requirement.id)
        for item in whole.verdicts
        if item.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
    )
    trial = assess(odd, whole)
    assert trial.passed is fine
    assert all(problem.message.startswith("odd-one ") for problem in trial.problems)
