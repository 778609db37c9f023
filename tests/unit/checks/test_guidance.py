"""What is taught of each requirement is true: each example fails by it, and as it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.canned import exchanges
from support.canned.exchanges import GRANTED, exchange
from support.canned.verdicts import LAW, UNFILTERED

from conformance.checks.guidance import Answer, Lesson, lessons
from conformance.checks.judging import judge
from conformance.checks.verdict import Outcome
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange
from conformance.evidence.intermittent import CERTAIN
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import CONFIRMATIONS
from conformance.target.refused_credentials import forms

ACCESS = {form.access.kind: form.access for form in reversed(forms("an-opaque-token"))}
ACCESS[AccessKind.GRANTED] = GRANTED
WITH_ANSWER = [name for name, lesson in lessons().items() if lesson.answer is not None]


def made(answer: Answer) -> Exchange:
    return exchange(
        answer.body.encode(),
        answer.query,
        status=answer.status,
        headers=answer.headers,
        access=ACCESS[answer.access],
        method=answer.method,
        path=answer.path,
    )


def gathered(lesson: Lesson) -> Evidence:
    """Return the evidence of a run in which nothing was asked but what the lesson shows."""
    assert lesson.answer is not None
    shown = made(lesson.answer)
    others = [made(lesson.beside)] if lesson.beside is not None else []
    whole = exchange([], UNFILTERED)
    for one in (*others, shown):
        if one.query == UNFILTERED and one.request.access == GRANTED and not one.request.path:
            whole = one
    inside = [one for one in (shown, *others) if one is not whole]
    heads: tuple[Exchange, ...] = ()
    refusals: tuple[Exchange, ...] = ()
    if lesson.answer.method == "HEAD":
        # The server offers HEAD to those who may ask.
        allowed = replace(shown, request=replace(shown.request, access=GRANTED))
        inside, heads = [], (allowed, shown)
    elif lesson.answer.access is not AccessKind.GRANTED:
        inside, refusals = [], (shown,)
    spans = (Span(whole, tuple(inside), whole),) * CONFIRMATIONS
    return Evidence(
        contract=LAW,
        opening=whole,
        now=exchanges.NOW,
        spans=spans,
        head_requests=heads,
        refusals=refusals,
    )


def test_there_is_a_lesson_for_each_requirement() -> None:
    assert list(lessons()) == [requirement.id for requirement in LAW.requirements]
    for lesson in lessons().values():
        assert (lesson.answer is None) is bool(lesson.exchange)
        assert lesson.why.endswith(".")
        assert not lesson.exchange or lesson.exchange.endswith(".")


def test_only_what_takes_several_answers_has_none() -> None:
    assert {*lessons()} - {*WITH_ANSWER} == {"AUTH-08", "STABLE-01", "STABLE-02"}
    assert ("five or more" in lessons()["STABLE-01"].exchange) is (CERTAIN == 5)


@pytest.mark.parametrize("name", WITH_ANSWER)
def test_the_example_fails_by_its_requirement(name: str) -> None:
    lesson = lessons()[name]
    assert lesson.answer is not None
    verdicts = {one.requirement.id: one for one in judge(gathered(lesson), LAW.requirements)}
    broken = {key for key, one in verdicts.items() if one.outcome is Outcome.FAILED}
    assert broken == {name, *lesson.also}
    for finding in verdicts[name].findings:
        assert finding.query == Query(lesson.answer.query).wire
        assert finding.message.startswith(f"{lesson.answer.method} {LAW.path}")


@pytest.mark.parametrize("name", [name for name in WITH_ANSWER if lessons()[name].beside])
def test_what_stands_beside_it_is_needed(name: str) -> None:
    lesson = lessons()[name]
    assert lesson.answer is not None
    assert lesson.beside is not None
    same = replace(lesson.beside, body=lesson.answer.body)
    for other in (replace(lesson, beside=None), replace(lesson, beside=same)):
        verdicts = judge(gathered(other), LAW.requirements)
        failed = {one.requirement.id for one in verdicts if one.outcome is Outcome.FAILED}
        if failed != {name, *lesson.also}:
            return
    pytest.fail("it fails in the same way without it")
