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
    Blip,
    Stability,
    are_slow,
    requests_to_watch,
    stability,
    take_turns,
)
from conformance.evidence.spans import Span
from conformance.runner.unusual_queries import variants

Provider = Mapping[str, Any]
Answer = Callable[[Query], Sequence[Provider]]

OPEN, OLD, PINE, KAFKA = CLUSTER
ACTIVE = Query("activeOnly=true")
BARE = Query("")
AI = Query("category=AI_MODEL&activeOnly=false")
GIT = Query("category=GIT")
PLAIN = documented(LAW)
HOLDING = sum(bool(select(query)) for query in PLAIN)
"""How many documented queries have a result with providers."""
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


def one_at_a_time(answers: Sequence[Exchange]) -> list[Exchange]:
    return [
        replace(answer, sent=2 * number, answered=2 * number + 1)
        for number, answer in enumerate(answers)
    ]


def right(query: Query = UNFILTERED, cluster: Sequence[Provider] = CLUSTER) -> Exchange:
    """Return the correct response to a query, in any spelling."""
    return exchange(select(Query.of(query.pairs), cluster), query)


def rights(number: int, query: Query = UNFILTERED) -> list[Exchange]:
    return [right(query) for _ in range(number)]


def found(*answers: Exchange) -> Stability:
    return stability(read(*answers))


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


TURNED = [{**dict(reversed(one.items())), "tags": one["tags"][::-1], "etag": 7} for one in CLUSTER]


@pytest.mark.parametrize(
    ("answer", "compared"),
    [
        # The order of providers, fields and tags does not matter, nor do undocumented fields.
        (exchange(TURNED[::-1], UNFILTERED), 13),
        *((exchange([OPEN], f"activeOnly={one}"), 12) for one in ("maybe", "false&page=1")),
        (exchange([OPEN], UNFILTERED, path="/api/integrations/"), 12),
        (exchange([OPEN], UNFILTERED, status=500), 12),
        (exchange({"content": []}, UNFILTERED), 12),
    ],
)
def test_which_responses_are_compared_and_equal(answer: Exchange, compared: int) -> None:
    seen = found(*rights(6), answer, *rights(6))
    assert seen == Stability(usual=True, equal=1, answers=compared)
    assert (seen.doubtful, seen.wrong) == (False, False)
    every = [right(query) for _ in range(4) for query in PLAIN]
    assert found(*every) == Stability(usual=True, equal=HOLDING, answers=len(every))


def test_equivalent_spellings_are_compared_and_equal_queries_counted() -> None:
    wrong = exchange([], "%61ctiveOnly=false")
    again = [exchange(list(CLUSTER), "%61ctiveOnly=false") for _ in range(2)]
    (blip,) = found(*rights(4), *again, wrong, *rights(4)).blips
    assert blip.exchange is wrong
    assert found(*rights(4), right(BARE), right(ACTIVE), right(BARE), right()).equal == 2
    # Neither those that changed, nor those that are always empty.
    assert found(*rights(4), right(BARE), exchange([PINE], BARE), right()).equal == 1
    assert found(*rights(4), *[exchange([], GIT)] * 2, right()).equal == 1


def without(*names: str) -> Exchange:
    return exchange([one for one in CLUSTER if one["name"] not in names], UNFILTERED)


@pytest.mark.parametrize(
    ("answers", "usual"),
    [
        (rights(3), False),
        (rights(4), True),
        ([*rights(8), without("kafka"), without("kafka")], True),
        ([*rights(7), *[without("kafka")] * 3], False),
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
    assert stability(read(*answers)) == Stability(usual=True, equal=1, answers=10)
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
        # Two providers that disappear together are one change, one after the other two mistakes.
        ([*rights(9), *[without("kafka", "openAI")] * 2, right()], 0, 1),
        ([*rights(9), without("kafka", "openAI"), right()], 1, 0),
        ([*rights(6), LESS, without("openAI"), *rights(6)], 2, 0),
    ],
)
def test_how_long_a_difference_lasts(answers: list[Exchange], blips: int, lasting: int) -> None:
    seen = stability(read(*map(replace, answers)))
    assert (len(seen.blips), seen.lasting) == (blips, lasting)


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


