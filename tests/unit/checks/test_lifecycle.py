"""LIFECYCLE: what results show after the suite changed providers."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.exchanges import evidence, exchange, provider

from conformance.checks.judging import judge
from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.filter_oracle import readings
from conformance.contract.loader import load
from conformance.contract.query import documented
from conformance.evidence.exchange import Exchange
from conformance.evidence.lifecycle import Change, ChangeKind, Lifecycle

LAW = load()
NAME = "conformance-0123456789ab-1"
STATE = {"category": "GIT", "enabled": True}


def listed(state: dict[str, Any] | None, **more: Any) -> tuple[Exchange, ...]:
    """Return the responses of a server with this provider and another one."""
    known = [provider("openAI")]
    known += [] if state is None else [provider(NAME, **(state | {"modelsCount": 0} | more))]
    return tuple(
        exchange(
            [one for one in known if readings(LAW, query)[0].keeps(one)],
            query,
        )
        for query in documented(LAW)
    )


def verdict(number: str, *changes: Change) -> Verdict:
    made = evidence(opening=exchange([], "activeOnly=false"), lifecycle=Lifecycle(changes))
    (found,) = judge(made, [LAW.requirement(f"LIFECYCLE-{number}")])
    return found


@pytest.mark.parametrize("number", ["01", "02", "03", "04"])
def test_a_read_only_run_does_not_judge_it_and_one_without_changes_cannot(number: str) -> None:
    requirement = LAW.requirement(f"LIFECYCLE-{number}")
    (found,) = judge(evidence(opening=exchange([], "activeOnly=false")), [requirement])
    assert (found.outcome, found.reason) == (Outcome.NOT_APPLICABLE, "read-only run")
    assert verdict(number).outcome is Outcome.INCONCLUSIVE


DISABLED = STATE | {"enabled": False}


@pytest.mark.parametrize(
    ("number", "change", "right", "wrong"),
    [
        ("01", Change(ChangeKind.CREATED, NAME, STATE), listed(STATE), listed(None)),
        ("01", Change(ChangeKind.CREATED, NAME, STATE), listed(STATE), listed(DISABLED)),
        ("01", Change(ChangeKind.CREATED, NAME, DISABLED), listed(DISABLED), listed(STATE)),
        ("02", Change(ChangeKind.DISABLED, NAME, DISABLED), listed(DISABLED), listed(STATE)),
        ("02", Change(ChangeKind.DISABLED, NAME, DISABLED), listed(DISABLED), listed(None)),
        (
            "03",
            Change(ChangeKind.MODEL_ADDED, NAME, STATE, count=1),
            listed(STATE, modelsCount=1),
            listed(STATE),
        ),
        (
            "03",
            Change(ChangeKind.MODEL_ADDED, NAME, STATE, count=1),
            listed(STATE, modelsCount=1),
            listed(STATE, modelsCount="1"),
        ),
        ("04", Change(ChangeKind.REMOVED, NAME, None), listed(None), listed(STATE)),
    ],
)
def test_results_have_to_show_a_change(
    number: str, change: Change, right: tuple[Exchange, ...], wrong: tuple[Exchange, ...]
) -> None:
    def changed(reads: tuple[Exchange, ...], seconds: float = 0.2) -> Change:
        return Change(change.kind, change.name, change.state, change.count, reads, seconds)

    passed = verdict(number, changed(right))
    assert passed.outcome is Outcome.PASSED
    assert passed.evidence == "1 observed change; shown by every result after 0.2 s"
    failed = verdict(number, changed(wrong))
    assert failed.outcome is Outcome.FAILED
    assert all(NAME in finding.observed for finding in failed.findings)
    # Baselines outlive the random name of a run.
    assert not any(NAME in kind.description for kind in failed.kinds)
    late = verdict(number, changed(right, 12.0))
    assert late.outcome is Outcome.FAILED
    assert late.findings[0].observed == "the results showed the change after 12 s"


def test_a_response_that_is_not_a_list_decides_nothing() -> None:
    broken = tuple(exchange({}, query, status=500) for query in documented(LAW))
    found = verdict("04", Change(ChangeKind.REMOVED, NAME, None, reads=broken))
    assert found.outcome is Outcome.INCONCLUSIVE
