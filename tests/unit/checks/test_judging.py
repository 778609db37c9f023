"""Verdicts follow from the results of checks, with reasons and evidence in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.canned.contracts import law_with
from support.canned.exchanges import CLUSTER, evidence, exchange
from support.canned.verdicts import LAW, UNFILTERED

from conformance.checks.judging import judge, select, unjudged
from conformance.checks.registry import all_checks, check
from conformance.checks.verdict import Finding, Observed, Outcome, Verdict
from conformance.contract.model import Level, Requirement
from conformance.errors import ContractError
from conformance.evidence.evidence import Evidence
from conformance.evidence.spans import Span

FILTER_08 = LAW.requirement("FILTER-08")
"""Needs 2 categories, 1 active provider, 1 category with inactive ones, and 2 comparisons."""
SHAPE_06 = LAW.requirement("SHAPE-06")
ENOUGH = {"categories": 2, "active": 1, "inactiveInCategory": 1, "comparisons": 2}
NO_CATEGORY = "no supported category in use (2 needed)"
FINDING = Finding("asked: seen; expected other", "", "curl", "", "seen", "other")

Judges = Callable[..., Verdict]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judges:
    """Judge a requirement with a check that returns the given result."""

    def judge_by(
        observed: Observed, requirement: Requirement = FILTER_08, gathered: Evidence | None = None
    ) -> Verdict:
        monkeypatch.setitem(all_checks(), requirement.id, lambda _: observed)
        (verdict,) = judge(gathered or evidence(), [requirement])
        return verdict

    return judge_by


def test_enough_evidence_and_no_violation_is_passed(judged: Judges) -> None:
    verdict = judged(Observed(ENOUGH))
    assert (verdict.outcome, verdict.reason) == (Outcome.PASSED, "no violation")
    assert verdict.evidence == (
        "2 categories, 1 active provider, 1 category with inactive providers, 2 comparable results"
    )


@pytest.mark.parametrize(
    ("less", "reason"),
    [
        ({"categories": 1}, "only 1 supported category in use (2 needed)"),
        ({"categories": 0}, NO_CATEGORY),
        ({"active": 0}, "no active provider"),
        ({"inactiveInCategory": 0}, "no supported category with inactive providers"),
        ({"comparisons": 1}, "only 1 result comparable with the unfiltered list (2 needed)"),
        ({"categories": 0, "active": 0}, f"{NO_CATEGORY}; no active provider"),
    ],
)
def test_too_little_evidence_is_inconclusive(
    judged: Judges, less: dict[str, int], reason: str
) -> None:
    verdict = judged(Observed({**ENOUGH, **less}))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == f"the target showed {reason}"
    assert verdict.lacks == tuple((name, ENOUGH[name] - number) for name, number in less.items())


def test_what_a_check_did_not_measure_is_missing(judged: Judges) -> None:
    verdict = judged(Observed({name: ENOUGH[name] for name in ("categories", "comparisons")}))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == (
        "the target showed no active provider; no supported category with inactive providers"
    )
    assert judged(Observed({})).evidence == ""


@pytest.mark.parametrize(
    ("found", "shown", "at_least", "reason"),
    [
        (1, 1, False, "1 violation"),
        (2, 2, False, "2 violations"),
        (7, 5, False, "7 violations, 5 of them shown"),
        (12_000, 5, False, "12,000 violations, 5 of them shown"),
        # Not all were examined.
        (2_000, 5, True, "at least 2,000 violations, 5 of them shown"),
    ],
)
def test_a_violation_is_a_failure(
    judged: Judges, found: int, shown: int, at_least: bool, reason: str
) -> None:
    verdict = judged(Observed(ENOUGH, (FINDING,) * shown, found, at_least=at_least))
    assert (verdict.outcome, verdict.reason) == (Outcome.FAILED, reason)
    assert verdict.findings == (FINDING,) * shown


def test_the_order_of_precedence(judged: Judges) -> None:
    refused = evidence(refusal="the server has no such path")
    failed = Observed({}, (FINDING,), 1, unable="unable", not_applicable="not so")
    assert judged(failed, gathered=refused).outcome is Outcome.FAILED
    nothing = Observed({}, unable="unable", not_applicable="not so")
    verdict = judged(nothing, gathered=refused)
    assert (verdict.outcome, verdict.reason) == (Outcome.NOT_APPLICABLE, "not so")
    unable = Observed(ENOUGH, unable="unable")
    verdict = judged(unable, gathered=refused)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == "not judged: the server has no such path"
    verdict = judged(unable)
    assert (verdict.outcome, verdict.reason) == (Outcome.INCONCLUSIVE, "unable")


def test_of_much_evidence_the_first_kinds_are_named(judged: Judges) -> None:
    kinds = [*LAW.measures][:10]
    told = judged(Observed(dict.fromkeys(kinds, 1))).evidence
    named = [f"1 {LAW.measures[kind].short[0]}" for kind in kinds[:8]]
    assert told == f"{', '.join(named)} and 2 more"


def test_nouns_are_counted(judged: Judges) -> None:
    one, many = (
        judged(Observed({"answers": number, "categories": number, "emptyViews": number})).evidence
        for number in (1, 2000)
    )
    assert one == "1 response, 1 category, 1 empty result"
    assert many == "2,000 responses, 2,000 categories, 2,000 empty results"


def test_a_requirement_that_only_another_contract_has() -> None:
    entry = {"id": "HTTP-99", "level": "MUST", "statement": "A.", "source": "b", "evidence": {}}
    law = law_with(("requirements", 0), entry)
    assert len(select(law, skip=["HTTP-99"])) == len(LAW.requirements) - 1
    with pytest.raises(ContractError, match="no check for HTTP-99; change the level in the contr"):
        select(law)
    law = law_with(("requirements", 0), entry | {"level": "MAY"})
    verdict, *others = judge(evidence(contract=law), select(law))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == "this version of the suite has no check for it"
    assert len(others) == len(LAW.requirements) - 1


def test_of_many_requirements_without_a_check_the_first_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    binding = [one.id for one in LAW.requirements if one.level is not Level.MAY][:10]
    for name in binding:
        monkeypatch.delitem(all_checks(), name)
    with pytest.raises(ContractError, match=f"{', '.join(binding[:8])} and 2 more; change"):
        select(LAW)


def test_what_would_decide_a_requirement_is_told_if_it_is_known() -> None:
    told = {
        one.requirement.id: one.decided_by for one in judge(evidence(cluster=[]), LAW.requirements)
    }
    assert told["FILTER-04"] == "one inactive provider in any category"
    assert told["FILTER-08"].startswith(
        "providers of two supported categories, one active provider"
    )
    # Nothing about a cluster decides whether refusals are sent.
    assert told["AUTH-01"] == told["HTTP-02"] == ""


def test_a_requirement_has_one_check() -> None:
    # The families are imported at the first call.
    assert "HTTP-01" in all_checks()
    with pytest.raises(ValueError, match="HTTP-01 has two checks"):
        check("HTTP-01")(lambda _: Observed())


def test_requirements_that_could_not_be_judged() -> None:
    verdicts = unjudged(LAW.requirements, Outcome.ERROR, "no connection")
    expected = [(one, Outcome.ERROR, "no connection") for one in LAW.requirements]
    assert [(one.requirement, one.outcome, one.reason) for one in verdicts] == expected


def test_binding_requirements() -> None:
    assert Verdict(FILTER_08, Outcome.PASSED, "", "").binding
    assert not Verdict(SHAPE_06, Outcome.PASSED, "", "").binding


def test_providers_do_not_count_without_the_unfiltered_list(judged: Judges) -> None:
    broken = exchange(b"[", UNFILTERED)
    some = exchange(CLUSTER, "activeOnly=true")
    gathered = evidence(spans=(Span(broken, (some,), broken),))
    verdict = judged(Observed({**ENOUGH, "active": 0}), gathered=gathered)
    assert verdict.reason == (
        "the target showed no active provider; 4 providers do not count, since the unfiltered list "
        "could not be read"
    )
    assert verdict.decided_by == "an unfiltered list that can be read"


def test_providers_that_went_meanwhile_are_said_to_be_left_out(judged: Judges) -> None:
    full, empty = exchange(CLUSTER, UNFILTERED), exchange([], UNFILTERED)
    gathered = evidence(spans=(Span(full, (), empty), Span(empty, (), full)))
    verdict = judged(Observed({**ENOUGH, "active": 0}), gathered=gathered)
    assert verdict.reason == (
        "the target showed no active provider; 4 providers that came, went or moved to other "
        "results meanwhile do not count"
    )
    assert verdict.decided_by == "a run during which they stay as they are"
    # What does not depend on them is lacking for another reason.
    other = judged(Observed({**ENOUGH, "comparisons": 1}), gathered=gathered)
    assert "meanwhile" not in other.reason
