"""Results are compared with the unfiltered list, in constant and in changing clusters."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import UNFILTERED

from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import by_name
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import (
    BEHIND,
    KEPT_CHANGING,
    UNREADABLE,
    Alteration,
    alterations,
    comparisons,
    decided,
    differences,
    open_requests,
    undecided,
)

ACTIVE = Query("activeOnly=true")
MEMBERS = sorted(provider())
OPEN = provider("openAI")


def views(*bodies: Any, query: Query = ACTIVE) -> tuple[Exchange, ...]:
    return tuple(exchange(body, query) for body in bodies)


def one_span(*asked: Exchange, cluster: Any = CLUSTER) -> Evidence:
    whole = exchange(list(cluster), UNFILTERED)
    return evidence(spans=(Span(whole, asked, whole),) * 5, opening=whole)


def found(gathered: Evidence) -> set[tuple[str, str]]:
    return {
        ("added" if is_added else "lost", name)
        for _, name, is_added in differences(gathered, comparisons(gathered))
    }


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("activeOnly=true", ["openAI", "pinecone"], set()),
        ("activeOnly=true", ["openAI", "pinecone", "ghost"], {("added", "ghost")}),
        ("category=GIT", ["openAI"], {("added", "openAI")}),
        # If there are several legal readings, the one that fits best is compared.
        ("activeOnly=TRUE", ["openAI", "pinecone"], set()),
        ("activeOnly=TRUE", ["openAI", "old-openAI", "pinecone", "kafka"], set()),
        ("activeOnly=TRUE", ["openAI", "old-openAI", "pinecone"], {("added", "old-openAI")}),
        ("category=ai_model", [], set()),
        ("category=ai_model", ["openAI"], set()),
        # Parameters unknown to the contract may have any effect.
        ("activeOnly=true&page=2", [], set()),
        ("activeOnly=true&activeOnly=true", [], set()),
    ],
)
def test_differences(query: str, body: list[str], expected: set[tuple[str, str]]) -> None:
    known = by_name(exchange(list(CLUSTER)))
    answer = [known.get(name, provider(name)) for name in body]
    assert found(one_span(exchange(answer, query))) == expected


@given(st.lists(st.sampled_from([one["name"] for one in CLUSTER]), unique=True))
def test_differences_agree_with_sets(names: list[str]) -> None:
    known = by_name(exchange(list(CLUSTER)))
    wanted = {one["name"] for one in select(ACTIVE)}
    expected = {("lost", name) for name in wanted - set(names)}
    expected |= {("added", name) for name in set(names) - wanted}
    assert found(one_span(*views([known[name] for name in names]))) == expected


@pytest.mark.parametrize(
    "odd",
    [
        [provider("odd", enabled="yes")],
        [provider("odd", enabled=None)],
        # Two providers with one name cannot be told apart.
        [provider("odd"), provider("odd", enabled=False)],
    ],
)
def test_malformed_providers_are_left_out(odd: list[Any]) -> None:
    for body in ([OPEN], [OPEN, odd[0]]):
        assert found(one_span(*views(body), cluster=[OPEN, *odd])) == set()


def test_which_answers_are_compared() -> None:
    refused = exchange([], ACTIVE, status=500)
    sibling = exchange([], UNFILTERED, path="/api/integrations/")
    assert comparisons(one_span(refused, sibling, *views({"content": []}))) == ()
    gathered = one_span(*views([]), exchange([], ""))
    compared = comparisons(gathered, lambda query: query == ACTIVE)
    assert {comparison.exchange.query for comparison in compared} == {ACTIVE}


# Deep values are compared without recursion.
DEEP: list[Any] = reduce(lambda inner, _: [inner], range(400), [])


@pytest.mark.parametrize(
    ("member", "here", "there", "differs"),
    [
        ("type", "a", "b", True),
        ("type", "a", None, True),
        ("enabled", True, 1, True),
        ("enabled", 1, True, True),
        ("modelsCount", 3, 3.0, False),
        ("modelsCount", 0, False, True),
        ("configuration", {"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ("configuration", {"a": [1, 2]}, {"a": [2, 1]}, True),
        ("configuration", {"a": [True]}, {"a": [1]}, True),
        ("configuration", {"a": 1}, {"a": 1, "b": None}, True),
        ("configuration", {"a": []}, {"a": {}}, True),
        ("tags", [{"key": "a"}, {"key": "b"}], [{"key": "b"}, {"key": "a"}], False),
        ("tags", [{"key": "a"}], [{"key": "a"}, {"key": "a"}], True),
        ("tags", None, [], True),
        ("description", ..., None, True),
        ("description", None, ..., True),
        ("configuration", {"deep": DEEP}, {"deep": DEEP}, False),
    ],
)
def test_alterations(member: str, here: Any, there: Any, differs: bool) -> None:
    gathered = one_span(*views([provider(**{member: here})]), cluster=[provider(**{member: there})])
    changed = alterations(gathered, comparisons(gathered), [*MEMBERS, "description"])
    assert [(one.name, one.field) for _, one in changed] == [("openAI", member)] * differs


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([provider(type="x"), provider()], [provider()]),
        ([provider(type="x")], [provider(), provider()]),
    ],
)
def test_providers_of_one_name_are_not_compared(here: list[Any], there: list[Any]) -> None:
    """Which of them a provider would have to be equal to is not known."""
    gathered = one_span(*views(here), cluster=there)
    assert [*alterations(gathered, comparisons(gathered), MEMBERS)] == []


def test_an_alteration_shows_no_content_of_a_configuration() -> None:
    altered = Alteration("a", "configuration", 0, {"key": "s3cret"}, "s3cret", False, False)
    assert altered.format_filtered() == "object with key"
    assert altered.format_unfiltered() == "string of 6 characters"
    absent = Alteration("a", "type", 0, None, "x", True, False)
    assert (absent.format_filtered(), absent.format_unfiltered()) == ("absent", '"x"')


@pytest.mark.parametrize(
    ("here", "there", "within"),
    [
        ({"a": {"x": 1, "y": 1}, "b": 1}, {"a": {"x": 1, "y": 2}, "b": 2}, ("a", "y")),
        ({"b": {"x": 1}}, {"a": 1, "b": {"x": 2}}, ("a",)),
        ({"a": 1, "b": 2}, {"a": 1, "b": {"x": 2}}, ("b",)),
        ({"a": 1}, {"a": 1}, ()),
        ("text", {"a": 1}, ()),
    ],
)
def test_an_alteration_is_where_the_first_difference_is(
    here: Any, there: Any, within: tuple[str, ...]
) -> None:
    for one, other in ((here, there), (there, here)):
        altered = Alteration("a", "configuration", 0, one, other, False, False)
        assert altered.within == within


WHOLE = exchange(list(CLUSTER), UNFILTERED)
LESS = exchange(list(CLUSTER[:3]), UNFILTERED)
WRONG = views([])[0]
REFUSED = exchange([], UNFILTERED, status=500)


def changing(*answers: Exchange, changes: bool = True) -> Evidence:
    """Return evidence of one steady span per exchange, and of a change between spans."""
    spans = [Span(WHOLE, (answer,), WHOLE) for answer in answers]
    if changes:
        spans.append(Span(WHOLE, (), LESS))
    return evidence(spans=tuple(spans), opening=WHOLE)


LOST = {("lost", "openAI"), ("lost", "pinecone")}
RIGHT = views(select(ACTIVE))[0]
EVERYTHING = views(list(CLUSTER))[0]
LOSING_OTHERS = [views([one])[0] for one in (select(ACTIVE) * 5)[:5]]


@pytest.mark.parametrize(
    ("answers", "changes", "expected"),
    [
        ([WRONG], False, set()),
        ([WRONG], True, set()),
        ([WRONG] * 4, False, set()),
        ([WRONG] * 5, False, LOST),
        ([WRONG] * 5, True, LOST),
        # Earlier correct responses do not matter once it is wrong every time.
        ([RIGHT, *[WRONG] * 5], False, LOST),
        ([*[WRONG] * 5, RIGHT], False, set()),
        ([WRONG, RIGHT] * 5, False, set()),
        # A provider is lost each time, but not always the same.
        (LOSING_OTHERS, False, LOST),
        ([views([CLUSTER[0]])[0]] * 5, True, {("lost", "pinecone")}),
        # Providers that appeared or disappeared do not count.
        ([EVERYTHING] * 5, True, {("added", "old-openAI")}),
        ([EVERYTHING] * 5, False, {("added", "old-openAI"), ("added", "kafka")}),
    ],
)
def test_only_recurring_differences_count(
    answers: list[Exchange], changes: bool, expected: set[tuple[str, str]]
) -> None:
    assert found(changing(*answers, changes=changes)) == expected


@pytest.mark.parametrize(
    ("gathered", "reason", "queries", "asked_again"),
    [
        (one_span(WRONG), None, 1, 0),
        (one_span(), None, 0, 0),
        (one_span(RIGHT), None, 1, 0),
        (changing(RIGHT), None, 1, 0),
        (changing(WRONG, changes=False), None, 0, 1),
        (changing(WRONG), KEPT_CHANGING, 0, 1),
        (changing(*[WRONG] * 5), None, 1, 0),
        (evidence(spans=(Span(WHOLE, (WRONG,), LESS),)), KEPT_CHANGING, 0, 1),
        (evidence(spans=(Span(WHOLE, (WRONG,), REFUSED),)), UNREADABLE, 0, 1),
    ],
)
def test_what_is_decided_and_what_must_be_repeated(
    gathered: Evidence, reason: str | None, queries: int, asked_again: int
) -> None:
    compared = comparisons(gathered)
    assert undecided(gathered, compared) == reason
    assert decided(gathered, compared) == queries
    assert len(open_requests(gathered)) == asked_again


@pytest.mark.parametrize(
    ("altered", "expected"),
    [({"type": "there"}, []), ({"type": "here", "description": "another"}, ["description"])],
)
def test_a_field_that_changed_is_not_altered(altered: dict[str, str], expected: list[str]) -> None:
    here, there = (exchange([provider(type=one)], UNFILTERED) for one in ("here", "there"))
    spans = [Span(here, views([provider(**altered)]), here)] * 5
    gathered = evidence(spans=(*spans, Span(here, (), there)))
    changed = alterations(gathered, comparisons(gathered), [*MEMBERS, "description"])
    assert [one.field for _, one in changed] == expected


def fresh(one: Exchange) -> Exchange:
    return replace(one, request=replace(one.request, fresh=True))


def past_caches(usual: Evidence, *bodies: Any, cluster: Any = CLUSTER) -> Evidence:
    """Return evidence to which a span was added in which no cache responded."""
    whole = fresh(exchange(list(cluster), UNFILTERED))
    span = Span(whole, tuple(map(fresh, views(*bodies))), whole)
    return replace(usual, spans=(*usual.spans, span))


def without(*names: str) -> list[Any]:
    return [one for one in CLUSTER if one["name"] not in names]


SELECTED = select(ACTIVE)
LACKING = [one for one in SELECTED if one["name"] != "openAI"]


def test_what_is_right_past_caches_only_is_not_decided() -> None:
    usual = one_span(*views(LACKING))
    assert (undecided(usual, comparisons(usual)), decided(usual, comparisons(usual))) == (None, 1)
    gathered = past_caches(usual, SELECTED)
    compared = comparisons(gathered)
    assert not found(gathered)
    assert (undecided(gathered, compared), decided(gathered, compared)) == (BEHIND, 0)


def test_what_lacks_a_provider_past_caches_only_is_not_decided() -> None:
    gathered = past_caches(one_span(*views(LACKING)), cluster=without("openAI"))
    assert not found(gathered)
    assert undecided(gathered, comparisons(gathered)) == BEHIND


def test_what_agrees_is_decided_past_caches_or_not() -> None:
    for body, expected in ((SELECTED, set()), (LACKING, {("lost", "openAI")})):
        gathered = past_caches(one_span(*views(body)), body)
        compared = comparisons(gathered)
        assert found(gathered) == expected
        assert (undecided(gathered, compared), decided(gathered, compared)) == (None, 1)


def test_a_field_that_is_right_past_caches_only_is_not_decided() -> None:
    altered = [{**one, "description": "another"} for one in SELECTED]
    gathered = past_caches(one_span(*views(altered)), SELECTED)
    compared = comparisons(gathered)
    assert undecided(gathered, compared) is None
    assert undecided(gathered, compared, ["description"]) == BEHIND
    assert undecided(gathered, compared, ["modelsCount"]) is None