def test_first_answers_may_differ_once_for_all_queries_of_one_meaning() -> None:
    known: set[tuple[tuple[str, ...], bool]] = set()
    answers = []
    for query in [UNFILTERED, AI, AI, UNFILTERED, *PLAIN, *PLAIN, *[UNFILTERED] * 8]:
        # Without activeOnly, a query means the same as with true.
        meaning = query.values("category"), query.values("activeOnly") == ("false",)
        answers.append(right(query) if meaning in known else empty(query))
        known.add(meaning)
    seen = found(*answers)
    assert seen.firsts
    assert seen.asked < HOLDING


@pytest.mark.parametrize(("overlap", "count"), [(True, HOLDING), (False, 0)])
def test_of_overlapping_requests_any_may_have_been_the_first(overlap: bool, count: int) -> None:
    answers = one_at_a_time(first_wrong())
    early, late, *_ = (at for at, answer in enumerate(answers) if answer.query == AI)
    one, other = answers[early], answers[late]
    end = other.answered if overlap else one.answered
    answers[early] = replace(one, body=other.body, answered=end)
    answers[late] = replace(other, body=one.body)
    assert len(found(*answers).firsts) == count


def test_first_responses_prove_nothing_if_the_cluster_changed_or_few_differ() -> None:
    filled_once = [empty(query) for query in (UNFILTERED, *PLAIN)]
    filled_once += [right(query) for _ in range(3) for query in PLAIN]
    later = first_wrong()
    later.insert(-3, empty(AI))
    half = first_wrong(but=[query for number, query in enumerate(PLAIN) if number % 2])
    for answers in ([*filled_once, *rights(9)], later, half):
        assert found(*answers).firsts == ()


def test_a_query_whose_responses_mostly_deviate_is_left_out() -> None:
    wrong = exchange([OLD], AI)
    alternating = [one for _ in range(6) for one in (replace(wrong), right())]
    assert not found(*rights(3), *alternating, *rights(3)).blips
    seldom = [one for _ in range(6) for one in (replace(wrong), right(), right(AI))]
    assert len(found(*rights(3), *seldom, *rights(3)).blips) == 6


def test_how_many_blips_make_mistakes() -> None:
    certain, doubtful, none = (True, True), (True, False), (False, False)
    for blips, lasting, answers, expected in (
        *((0, 0, 100, none), (0, 3, 100, none), (1, 0, 100, doubtful), (4, 0, 100, doubtful)),
        *((5, 0, 100, certain), (5, 1, 100, certain), (5, 2, 100, none), (6, 2, 100, certain)),
        # Mistakes are rare; a cluster that often deviates is one that changes all the time.
        *((19, 0, 100, certain), (21, 0, 100, doubtful), (5, 0, 20, doubtful)),
    ):
        moments = (Blip(right(), ("a",), (), ()),) * blips
        seen = Stability(True, 1, answers, moments, lasting)
        assert (seen.doubtful, seen.wrong) == expected, (blips, lasting, answers)
    # Deviations that may be changes make doubtful, but never certain.
    unclear = Stability(True, 1, 100, unclear=9)
    assert (unclear.doubtful, unclear.wrong) == (True, False)


@pytest.mark.parametrize(("seconds", "elapsed", "blips"), [(0.01, 0.002, 1), (0.1, 0.002, 0)])
def test_a_brief_difference_among_slow_responses_may_be_a_change(
    seconds: float, elapsed: float, blips: int
) -> None:
    answers = [*rights(6), LESS, *rights(6)]
    timed = [
        replace(one, started=number * seconds, elapsed=elapsed)
        for number, one in enumerate(answers)
    ]
    seen = stability(read(*timed))
    assert (len(seen.blips), seen.unclear, seen.lasting) == (blips, 1 - blips, 0)


def test_responses_at_the_same_time_show_a_mistake_however_slow_they_are() -> None:
    together = [replace(one, started=1.0, elapsed=0.3) for one in [*rights(6), LESS, *rights(6)]]
    assert len(stability(read(*together)).blips) == 1
    assert are_slow(read(*together))
    assert not are_slow(read(*(replace(one, elapsed=0.004) for one in together)))


@pytest.mark.parametrize(("answers", "power"), [(0, 0), (30, 8), (72, 20), (146, 40), (900, 40)])
def test_which_servers_would_be_caught(answers: int, power: int) -> None:
    assert Stability(True, 1, answers).power == power


