"""Intermittent mistakes are distinguished from changes of the cluster."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import LAW, UNFILTERED

from conformance.contract.query import Query, documented
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.intermittent import (
    FEWEST_BLIPS,
    FEWEST_READS,
    MOST_QUERIES,
    WATCH_REQUESTS,
    Blip,
    Stability,
    requests_to_watch,
    stability,
)
from conformance.evidence.spans import Span
from conformance.runner.unusual_queries import variants

Provider = Mapping[str, Any]
Answer = Callable[[Query], Sequence[Provider]]

OPEN, OLD, PINE, KAFKA = CLUSTER
ACTIVE = Query("activeOnly=true")
BARE = Query("")
AI = Query("category=AI_MODEL&activeOnly=false")
PLAIN = documented(LAW)
RICH = [
    provider(f"{category} {number}", category=category, enabled=number > 0)
    for category in LAW.filter("category").supported
    for number in range(2)
]
"""An active and an inactive provider in each category."""


def read(*answers: Exchange) -> Evidence:
    """Return evidence of these exchanges, in this order."""
    first, *others, last = answers
    return evidence(spans=(Span(first, tuple(others), last),), opening=first)


def right(query: Query = UNFILTERED, cluster: Sequence[Provider] = CLUSTER) -> Exchange:
    """Return the correct response to a query, in any spelling."""
    return exchange(select(Query.of(query.pairs), cluster), query)


def rights(number: int, query: Query = UNFILTERED) -> list[Exchange]:
    return [right(query) for _ in range(number)]


def found(*answers: Exchange) -> Stability:
    return stability(read(*answers))


# ----------------------------------------------------------------------------- single responses


def test_a_still_cluster_differs_in_nothing() -> None:
    answers = [right(query) for _ in range(4) for query in PLAIN]
    seen = found(*answers)
    assert seen == Stability(usual=True, repeated=len(PLAIN), answers=len(answers))
    assert not seen.doubtful
    assert not seen.wrong


@pytest.mark.parametrize(
    ("query", "body", "lost", "added", "altered"),
    [
        (UNFILTERED, [OPEN, OLD, PINE], ("kafka",), (), ()),
        (UNFILTERED, [], ("kafka", "old-openAI", "openAI", "pinecone"), (), ()),
        (UNFILTERED, [*CLUSTER, provider("ghost")], (), ("ghost",), ()),
        (UNFILTERED, [{**OPEN, "type": "x"}, OLD, PINE, KAFKA], (), (), ("openAI",)),
        (ACTIVE, [OPEN, PINE, OLD], (), ("old-openAI",), ()),
        (ACTIVE, [PINE, {**OLD, "enabled": True}], ("openAI",), ("old-openAI",), ()),
        (AI, [OLD], ("openAI",), (), ()),
    ],
)
def test_an_answer_that_differs_for_a_moment(
    query: Query, body: Any, lost: Any, added: Any, altered: Any
) -> None:
    wrong = exchange(body, query)
    seen = found(*rights(5), *rights(2, query), wrong, *rights(2, query), *rights(5))
    assert seen.blips == (Blip(wrong, lost, added, altered),)
    assert (seen.answers, seen.lasting) == (15, 0)
    assert seen.doubtful
    assert not seen.wrong


@pytest.mark.parametrize(
    "body",
    [
        CLUSTER[::-1],
        [{**OPEN, "etag": 7}, OLD, PINE, KAFKA],
        [{**OPEN, "tags": OPEN["tags"][::-1]}, *CLUSTER[1:]],
        [dict(reversed(one.items())) for one in CLUSTER],
    ],
)
def test_equal_responses_in_another_order(body: Any) -> None:
    assert not found(*rights(6), exchange(list(body), UNFILTERED), *rights(6)).blips


@pytest.mark.parametrize(
    "answer",
    [
        exchange([OPEN], "activeOnly=maybe"),
        exchange([OPEN], "activeOnly=false&page=1"),
        exchange([OPEN], "activeOnly=false&activeOnly=false"),
        exchange([OPEN], UNFILTERED, path="/api/integrations/"),
        exchange([OPEN], UNFILTERED, status=500),
        exchange({"content": []}, UNFILTERED),
        exchange(b"[", UNFILTERED),
    ],
)
def test_only_lists_for_documented_queries_are_compared(answer: Exchange) -> None:
    seen = found(*rights(6), answer, *rights(6))
    assert seen == Stability(usual=True, repeated=1, answers=12)


def test_equivalent_spellings_are_compared() -> None:
    wrong = exchange([], "%61ctiveOnly=false")
    again = [exchange(list(CLUSTER), "%61ctiveOnly=false") for _ in range(2)]
    (blip,) = found(*rights(4), *again, wrong, *rights(4)).blips
    assert blip.exchange is wrong


def test_queries_asked_repeatedly_are_counted() -> None:
    assert found(*rights(4), right(BARE), right(ACTIVE), right(BARE), right()).repeated == 2


# ------------------------------------------------------------------------------ the usual state


def without(*names: str) -> Exchange:
    return exchange([one for one in CLUSTER if one["name"] not in names], UNFILTERED)


@pytest.mark.parametrize(
    ("answers", "usual"),
    [
        (rights(FEWEST_READS - 1), False),
        (rights(FEWEST_READS), True),
        ([*rights(8), without("kafka"), without("kafka")], True),
        ([*rights(7), *[without("kafka")] * 1, without("kafka"), without("kafka")], False),
        # The most frequent state, not the first.
        ([without("kafka"), *rights(8)], True),
        (rights(50, ACTIVE), False),
    ],
)
def test_a_usual_state_is_what_most_reads_of_everything_show(
    answers: list[Exchange], usual: bool
) -> None:
    seen = stability(read(*map(replace, answers)))
    assert seen.usual is usual
    if not usual:
        assert (seen.blips, seen.lasting, seen.answers) == ((), 0, 0)
        assert not seen.doubtful


def test_a_member_that_always_changes_leaves_the_others_comparable() -> None:
    def touched(number: int, *names: str) -> Exchange:
        body = [
            {**one, "updateTime": number + place}
            for place, one in enumerate(CLUSTER)
            if one["name"] not in names
        ]
        return exchange(body, UNFILTERED)

    answers = [touched(number) for number in range(10)]
    assert stability(read(*answers)) == Stability(usual=True, repeated=1, answers=10)
    answers[5] = touched(5, "kafka")
    (blip,) = stability(read(*answers)).blips
    assert (blip.lost, blip.added, blip.altered) == (("kafka",), (), ())


@pytest.mark.parametrize(
    "cluster",
    [
        [OPEN, provider("odd"), provider("odd", type="other")],
        [OPEN, provider("odd", enabled="yes")],
        [OPEN, {**provider(), "name": 7}],
    ],
)
def test_malformed_providers_are_ignored(cluster: list[Any]) -> None:
    whole = [exchange(cluster, UNFILTERED) for _ in range(9)]
    less = exchange(cluster[:1], ACTIVE)
    more = exchange(cluster, ACTIVE)
    seen = found(*whole[:5], less, more, less, more, less, *whole[5:])
    assert seen.usual
    assert (seen.blips, seen.lasting) == ((), 0)


# ---------------------------------------------------------------------------------- duration


def test_an_additional_provider_may_be_momentary_or_lasting() -> None:
    ghost = exchange([*CLUSTER, provider("ghost")], UNFILTERED)
    narrow = exchange([OPEN, PINE, provider("ghost")], ACTIVE)
    usual = [right(), right(ACTIVE)] * 2
    twice = found(*map(replace, [*usual, ghost, *usual, narrow, *usual, ghost, *usual]))
    assert [blip.added for blip in twice.blips] == [("ghost",)] * 3
    assert twice.lasting == 0
    stayed = found(*map(replace, [*usual, narrow, right(AI), ghost, *usual]))
    assert (stayed.blips, stayed.lasting) == ((), 1)


LESS = without("kafka")


@pytest.mark.parametrize(
    ("answers", "blips", "lasting"),
    [
        ([*rights(5), LESS, *rights(5)], 1, 0),
        ([*rights(5), LESS, LESS, *rights(5)], 0, 1),
        # Responses that cannot show the difference do not interrupt it.
        ([*rights(5), LESS, *rights(3, ACTIVE), LESS, *rights(5)], 0, 1),
        ([*rights(5), LESS, right(), LESS, *rights(5)], 2, 0),
        # A difference in the first or last response may be longer than was observed.
        ([LESS, *rights(8)], 0, 1),
        ([*rights(8), LESS], 0, 1),
        ([*rights(8), LESS, right(ACTIVE)], 0, 1),
        # Two providers that disappear at the same time are one change.
        ([*rights(9), *[without("kafka", "openAI")] * 2, right()], 0, 1),
        ([*rights(9), without("kafka", "openAI"), right()], 1, 0),
    ],
)
def test_how_long_a_difference_lasts(answers: list[Exchange], blips: int, lasting: int) -> None:
    seen = stability(read(*map(replace, answers)))
    assert (len(seen.blips), seen.lasting) == (blips, lasting)


def test_what_two_answers_in_a_row_lack_may_be_two_mistakes() -> None:
    seen = found(*rights(6), without("kafka"), without("openAI"), *rights(6))
    assert [blip.lost for blip in seen.blips] == [("kafka",), ("openAI",)]
    assert seen.lasting == 0


def empty(query: Query) -> Exchange:
    return exchange([], query)


def first_wrong(*, but: Sequence[Query] = ()) -> list[Exchange]:
    """Return responses, of which the first to each query is empty except for those in ``but``."""
    known = set(but)
    answers = []
    for query in [UNFILTERED, AI, AI, UNFILTERED, *PLAIN, *PLAIN, *[UNFILTERED] * 8]:
        answers.append(right(query) if query in known else empty(query))
        known.add(query)
    return answers


def test_first_answers_that_all_differ_are_no_change() -> None:
    holding = [query for query in PLAIN if select(query)]
    for known in ([], [UNFILTERED]):
        seen = found(*first_wrong(but=known))
        assert seen.asked == len(holding)
        assert {blip.exchange.query for blip in seen.firsts} == set(holding) - set(known)
        assert all(blip.lost and not blip.added for blip in seen.firsts)
        assert requests_to_watch(read(*first_wrong(but=known))) == ()


def test_a_cluster_that_is_filled_once_is_a_change() -> None:
    late = [empty(query) for query in (UNFILTERED, *PLAIN)]
    now = [right(query) for _ in range(3) for query in PLAIN]
    assert found(*late, *now, *rights(9)).firsts == ()


def test_first_responses_prove_nothing_if_others_differ_or_few_do() -> None:
    answers = first_wrong()
    answers.insert(-3, empty(AI))
    assert found(*answers).firsts == ()
    half = [query for number, query in enumerate(PLAIN) if number % 2]
    assert found(*first_wrong(but=half)).firsts == ()


def test_a_query_whose_responses_mostly_deviate_is_left_out() -> None:
    wrong = exchange([OLD], AI)
    alternating = [one for _ in range(6) for one in (replace(wrong), right())]
    assert not found(*rights(3), *alternating, *rights(3)).blips
    seldom = [one for _ in range(6) for one in (replace(wrong), right(), right(AI))]
    assert len(found(*rights(3), *seldom, *rights(3)).blips) == 6


@pytest.mark.parametrize(
    ("blips", "lasting", "answers", "doubtful", "wrong"),
    [
        (0, 0, 100, False, False),
        (0, 3, 100, False, False),
        (1, 0, 100, True, False),
        (FEWEST_BLIPS - 1, 0, 100, True, False),
        (FEWEST_BLIPS, 0, 100, True, True),
        (FEWEST_BLIPS, 1, 100, True, True),
        (FEWEST_BLIPS, 2, 100, False, False),
        (6, 2, 100, True, True),
        # Mistakes are rare; a cluster that often deviates is one that changes all the time.
        (19, 0, 100, True, True),
        (21, 0, 100, True, False),
        (FEWEST_BLIPS, 0, 20, True, False),
    ],
)
def test_how_many_blips_make_mistakes(
    blips: int, lasting: int, answers: int, doubtful: bool, wrong: bool
) -> None:
    moments = (Blip(right(), ("a",), (), ()),) * blips
    seen = Stability(True, 1, answers, moments, lasting)
    assert (seen.doubtful, seen.wrong) == (doubtful, wrong)


# ------------------------------------------------------------------------------------ watching


def test_nothing_is_watched_if_nothing_is_doubtful() -> None:
    assert requests_to_watch(read(*rights(9))) == ()
    assert requests_to_watch(read(*rights(2))) == ()
    changed = [without("kafka") for _ in range(2)]
    assert requests_to_watch(read(*rights(9), *changed, *rights(9))) == ()
    # Nor if a lasting difference shows that the cluster changes.
    beside = read(*rights(9), *changed, *rights(9), without("kafka"), *rights(9))
    assert len(stability(beside).blips) == 1
    assert requests_to_watch(beside) == ()


def test_the_unfiltered_view_is_watched_with_what_differed() -> None:
    wrong = exchange([OLD], AI)
    gathered = read(*rights(5), *rights(2, AI), wrong, *rights(2, AI), *rights(5))
    watched = requests_to_watch(gathered)
    assert len(watched) == WATCH_REQUESTS
    assert [request.query for request in watched[:4]] == [UNFILTERED, AI] * 2
    everything = read(*rights(9), without("kafka"), *rights(9))
    assert {request.query for request in requests_to_watch(everything)} == {UNFILTERED}


def test_few_queries_are_watched_however_many_differed() -> None:
    plain = [query for query in PLAIN if query != UNFILTERED]
    answers = [exchange([provider("ghost")], query) for query in plain]
    gathered = read(
        *(one for wrong in answers for one in (*rights(2, wrong.query), wrong, right()))
    )
    watched = requests_to_watch(gathered)
    assert len({request.query for request in watched}) == MOST_QUERIES
    assert watched[0].query == UNFILTERED


# --------------------------------------------- intermittent mistakes and clusters that change


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chances that are the same each time


def asked(rounds: int, order: random.Random) -> Iterator[Query]:
    """Yield queries roughly as a run sends them, with the unfiltered one between the parts."""
    wide = [query for query in PLAIN if not query.values("category")]
    parts = [list(PLAIN), list(variants(PLAIN))]
    everything = [*PLAIN, *wide]
    parts += [order.sample(everything, len(everything)) for _ in range(rounds)]
    for part in parts:
        yield UNFILTERED
        yield from part
    yield UNFILTERED


def judged(answer: Answer, order: random.Random, rounds: int = 3) -> tuple[Stability, int]:
    """Return the result after doubtful queries were watched, and the number of responses."""
    answers = [exchange(answer(query), query) for query in asked(rounds, order)]
    watched = requests_to_watch(read(*answers))
    if watched:
        queries = [*(request.query for request in watched), UNFILTERED]
        answers += [exchange(answer(query), query) for query in queries]
    return stability(read(*answers)), len(answers)


class ChangingServer:
    """A correct server with one provider that changes back and forth at random.

    Each state lasts for at least ``least`` responses that show it.
    """

    def __init__(self, chances: random.Random, *, change: Any, chance: float, least: int) -> None:
        self._chances, self._change = chances, change
        self._chance, self._least = chance, least
        self._changed = chances.choice(RICH)
        self._moved = change and {**self._changed, **change(self._changed)}
        self._away = False
        self._shown = least

    def __call__(self, query: Query) -> Sequence[Provider]:
        if self._shown >= self._least and self._chances.random() < self._chance:
            self._away, self._shown = not self._away, 0
        asked_for = Query.of(query.pairs)
        usual, other = (select(asked_for, self._cluster(away=away)) for away in (False, True))
        self._shown += usual != other
        return other if self._away else usual

    def _cluster(self, *, away: bool) -> list[Provider]:
        moved = [self._moved] if self._moved else []
        return [
            one for usual in RICH for one in (moved if away and usual is self._changed else [usual])
        ]


CHANGES: Mapping[str, Callable[[Provider], Provider] | None] = {
    "goes": None,
    "is switched": lambda one: {"enabled": not one["enabled"]},
    "is moved": lambda one: {"category": "GIT" if one["category"] != "GIT" else "CLOUD"},
    "is touched": lambda one: {"description": f"another {one['name']}"},
}


@settings(derandomize=True, max_examples=120)
@given(
    st.integers(0, 2**32),
    st.sampled_from(sorted(CHANGES)),
    st.one_of(st.sampled_from([0.01, 0.03, 0.1, 0.5, 1.0]), st.floats(0, 1)),
    st.integers(2, 30),
    st.sampled_from([1, 3]),
)
def test_a_changing_cluster_is_never_taken_for_a_mistake(
    seed: int, change: str, chance: float, least: int, rounds: int
) -> None:
    chances = seeded(seed)
    server = ChangingServer(chances, change=CHANGES[change], chance=chance, least=least)
    seen, answers = judged(server, chances, rounds)
    assert not seen.wrong
    if seen.answers == answers:
        # No response was left out, so each change was observed in full.
        assert seen.blips == ()


class OmittingServer:
    """A server that omits one provider from a random share of its responses."""

    def __init__(self, chances: random.Random, share: float) -> None:
        self._chances, self._share = chances, share

    def __call__(self, query: Query) -> Sequence[Provider]:
        chosen = select(Query.of(query.pairs), RICH)
        if self._chances.random() < self._share:
            return self._chances.sample(chosen, max(0, len(chosen) - 1))
        return chosen


def test_one_wrong_response_in_twenty_is_detected_in_a_long_run() -> None:
    for seed in range(40):
        chances = seeded(seed)
        answer = OmittingServer(chances, 0.05)
        answers = [exchange(answer(query), query) for query in asked(7, chances)]
        assert 240 <= len(answers) <= 300
        assert stability(read(*answers)).wrong, seed


def test_in_a_shorter_run_watching_nearly_always_detects_it() -> None:
    results = []
    for seed in range(40):
        chances = seeded(seed)
        results.append(judged(OmittingServer(chances, 0.05), chances))
    assert sum(seen.wrong for seen, _ in results) >= 35


def test_a_mistake_at_regular_intervals_is_detected() -> None:
    turns = iter(range(10**6))

    def answer(query: Query) -> Sequence[Provider]:
        chosen = select(Query.of(query.pairs), RICH)
        return chosen[:-1] if next(turns) % 17 == 16 else chosen

    seen, _ = judged(answer, seeded(1))
    assert seen.wrong
    assert {len(blip.lost) for blip in seen.blips} == {1}
    assert all((blip.added, blip.altered) == ((), ()) for blip in seen.blips)
