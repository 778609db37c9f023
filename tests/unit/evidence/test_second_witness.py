"""Another endpoint tells whether a provider that disappeared from the list still exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider
from support.canned.verdicts import LAW, UNFILTERED

from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.second_witness import (
    Account,
    account,
    accounts,
    disappeared,
    most_vanished,
    questions,
    tells,
)
from conformance.evidence.spans import Span

ALL = list(CLUSTER)
LESS = [one for one in CLUSTER if one["name"] != "kafka"]
OWN = LAW.related["provider"].replace("{name}", "kafka")
KAFKA = exchange(CLUSTER[3], path=OWN)
NOT_FOUND = exchange({"status": 404}, path=OWN, status=404)


def listed(body: Sequence[Any]) -> Exchange:
    return exchange(list(body), UNFILTERED)


def in_turn(
    lists: Sequence[Any], witnesses: Sequence[Exchange], *, seconds: float = 0.5
) -> Evidence:
    """Return evidence of a whole list, then lists and responses of another endpoint in turn."""
    read = [replace(listed(body), sent=2 * n) for n, body in enumerate([ALL, *lists], 1)]
    timed = [replace(one, started=seconds * number) for number, one in enumerate(read)]
    spans = [
        Span(before, (replace(witness, sent=before.sent + 1),), after)
        for (before, after), witness in zip(pairwise(timed), witnesses, strict=True)
    ]
    return evidence(spans=tuple(spans), opening=timed[0])


def asked(lists: Sequence[Any], witnesses: Sequence[Exchange], **more: float) -> Account:
    return account(in_turn(lists, witnesses, **more), "kafka")


def test_a_provider_that_the_list_lacks_all_the_time_is_missing() -> None:
    seen = asked([LESS] * 12, [KAFKA] * 12)
    assert len(seen.missing) == 11
    assert (seen.exists, seen.decided, seen.comes_and_goes) == (True, True, 0)


@pytest.mark.parametrize(
    ("lists", "witnesses", "seconds"),
    [
        # Too few readings, or too soon for an index that lags behind.
        ([LESS] * 9, [KAFKA] * 9, 1.0),
        ([LESS] * 12, [KAFKA] * 12, 0.1),
        # It was removed, or not always there, or came back.
        ([LESS] * 12, [NOT_FOUND] * 12, 1.0),
        ([LESS] * 12, [*[KAFKA] * 11, NOT_FOUND], 1.0),
        ([*[LESS] * 12, ALL], [KAFKA] * 13, 1.0),
        # Nobody can tell.
        ([LESS] * 12, [exchange(b"", path=OWN, status=403)] * 12, 1.0),
        ([LESS] * 12, [exchange({"name": "other"}, path=OWN)] * 12, 1.0),
    ],
)
def test_a_provider_is_not_missing(
    lists: Sequence[Any], witnesses: Sequence[Exchange], seconds: float
) -> None:
    seen = asked(lists, witnesses, seconds=seconds)
    assert (seen.missing, seen.comes_and_goes) == ((), 0)


def test_replicas_that_take_turns_are_told_from_a_change_that_lasts() -> None:
    assert asked([LESS, ALL] * 10, [KAFKA] * 20).comes_and_goes == 10
    assert asked([LESS, ALL, ALL] * 10, [KAFKA] * 30).comes_and_goes == 10
    assert asked([LESS, ALL] * 9, [KAFKA] * 18).comes_and_goes == 0
    # One change that many readings meet.
    assert asked([*[LESS] * 12, ALL] * 2, [KAFKA] * 26).comes_and_goes == 0
    # A provider that is created again and again is there most of the time.
    assert asked([LESS, *[ALL] * 5] * 10, [KAFKA] * 60).comes_and_goes == 0
    # The change meets the other endpoint, too.
    assert asked([LESS, ALL] * 10, [*[KAFKA] * 19, NOT_FOUND]).comes_and_goes == 0


def test_when_nothing_more_is_asked() -> None:
    assert not asked([LESS] * 3, [KAFKA] * 3).decided
    assert asked([ALL] * 10, [KAFKA] * 10).decided is True
    assert not asked([ALL] * 9, [KAFKA] * 9).decided
    known = asked([LESS] * 2, [KAFKA, NOT_FOUND])
    assert (known.decided, known.exists) == (True, False)
    assert not Account("kafka").decided


def test_not_found_says_nothing_on_a_server_without_the_endpoint() -> None:
    assert asked([LESS], [NOT_FOUND]).readings == ()
    elsewhere = exchange(list(CLUSTER), UNFILTERED, path=LAW.related["allIntegrations"])
    whole = in_turn([LESS], [NOT_FOUND])
    other = Span(whole.opening, (elsewhere, NOT_FOUND), whole.opening)
    known = replace(whole, spans=(*whole.spans, other))
    assert [reading.has for reading in account(known, "kafka").readings] == [False]


def test_who_disappeared() -> None:
    gone = [one for one in LESS if one["name"] != "openAI"]
    assert disappeared(in_turn([LESS, gone], [KAFKA] * 2)) == ("kafka", "openAI")
    assert disappeared(in_turn([ALL, [*ALL, provider("new")]], [KAFKA] * 2)) == ()
    assert disappeared(in_turn([[*ALL, ALL[3]], LESS], [KAFKA] * 2)) == ()
    assert [one.name for one in accounts(in_turn([LESS], [KAFKA]))] == ["kafka"]


def test_what_is_asked() -> None:
    asked = questions(in_turn([LESS], [KAFKA]), "a b/c")
    assert [(one.path, one.query) for one in asked] == [
        ("/api/integrations/provider/a%20b%2Fc", Query()),
        ("/api/integrations/", UNFILTERED),
        ("/api/integrations/all", UNFILTERED),
    ]
    assert len(questions(in_turn([LESS], [KAFKA]), "..")) == 2


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        (exchange({"name": "kafka"}), True),
        (exchange({"name": "Kafka"}), None),
        (exchange(ALL), True),
        (exchange(LESS), False),
        (exchange(["kafka"]), True),
        (exchange(["kafka:topic", "openAI:gpt-4o"]), True),
        (exchange(["kafka-2", "openAI"]), False),
        (exchange({}, status=404), False),
        (exchange({}, status=500), None),
        (exchange(b"<html>"), None),
    ],
)
def test_what_a_response_tells(answer: Exchange, has: bool | None) -> None:
    assert tells(answer, "kafka") is has


def test_most_of_a_cluster_vanished() -> None:
    assert most_vanished(in_turn([CLUSTER[:1]], [KAFKA])) == (3, 4)
    assert most_vanished(in_turn([CLUSTER[:2]], [KAFKA])) is None
    assert most_vanished(in_turn([[], ALL], [KAFKA] * 2)) is None
