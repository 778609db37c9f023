"""Test the comparison of a report with the declaration of a fault or variation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import LAW, report
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
from conformance.core.worker_process import Broken
from conformance.reference.cataloguing import Entry
from conformance.reference.server import ReferenceServer
from conformance.report.report import Conclusion
from conformance.selftest.trial import FaultTrial, Trial, VariationTrial, assess, lost

FAILED, OPEN = Outcome.FAILED, Outcome.INCONCLUSIVE
SEEN = "GET /api/integrations/provider: seen; expected other"
ALL_MET = "Every requirement that applies is met."
MUST = next(name for name in MUSTS if name.partition("-")[0] == SHOULDS[0].partition("-")[0])
NEVER: dict[str, Any] = {"conclusion": Conclusion.ERROR, "reason": "It never recovered."}
UNTESTABLE = "wrong-outcome: is judged untestable although {}. It never recovered."
CONFORMANT = "wrong-outcome: is judged conformant although "
NOT = "wrong-outcome: is judged not conformant although "
NOT_TRIPPED, IT = "not-tripped: does not trip ", ", which it should break: it "
UNDECLARED = f"which it is not declared to break: {SEEN}."
UNRELATED = (
    "unrelated: trips only HTTP-01 and MODEL-02, which belong to other families than FILTER-01, "
    "which it should break."
)


def said(trial: Trial) -> list[str]:
    """Return the code and the message of each problem, without the name of the server."""
    problems = trial.problems
    assert all(problem.about == trial.name for problem in problems)
    assert all(problem.message.startswith(f"{trial.name} ") for problem in problems)
    return [f"{one.code}: {one.message.removeprefix(f'{trial.name} ')}" for one in problems]


def test_a_fault_that_is_found() -> None:
    trial = tried_fault("made-up", ["FILTER-03", "FILTER-01"], ["FILTER-01", "FILTER-03"])
    assert trial.passed
    assert trial.outcome is Conclusion.NON_CONFORMANT
    assert trial.breaks == trial.tripped == ("FILTER-01", "FILTER-03")
    assert (trial.duration, trial.requests, trial.profile) == (1.23456, 123, "standard")
    assert (trial.family, trial.subject, trial.missed) == ("FILTER", "made", ())


@pytest.mark.parametrize(
    ("breaks", "tripped", "besides", "problems"),
    [
        (SHOULDS[0], SHOULDS[0], "", []),
        # Others of its family may fail, too, and those that are named.
        ("FILTER-01", "HTTP-01 MODEL-01 MODEL-02 FILTER-01 FILTER-02", "MODEL HTTP-01", []),
        (
            "FILTER-01 HTTP-02",
            "",
            "",
            [
                f"nothing-tripped: trips nothing; it should break FILTER-01 and HTTP-02. {ALL_MET}",
                f"{CONFORMANT}it breaks FILTER-01 and HTTP-02. {ALL_MET}",
            ],
        ),
        ("FILTER-01", "HTTP-01 MODEL-02", "HTTP", [UNRELATED]),
        ("FILTER-01 FILTER-99", "FILTER-01", "", [f"{NOT_TRIPPED}FILTER-99{IT}was not judged."]),
        ("FILTER-01", "HTTP-01 FILTER-01", "", [f"not-permitted: trips HTTP-01, {UNDECLARED}"]),
        (
            SHOULDS[0],
            f"{SHOULDS[0]} {MUST}",
            "",
            [f"{NOT}it breaks no MUST, only {SHOULDS[0]}. 1 requirement is broken: {MUST}."],
        ),
    ],
)
def test_faults(breaks: str, tripped: str, besides: str, problems: list[str]) -> None:
    others = tuple(besides.split())
    trial = tried_fault("made-up", breaks.split(), tripped.split(), besides=others)
    assert said(trial) == problems


def test_requirements_that_a_fault_may_not_break() -> None:
    trial = tried_fault("made-up", ["FILTER-01"], ["HTTP-01", "MODEL-01"], besides=("MODEL",))
    assert trial.uncalled_for == ("HTTP-01",)


def test_a_declared_requirement_that_does_not_fail() -> None:
    outcomes = {"FILTER-01": FAILED, "FILTER-03": OPEN}
    trial = assess(fault("FILTER-01", "FILTER-02", "FILTER-03"), with_outcomes(outcomes))
    assert said(trial) == [
        f"{NOT_TRIPPED}FILTER-02{IT}passed (a reason).",
        f"{NOT_TRIPPED}FILTER-03{IT}is inconclusive (a reason).",
    ]
    assert isinstance(trial, FaultTrial)
    assert trial.missed == ("FILTER-02", "FILTER-03")


def test_servers_that_cannot_be_tested() -> None:
    trial = assess(fault("FILTER-01"), failing("FILTER-01", **NEVER))
    assert said(trial) == [UNTESTABLE.format("it breaks FILTER-01")]
    trial = assess(variation("FILTER-05"), with_outcomes(**NEVER))
    assert said(trial) == [UNTESTABLE.format("it keeps the contract")]


def test_a_variation_that_is_left_alone() -> None:
    outcomes = {
        "FILTER-05": OPEN,
        "MODEL-06": Outcome.ERROR,
        "AUTH-01": Outcome.NOT_APPLICABLE,
        SHOULDS[0]: FAILED,
    }
    whole = with_outcomes(outcomes, conclusion=Conclusion.CONFORMANT)
    trial = assess(variation("FILTER", "MODEL-06"), whole)
    assert trial.passed
    assert isinstance(trial, VariationTrial)
    assert (trial.failed_must, trial.failed_should) == ((), (SHOULDS[0],))
    assert set(trial.undecided) == {"MODEL-06", "FILTER-05"}


def test_a_variation_that_is_blamed_or_undecided() -> None:
    assert said(tried_variation("odd-one", {"HTTP-01": FAILED, "FILTER-05": OPEN})) == [
        f"blamed: fails HTTP-01: {SEEN}.",
        f"{NOT}it keeps the contract. 1 requirement is broken: HTTP-01.",
        "undecided: leaves FILTER-05 undecided: a reason.",
    ]


@pytest.mark.parametrize("entry", [fault("HTTP-02", "AUTH-01"), variation()])
def test_a_server_without_a_report(entry: Entry) -> None:
    trial = lost(entry, Broken("its process was ended by SIGKILL", 2.5), "quick")
    assert said(trial) == ["no-result: was not judged: its process was ended by SIGKILL."]
    assert (trial.outcome, trial.duration, trial.requests) == (None, 2.5, 0)
    assert trial.profile == "quick"


def test_what_is_neither() -> None:
    entry = Entry(name="other", description="Other.", make=ReferenceServer)
    with pytest.raises(TypeError, match="other is neither a fault nor a variation"):
        assess(entry, report())
    with pytest.raises(TypeError, match="other is neither a fault nor a variation"):
        lost(entry, Broken("gone"), "quick")


IDS = [item.id for item in LAW.requirements]
OUTCOMES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(list(Outcome)))


@given(st.sets(st.sampled_from(IDS), min_size=1, max_size=4), OUTCOMES)
def test_a_fault_is_as_declared_only_if_just_that_fails(
    breaks: set[str], outcomes: dict[str, Outcome]
) -> None:
    declared, whole = fault(*breaks), with_outcomes(outcomes)
    failed = {name for name, outcome in outcomes.items() if outcome is FAILED}
    expected = Conclusion.NON_CONFORMANT if breaks & {*MUSTS} else Conclusion.CONFORMANT
    fine = (
        breaks <= failed
        and all(declared.permits(name) for name in failed)
        and whole.conclusion is expected
    )
    trial = assess(declared, whole)
    assert trial.passed is fine
    assert len({*said(trial)}) == len(trial.problems)


@given(st.sets(st.sampled_from([*IDS, *LAW.families]), max_size=4), OUTCOMES)
def test_a_variation_is_accepted_only_if_it_keeps_the_contract(
    undecided: set[str], outcomes: dict[str, Outcome]
) -> None:
    odd, whole = variation(*undecided), with_outcomes(outcomes)
    trial = assess(odd, whole)
    assert trial.passed is (
        whole.conclusion is Conclusion.CONFORMANT
        and all(
            odd.may_leave_open(name)
            for name, outcome in outcomes.items()
            if outcome in (OPEN, Outcome.ERROR)
        )
    )
    assert len(said(trial)) == len(trial.problems)
