"""Verdicts on clients from observations made by hand."""

from __future__ import annotations

from support.canned.clients import evidence, providers, seen, sent, token_request

from conformance.checks.verdict import Outcome, Verdict
from conformance.clients import catalogue, judging
from conformance.clients.answer import Answer
from conformance.clients.observation import Observation

LAW = catalogue.load()


def verdict(requirement: str, *observations: Observation) -> Verdict:
    (found,) = judging.judge(evidence(*observations), LAW, [LAW.contract.requirement(requirement)])
    return found


def test_a_violation_in_one_scenario_is_enough() -> None:
    found = verdict(
        "CLIENT-02", seen("plain", sent()), seen("category", sent(), answer=providers())
    )
    assert found.outcome is Outcome.FAILED
    (finding,) = found.findings
    assert finding.message == (
        'category, GET /api/integrations/provider: no category; expected category "VECTOR_DB"'
    )
    assert finding.curl == "conductor-conformance serve --scenario category"


def test_too_few_scenarios_do_not_decide() -> None:
    found = verdict("CLIENT-02", seen("plain", sent()), seen("category", sent()))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "(scenario category)" in found.reason


def test_without_any_answer_all_reading_has_one_reason() -> None:
    for requirement in ("CLIENT-12", "CLIENT-15"):
        found = verdict(requirement, seen("plain", sent()), seen("web-page", sent()))
        assert found.reason == judging.UNANSWERED


def test_a_filter_that_is_not_offered_is_not_applicable() -> None:
    lacking = Answer(unsupported="category")
    found = verdict(
        "CLIENT-02",
        seen("plain", sent()),
        seen("category", answer=lacking),
        seen("both", answer=lacking),
    )
    assert found.outcome is Outcome.NOT_APPLICABLE


def test_fingerprints_tell_scenarios_apart_in_reading_only() -> None:
    page = [seen(name, sent(), answer=providers({})) for name in ("web-page", "object")]
    assert len(verdict("CLIENT-15", *page).kinds) == 2
    wrong = [seen(name, sent("type=GIT")) for name in ("plain", "category")]
    (kind,) = verdict("CLIENT-01", *wrong).kinds
    assert "undocumented parameter type" in kind.description
    other = verdict("CLIENT-01", seen("plain", sent("kind=GIT"))).kinds
    assert kind not in other


def test_a_passed_requirement() -> None:
    found = verdict("CLIENT-05", seen("plain", token_request(), sent()))
    assert (found.outcome, found.evidence) == (
        Outcome.PASSED,
        "1 scenario by its requests",
    )