def test_the_list_takes_turns() -> None:
    for every, turns in ((1, True), (2, True), (7, False)):
        states = [(right, lambda: without("kafka"))[number // every % 2]() for number in range(60)]
        assert take_turns(read(*map(replace, states))) is turns
    assert not take_turns(read(*rights(9)))


def test_nothing_is_watched_if_nothing_is_doubtful() -> None:
    changed = [without("kafka") for _ in range(2)]
    for answers in (rights(9), rights(2), [*rights(9), *changed, *rights(9)]):
        assert requests_to_watch(read(*answers)) == ()
    # Nor if a lasting difference shows that the cluster changes.
    beside = read(*rights(9), *changed, *rights(9), without("kafka"), *rights(9))
    assert len(stability(beside).blips) == 1
    assert requests_to_watch(beside) == ()


def test_the_unfiltered_list_is_watched_with_few_of_the_queries_that_differed() -> None:
    wrong = exchange([OLD], AI)
    watched = requests_to_watch(read(*rights(5), *rights(2, AI), wrong, *rights(2, AI), *rights(5)))
    assert len(watched) == 60
    assert [request.query for request in watched[:4]] == [UNFILTERED, AI] * 2
    alone = requests_to_watch(read(*rights(9), without("kafka"), *rights(9)))
    assert {request.query for request in alone} == {UNFILTERED}
    spelling = Query("activeOnly=false&category=AI%5FMODEL")
    odd = exchange([OLD], spelling)
    known = rights(4, spelling)
    beside = requests_to_watch(read(*rights(5), *known[:2], odd, *known[2:], *rights(5)))
    assert [request.query for request in beside[:3]] == [UNFILTERED, AI, spelling]
    many = [exchange([provider("ghost")], query) for query in PLAIN if query != UNFILTERED]
    answers = [one for wrong in many for one in (*rights(2, wrong.query), wrong, right())]
    watched = requests_to_watch(read(*one_at_a_time(answers)))
    assert len({request.query for request in watched}) == 6
    assert watched[0].query == UNFILTERED


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
    while watched:
        queries = [*(request.query for request in watched), UNFILTERED]
        answers += [exchange(answer(query), query) for query in queries]
        watched = requests_to_watch(read(*answers), again=True)
    return stability(read(*answers)), len(answers)


def changing(
    chances: random.Random, change: Callable[[Provider], Provider] | None, chance: float, least: int
) -> Answer:
    """Return a correct server with one provider that changes back and forth at random.

    Each state lasts for at least ``least`` responses that show it.
    """
    changed = chances.choice(RICH)
    moved = [{**changed, **change(changed)}] if change else []
    other = [one for usual in RICH for one in (moved if usual is changed else [usual])]
    away, shown = False, least

    def answer(query: Query) -> Sequence[Provider]:
        nonlocal away, shown
        if shown >= least and chances.random() < chance:
            away, shown = not away, 0
        results = [select(Query.of(query.pairs), cluster) for cluster in (RICH, other)]
        shown += results[0] != results[1]
        return results[away]

    return answer


CHANGES: Mapping[str, Callable[[Provider], Provider] | None] = {
    "goes": None,
    "is switched": lambda one: {"enabled": not one["enabled"]},
    "is moved": lambda one: {"category": "GIT" if one["category"] != "GIT" else "CLOUD"},
    "is touched": lambda one: {"description": f"another {one['name']}"},
}


@settings(derandomize=True, max_examples=40)
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
    chances = random.Random(seed)  # noqa: S311 - chances that are the same each time
    server = changing(chances, CHANGES[change], chance, least)
    seen, answers = judged(server, chances, rounds)
    assert not seen.wrong
    if seen.answers == answers:
        # No response was left out, so each change was observed in full.
        assert seen.blips == ()


@pytest.mark.slow
def test_one_wrong_response_in_twenty_is_detected_in_nearly_every_run() -> None:
    chances = random.Random()  # noqa: S311 - seeded below

    def answer(query: Query) -> Sequence[Provider]:
        """Omit one provider from one in twenty responses."""
        chosen = select(Query.of(query.pairs), RICH)
        return chances.sample(chosen, max(0, len(chosen) - (chances.random() < 0.05)))

    long_runs = short_runs = 0
    for seed in range(20):
        chances.seed(seed)
        answers = [exchange(answer(query), query) for query in asked(7, chances)]
        assert 240 <= len(answers) <= 300
        long_runs += stability(read(*answers)).wrong
        chances.seed(seed)
        # A shorter run is watched for a while.
        short_runs += judged(answer, chances)[0].wrong
    assert long_runs >= 19
    assert short_runs >= 18
