"""Reference clients as faults and variations of the self-test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.canned.clients import evidence, providers, seen, sent, token_request
from support.canned.verdicts import LAW

from conformance.clients import catalogue, judging
from conformance.reference.clients.catalogue import CLIENTS
from conformance.reference.faults import Fault
from conformance.report.conclusion import gate
from conformance.report.report import Conclusion, FailOn, Report
from conformance.report.run_metadata import RunMetadata
from conformance.selftest import clients
from conformance.selftest.catalogue import everything
from conformance.selftest.clients import BrokenClient, OddClient
from conformance.selftest.trial import Code, assess

REQUIREMENTS = catalogue.load().contract.requirements
ENTRIES = clients.entries()
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_each_requirement_is_broken_by_a_client() -> None:
    broken = {name for one in ENTRIES if isinstance(one, BrokenClient) for name in one.breaks}
    assert broken == {one.id for one in REQUIREMENTS}


def test_the_catalogue_is_large_enough() -> None:
    kinds = [one.kind for one in CLIENTS]
    assert kinds.count("correct") >= 1
    assert kinds.count("broken") >= 30
    assert kinds.count("odd") >= 15


def test_clients_are_tried_beside_servers() -> None:
    assert {one.name for one in ENTRIES} <= set(everything())
    assert all(one.name.startswith("client-") for one in ENTRIES)
    assert len(everything()) > len(ENTRIES)


def test_a_client_may_break_only_what_it_declares() -> None:
    (one,) = (entry for entry in ENTRIES if entry.name == "client-sends-a-page-size")
    assert isinstance(one, Fault)
    assert one.permits("CLIENT-01")
    assert not one.permits("CLIENT-02")


def report(*, query: str = "", conclusion: Conclusion | None = None) -> Report:
    """Return the report on a client that reads the list once, with this query."""
    law = catalogue.load()
    run = evidence(seen("plain", token_request(), sent(query), answer=providers()))
    verdicts = judging.judge(run, law, [law.contract.requirement("CLIENT-01")])
    result = gate(verdicts, LAW, fail_on=FailOn.MUST, require_evidence=False, today=NOW.date())
    metadata = RunMetadata(
        target="x",
        started=NOW,
        duration=1,
        seed=0,
        profile="standard",
        requests=2,
        most_requests=0,
        run_id="",
    )
    made = result.report(metadata, LAW, notes=())
    return made if conclusion is None else replace(made, conclusion=conclusion)


def odd(name: str) -> OddClient:
    (one,) = (entry for entry in ENTRIES if entry.name == name)
    assert isinstance(one, OddClient)
    return one


@pytest.mark.parametrize(
    ("name", "conclusion", "codes"),
    [
        ("client-asks-twice", None, []),
        ("client-asks-twice", Conclusion.ERROR, [Code.WRONG_OUTCOME]),
        ("client-crashes-always", Conclusion.ERROR, []),
    ],
)
def test_whose_first_scenario_may_fail(
    name: str, conclusion: Conclusion | None, codes: list[Code]
) -> None:
    trial = assess(odd(name), report(conclusion=conclusion))
    assert [problem.code for problem in trial.problems] == codes


def test_an_odd_client_must_not_be_blamed() -> None:
    codes = [one.code for one in assess(odd("client-asks-twice"), report(query="a=1")).problems]
    assert codes == [Code.BLAMED, Code.WRONG_OUTCOME]
