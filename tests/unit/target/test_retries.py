"""Test that transient failures are retried, and a query is blamed only if it always fails."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import chain, cycle, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.clock import RIGHT, Asked, busy, troubled
from support.canned.exchanges import exchange

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.target.retries import (
    OPTIONAL_ATTEMPTS,
    PLAIN_ATTEMPTS,
    RESERVE,
    SHORT_CUT,
    TRIALS,
    Control,
    Purpose,
)

NO_SERVER = (TroubleKind.UNREACHABLE, TroubleKind.NOT_HTTP, TroubleKind.TLS)
BRIEF = (408, 425, 502, 503, 504, *range(520, 528), 529, 530)
LOST = troubled(TroubleKind.CLOSED)
LATE = troubled(TroubleKind.TIMEOUT, elapsed=10.0)
SOON_LATE = troubled(TroubleKind.TIMEOUT, elapsed=0.3)


def never(_: Exchange) -> None:
    raise AssertionError


def well() -> Control:
    """Return a control request that always succeeds."""
    return Control(lambda: RIGHT, never)


def endpoint(asked: Asked, control: Control | None = None) -> Exchange:
    return asked.ask(Purpose.ENDPOINT, control=control or well())


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        *(busy(status) for status in (201, 302, 400, 401, 403, 404, 500, 501)),
        troubled(TroubleKind.UNDECODABLE),
        troubled(TroubleKind.TOO_LARGE),
    ],
)
def test_a_final_answer_is_not_asked_again(answer: Exchange, purpose: Purpose) -> None:
    asked = Asked(answer)
    assert asked.ask(purpose, control=well()) == replace(answer, attempts=1)
    assert asked.clock.now == 0
    assert asked.notes == []


@pytest.mark.parametrize(
    ("failure", "words", "sent", "waited"),
    [
        *((busy(n), f"responses with status {n}", [0, 0.1, 0.3], 0.3) for n in BRIEF),
        # A lost connection is replaced at once.
        (LOST, "lost connections", [0, 0, 0.2], 0.2),
        (troubled(TroubleKind.UNREACHABLE), "failed connections", [0, 0, 0.2], 0.2),
        (troubled(TroubleKind.TLS), "failed TLS handshakes", [0, 0, 0.2], 0.2),
        (troubled(TroubleKind.NOT_HTTP), "responses that were not HTTP", [0, 0, 0.2], 0.2),
        (troubled(TroubleKind.CUT_SHORT), "truncated responses", [0, 0, 0], 0.0),
        # A timeout counts as waiting.
        (LATE, "timeouts", [0, 10, 20], 20.0),
    ],
)
def test_an_answer_that_passes_is_waited_out(
    failure: Exchange, words: str, sent: list[float], waited: float
) -> None:
    others = [Purpose.REQUIRED, Purpose.OPENING] if failure.status else [Purpose.REQUIRED]
    for purpose in (Purpose.ENDPOINT, *others):
        asked = Asked(failure, failure, RIGHT)
        assert asked.ask(purpose, control=well()) == replace(RIGHT, attempts=3)
        assert asked.sent == sent
        (note,) = asked.notes
        assert note == (
            f"Transient failures were retried: 2 {words}; {waited:.1f} s of waiting in total."
        )


@pytest.mark.parametrize(
    "answer",
    [
        busy(429, "7"),
        busy(503, "7"),
        # With a body that breaks off.
        replace(busy(429, "7"), trouble=troubled(TroubleKind.CUT_SHORT).trouble),
    ],
)
def test_nobody_is_asked_for_as_long_as_the_server_wants(answer: Exchange) -> None:
    asked = Asked(answer, RIGHT)
    assert endpoint(asked).attempts == 2
    assert asked.sent == [0, 7]


def test_429_is_never_an_answer() -> None:
    asked = Asked(*repeat(busy(429), 1000))
    with pytest.raises(CannotTest, match=r"status 429 after \d\d attempts; waited 60.0 s"):
        endpoint(asked)
    assert asked.clock.now == pytest.approx(60)
    asked = Asked(*repeat(busy(429), 1000))
    with pytest.raises(CannotTest, match="if a rate limiter has banned this client"):
        endpoint(asked)


def test_an_absurd_wait_is_not_begun() -> None:
    asked = Asked(busy(429, "86400"))
    with pytest.raises(CannotTest, match=r"asks for a longer wait \(Retry-After: 86400\)"):
        endpoint(asked)
    assert asked.clock.now == 0
    with pytest.raises(CannotTest, match="asks for a longer wait"):
        endpoint(Asked(busy(503, "9" * 5000)))


def test_without_a_budget_the_end_comes_at_once() -> None:
    asked = Asked(busy(), budget=0)
    with pytest.raises(CannotTest, match="503 after 1 attempt; --retry-budget 0 allows no waiting"):
        endpoint(asked)
    # Retries without a wait are still made.
    assert endpoint(Asked(LOST, RIGHT, budget=0)).attempts == 2


def test_the_budget_is_shared_by_all_requests() -> None:
    asked = Asked(busy(503, "20"), RIGHT, busy(503, "10"), RIGHT, busy(503, "1"), budget=30)
    assert [endpoint(asked).status for _ in range(2)] == [200, 200]
    with pytest.raises(CannotTest, match=r"waited 30\.0 s in total of the 30 s allowed"):
        endpoint(asked)


@pytest.mark.parametrize("purpose", [Purpose.REQUIRED, Purpose.ENDPOINT])
@pytest.mark.parametrize("trouble", [busy(503), LOST, LATE, troubled(TroubleKind.UNREACHABLE)])
def test_a_server_that_does_not_recover_is_given_up(trouble: Exchange, purpose: Purpose) -> None:
    asked = Asked(*repeat(trouble, 1000))
    with pytest.raises(CannotTest, match="the server did not recover: GET https://conductor"):
        asked.ask(purpose, control=Control(asked.send, never))
    assert 60 <= asked.clock.now < 75


@pytest.mark.parametrize("trouble", [busy(503), LOST, LATE])
def test_a_server_that_recovers_in_time_is_not_blamed(trouble: Exchange) -> None:
    asked = Asked(*repeat(trouble, 1000))

    def send() -> Exchange:
        return RIGHT if asked.clock.now > 40 else asked.send()

    answer = asked.retries.ask(send, Purpose.ENDPOINT, control=Control(send, never))
    assert answer.ok
    assert asked.clock.now < 60


@pytest.mark.parametrize("trouble", [busy(502), busy(503), busy(504), LOST])
def test_a_query_that_fails_each_time_while_others_are_answered_is_blamed(
    trouble: Exchange,
) -> None:
    # One that is late each time is blamed after few attempts.
    assert endpoint(Asked(*repeat(LATE, 100))) == replace(LATE, attempts=4, settled=True)
    asked = Asked(*repeat(trouble, 100), budget=RESERVE)
    answer = endpoint(asked)
    assert answer == replace(trouble, attempts=PLAIN_ATTEMPTS + TRIALS, settled=True)
    assert "13 attempts while other queries were answered" in answer.outcome
    # The attempts span several seconds, and the failures are not noted as transient.
    assert 3 < asked.clock.now < 10
    assert asked.notes == []


@pytest.mark.parametrize("seconds", [0.1, 15, 45, 54])
@pytest.mark.parametrize("trouble", [busy(503), busy(503, "0"), busy(521), LOST, SOON_LATE])
def test_a_query_is_not_blamed_for_a_restart_behind_its_url(
    trouble: Exchange, seconds: float
) -> None:
    asked = Asked(*repeat(trouble, 1000))

    def send() -> Exchange:
        return RIGHT if asked.clock.now > seconds else asked.send()

    answer = asked.retries.ask(send, Purpose.ENDPOINT, control=well())
    if answer.settled:
        answer = asked.retries.ask(send, Purpose.LAST, control=well())
    assert answer.ok
    assert asked.clock.now < seconds + 10


@pytest.mark.parametrize("trouble", [busy(503), busy(503, "0"), LOST, SOON_LATE, LATE])
def test_at_the_end_the_whole_budget_is_used(trouble: Exchange) -> None:
    asked = Asked(*repeat(trouble, 1000))
    assert endpoint(asked).settled
    assert asked.clock.now < 60
    for _ in range(3):
        assert asked.ask(Purpose.LAST, control=well()).settled
    # A query that was blamed needs no more waiting, and does not end the run.
    assert endpoint(asked).settled
    # What is spent beyond it are the last attempts themselves.
    assert 60 <= asked.clock.now + 0.01 < 61 + 4 * trouble.elapsed


@pytest.mark.parametrize("kind", [TroubleKind.UNREACHABLE, TroubleKind.TLS])
def test_what_comes_before_the_query_is_never_blamed_on_it(kind: TroubleKind) -> None:
    with pytest.raises(CannotTest):
        endpoint(Asked(*repeat(troubled(kind), 1000)))


def test_blame_needs_the_server_to_be_well_all_the_time() -> None:
    asked = Asked(*repeat(busy(503), 1000))
    control = cycle([*[RIGHT] * (TRIALS - 1), busy(503)])
    with pytest.raises(CannotTest):
        endpoint(asked, Control(lambda: next(control), never))


def test_a_query_that_hangs_is_blamed_when_the_budget_is_spent() -> None:
    asked = Asked(*repeat(LATE, 1000), budget=25.0)
    blamed = endpoint(asked)
    assert (blamed.settled, blamed.timed_out) == (True, True)
    # Then one attempt is enough, but not while the server is down as a whole.
    assert endpoint(asked).settled
    down = Asked(*repeat(LATE, 1000), budget=25.0)
    with pytest.raises(CannotTest):
        endpoint(down, Control(down.send, never))
    with pytest.raises(CannotTest):
        endpoint(Asked(*repeat(LATE, 1000), budget=5.0))


def test_who_puts_off_for_too_long_is_named_and_not_who_waits() -> None:
    asked = Asked(*repeat(LOST, PLAIN_ATTEMPTS), budget=RESERVE)
    # The control request is asked to wait, while this one loses its connection each time.
    expected = r"GET \S+ returned status 429 and asks for a longer wait \(Retry-After: 3600\)"
    with pytest.raises(CannotTest, match=expected):
        endpoint(asked, Control(lambda: busy(429, "3600"), never))


def test_a_control_that_is_refused_gets_a_new_credential() -> None:
    controls = chain([busy(401)], repeat(RIGHT))
    renewed: list[Exchange] = []
    asked = Asked(*repeat(busy(503), PLAIN_ATTEMPTS), RIGHT, budget=RESERVE)
    assert endpoint(asked, Control(lambda: next(controls), renewed.append)).ok
    assert renewed == [busy(401)]


def test_after_some_proofs_less_is_enough_unless_repeating_helped() -> None:
    def other(number: int) -> Exchange:
        return exchange(b"", f"category={number}", status=503)

    failures = chain.from_iterable(repeat(other(number), 13) for number in range(3))
    asked = Asked(*failures)
    # Enough for the trials, and too little for patience.
    asked.retries.pace.budget.pay(0, 60 - RESERVE)
    assert [endpoint(asked).attempts for _ in range(3)] == [PLAIN_ATTEMPTS + TRIALS] * 3
    asked.answers = chain(repeat(other(3), SHORT_CUT), [other(4), RIGHT], repeat(other(5)))
    assert endpoint(asked).attempts == SHORT_CUT
    assert endpoint(asked).ok
    assert endpoint(asked).attempts == PLAIN_ATTEMPTS + TRIALS
    # A request that was blamed before is blamed again.
    asked.answers = repeat(other(0))
    assert endpoint(asked).attempts == SHORT_CUT


def at_random(chance: float, trouble: Exchange, seed: int) -> Callable[[], Exchange]:
    dice = random.Random(seed)  # noqa: S311 - not a secret
    return lambda: trouble if dice.random() < chance else RIGHT


@pytest.mark.parametrize("trouble", [busy(429), busy(503), LOST, troubled(TroubleKind.CUT_SHORT)])
@pytest.mark.parametrize("seed", range(3))
def test_trouble_at_random_is_waited_out_within_the_budget(trouble: Exchange, seed: int) -> None:
    asked = Asked()
    send = at_random(0.2, trouble, seed)
    for _ in range(400):
        answer = asked.retries.ask(send, Purpose.ENDPOINT, control=Control(send, never))
        assert answer.ok


def test_the_chance_to_blame_a_server_for_trouble_at_random_is_negligible() -> None:
    def blamed(chance: float) -> float:
        """Return the probability that a request is blamed if each attempt fails with ``chance``."""
        # After k failed trials in a row the probability is a * (that after none) + b.
        factor, rest = 0.0, 1.0
        for _ in range(TRIALS):
            again = (1 - chance) * chance
            factor, rest = chance + again * factor, again * rest
        return chance**PLAIN_ATTEMPTS * rest / (1 - factor)

    assert 400 * blamed(0.2) < 1e-7
    assert 400 * blamed(0.3) < 1e-5
    assert 400 * max(blamed(chance / 100) for chance in range(1, 100)) < 0.003


@pytest.mark.parametrize(
    ("trouble", "attempts"),
    [
        (busy(), PLAIN_ATTEMPTS),
        (LOST, PLAIN_ATTEMPTS),
        (LATE, 1),
        *((troubled(kind), 1) for kind in NO_SERVER),
    ],
)
def test_at_first_some_attempts_are_enough(trouble: Exchange, attempts: int) -> None:
    asked = Asked(*repeat(trouble, 10))
    assert asked.ask(Purpose.OPENING) == replace(trouble, attempts=attempts)
    assert attempts > 1 or asked.clock.now == trouble.elapsed


def test_a_server_that_goes_down_at_first_is_waited_for() -> None:
    away = troubled(TroubleKind.UNREACHABLE)
    asked = Asked(busy(), *repeat(away, 3 * PLAIN_ATTEMPTS), RIGHT)
    assert asked.ask(Purpose.OPENING) == replace(RIGHT, attempts=3 * PLAIN_ATTEMPTS + 2)
    for_good = Asked(busy(), *repeat(away, 10**6))
    assert for_good.ask(Purpose.OPENING).trouble == away.trouble
    assert for_good.clock.now == pytest.approx(60, abs=5)


def test_trouble_at_first_is_told_once_it_is_over() -> None:
    asked = Asked(*repeat(busy(), PLAIN_ATTEMPTS), RIGHT)
    assert asked.ask(Purpose.OPENING).status == 503
    assert asked.notes == []
    assert asked.ask(Purpose.OPENING).ok
    assert "5 responses with status 503" in asked.notes[0]


def test_requests_aside_cost_a_part_of_the_budget_at_the_most() -> None:
    asked = Asked(*repeat(busy(429, "1"), 10**6))
    attempts = [asked.ask(Purpose.OPTIONAL).attempts for _ in range(100)]
    assert (attempts[0], attempts[-1]) == (OPTIONAL_ATTEMPTS, 1)
    assert asked.clock.now == pytest.approx(10)
    (note,) = asked.notes
    assert note == (
        "Requests with refused credentials or to other endpoints kept failing "
        f"({sum(attempts)} responses with status 429); these failures are not judged."
    )


def test_requests_aside_do_not_wait_for_long() -> None:
    for trouble, attempts in ((busy(429, "3600"), 1), (LATE, 1), (LOST, OPTIONAL_ATTEMPTS)):
        asked = Asked(*repeat(trouble, 100))
        answer = asked.ask(Purpose.OPTIONAL)
        assert (answer.attempts, answer.settled) == (attempts, False)
        assert asked.clock.now < 11
    asked = Asked(busy(429, "1"), RIGHT)
    assert asked.ask(Purpose.OPTIONAL).ok


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_no_header_breaks_the_waiting(value: str) -> None:
    asked = Asked(busy(429, value), RIGHT)
    with suppress(CannotTest):
        assert endpoint(asked).ok
    assert 0 <= asked.clock.now <= 61
