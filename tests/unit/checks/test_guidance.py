"""The example in the explanation of each requirement violates that requirement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.canned.exchanges import GRANTED, PROPER, evidence, exchange
from support.canned.verdicts import LAW, UNFILTERED

from conformance.checks.guidance import Answer, Guidance, all_guidance, how_checked
from conformance.checks.judging import judge
from conformance.checks.verdict import Outcome
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange
from conformance.evidence.spans import Span
from conformance.target.refused_credentials import expired, forms

ACCESS = {form.access.kind: form.access for form in reversed(forms("an-opaque-token"))}
ACCESS[AccessKind.GRANTED] = GRANTED
ACCESS[AccessKind.EXPIRED] = expired("an-old-token").access
WITH_ANSWER = [name for name, guidance in all_guidance().items() if guidance.answer is not None]


def made(answer: Answer) -> Exchange:
    return exchange(
        answer.body.encode(),
        answer.query,
        status=answer.status,
        headers=PROPER | {name.lower(): value for name, value in answer.headers.items()},
        access=ACCESS[answer.access],
        method=answer.method,
        path=answer.path,
    )


def gathered(guidance: Guidance) -> Evidence:
    """Return the evidence of a run with only the requests of the explanation."""
    assert guidance.answer is not None
    shown = made(guidance.answer)
    others = [made(guidance.beside)] if guidance.beside is not None else []
    whole = exchange([], UNFILTERED)
    for one in (*others, shown):
        if one.query == UNFILTERED and one.request.access == GRANTED and not one.request.path:
            whole = one
    inside = tuple(one for one in (shown, *others) if one is not whole)
    members: dict[str, Any] = {}
    if guidance.answer.method == "HEAD":
        # The server offers HEAD to authenticated clients.
        allowed = replace(shown, request=replace(shown.request, access=GRANTED))
        inside, members = (), {"head_requests": (allowed, shown)}
    elif guidance.answer.access is not AccessKind.GRANTED:
        inside, members = (), {"refusals": (shown,)}
    return evidence(opening=whole, spans=(Span(whole, inside, whole),) * 5, **members)


def test_each_requirement_has_an_explanation() -> None:
    assert list(all_guidance()) == [requirement.id for requirement in LAW.requirements]
    for guidance in all_guidance().values():
        assert (guidance.answer is None) is bool(guidance.exchange)
        assert guidance.why.endswith(".")
        assert not guidance.exchange or guidance.exchange.endswith(".")


def test_each_check_describes_its_method() -> None:
    for requirement in LAW.requirements:
        told = how_checked(requirement)
        assert told.endswith("."), requirement.id
        # That is its heading, and not the method.
        assert f"Judge {requirement.id}" not in told
    unknown = replace(LAW.requirements[0], id="HTTP-99")
    assert how_checked(unknown) == "This version of the suite does not check it."


def test_requirements_without_an_example() -> None:
    assert {*all_guidance()} - {*WITH_ANSWER} == {
        *("HTTP-06", "HTTP-07", "AUTH-08", "AUTH-09", "STABLE-01", "STABLE-02"),
        *("LIFECYCLE-01", "LIFECYCLE-02", "LIFECYCLE-03", "LIFECYCLE-04"),
    }
    assert "five or more" in all_guidance()["STABLE-01"].exchange


@pytest.mark.parametrize("name", WITH_ANSWER)
def test_the_example_violates_its_requirement(name: str) -> None:
    guidance = all_guidance()[name]
    assert guidance.answer is not None
    verdicts = {one.requirement.id: one for one in judge(gathered(guidance), LAW.requirements)}
    broken = {key for key, one in verdicts.items() if one.outcome is Outcome.FAILED}
    assert broken == {name, *guidance.also}
    for finding in verdicts[name].findings:
        assert finding.query == Query(guidance.answer.query).wire
        assert finding.message.startswith(f"{guidance.answer.method} {LAW.path}")
