"""Test that a response counts only if the server works: outages, and errors that do not recur."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, repeat

import pytest
from support.canned.clock import Clock
from support.canned.exchanges import GRANTED, exchange

from conformance.contract.query import Query
from conformance.errors import CannotTest
from conformance.evidence.exchange import Access, AccessKind, Exchange, Request
from conformance.target.asking import REPEATS, Asker
from conformance.target.credentials import Token
from conformance.target.pacing import Pace
from conformance.target.retries import PROOFS, Retries
from conformance.target.tokens import Tokens

ABSENT = Access(AccessKind.ABSENT, "no credential", None)
FIRST = exchange([], "activeOnly=false")
CONTROL = FIRST.request
ODD = (302, 404, 500)
UNUSUAL = "category='"


def usual(query: Query) -> bool:
    return query.wire != UNUSUAL


class Server:
    """Responds to the first query by ``well``, and to all others in turn."""

    def __init__(self, *others: int, well: Callable[[float], int] = lambda _: 200) -> None:
        self.clock = Clock()
        self.others = iter(others)
        self.well = well
        self.aside: list[Exchange] = []
        self.asked: list[Request] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self._moments = count(1)
        retries = Retries(Pace(60, clock=self.clock, sleep=self.clock.sleep))
        tokens = Tokens(Token("a-token"), retries, lambda _: (FIRST, b""), lambda _: None)
        self.retries = retries
        self.asker = Asker(retries, tokens, self.send, usual, self.aside.append)
        self.asker.first = FIRST

    def send(self, request: Request, _: Token | None) -> Exchange:
        self.asked.append(request)
        sent = next(self._moments)
        if request == CONTROL:
            status = self.well(self.clock.now)
        else:
            status = next(self.others)
            self.meanwhile()
        answer = exchange([] if status == 200 else b"", request.query.wire, status=status)
        return replace(answer, request=request, sent=sent, answered=next(self._moments))

    def ask(self, access: Access = GRANTED, method: str = "GET") -> Exchange:
        request = exchange([], "category=GIT", access=access, method=method).request
        return self.asker.ask(request)


def down(until: float, status: int) -> Callable[[float], int]:
    return lambda now: status if now < until else 200


@pytest.mark.parametrize(
    ("status", "times"), [(302, 2), (400, 2), (401, 2), (403, 2), (404, 2), (500, 1)]
)
def test_a_failure_of_a_working_server_counts(status: int, times: int) -> None:
    server = Server(*repeat(status, times))
    assert server.ask().status == status
    assert server.asked[-1] == CONTROL
    assert server.clock.now == 0
    assert not server.aside


def test_once_a_failure_counted_for_some_queries_it_is_not_asked_again() -> None:
    server = Server(*repeat(404, 2 * PROOFS), 404)
    assert [server.ask().status for _ in range(PROOFS + 1)] == [404] * (PROOFS + 1)


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_failure_that_passes_may_be_the_end_of_an_outage(status: int) -> None:
    server = Server(status, 200)
    assert server.ask().status == 200
    assert [exchange.status for exchange in server.aside] == [status]
    (note,) = server.retries.notes()
    assert f"1 response with status {status}" in note


def test_all_failures_that_pass_are_set_aside() -> None:
    server = Server(403, 200, 403, 200, 404, 200)
    assert [server.ask().status for _ in range(3)] == [200] * 3
    assert [exchange.status for exchange in server.aside] == [403, 403, 404]


@pytest.mark.parametrize("status", [*ODD, 403])
def test_an_outage_of_the_whole_server_is_waited_out(status: int) -> None:
    server = Server(status, 200, well=down(1, status))
    assert server.ask().status == 200
    assert 1 < server.clock.now < 2


@pytest.mark.parametrize("status", ODD)
def test_an_outage_is_no_response_to_a_refused_credential(status: int) -> None:
    server = Server(status, 401, well=down(1, status))
    assert server.ask(ABSENT).status == 401
    assert not server.aside


def test_the_outage_is_noted() -> None:
    server = Server(404, 200, well=down(1, 404))
    server.ask()
    (note,) = server.retries.notes()
    assert note.startswith("Transient failures were retried: 4 responses with status 404; 1.5 s")


@pytest.mark.parametrize("status", ODD)
def test_a_server_that_stays_down_is_given_up(status: int) -> None:
    server = Server(status, well=lambda _: status)
    with pytest.raises(CannotTest, match=rf"stopped responding during the run: .* status {status}"):
        server.ask(ABSENT)
    assert 59 < server.clock.now < 61


def test_a_credential_that_stays_refused_is_named_soon() -> None:
    server = Server(403, well=lambda _: 403)
    with pytest.raises(CannotTest, match="is now refused"):
        server.ask()
    assert 2 < server.clock.now < 4


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("bare", [401, 403])
def test_a_ban_after_unusual_queries_is_named(status: int, bare: int) -> None:
    server = Server(200, status, bare, well=lambda _: status)
    server.asker.ask(exchange([], UNUSUAL).request)
    banned = (status, bare) == (403, 403)
    with pytest.raises(CannotTest, match="may have banned" if banned else "may have expired"):
        server.ask()


@pytest.mark.parametrize(
    ("status", "method"),
    [*((status, "GET") for status in (*ODD, 400, 406)), (302, "HEAD"), (500, "HEAD")],
)
def test_an_error_instead_of_a_refusal_counts_if_it_recurs(status: int, method: str) -> None:
    server = Server(*repeat(status, 1 + REPEATS))
    assert server.ask(ABSENT, method).status == status
    assert not server.aside
    assert sum(request != CONTROL for request in server.asked) == 1 + REPEATS


@pytest.mark.parametrize("times", range(1, 1 + REPEATS))
def test_an_error_instead_of_a_refusal_is_set_aside_if_it_passes(times: int) -> None:
    server = Server(*repeat(500, times), 401)
    assert server.ask(ABSENT).status == 401
    assert [exchange.status for exchange in server.aside] == [500]


def test_once_an_error_counted_for_some_requests_one_repeat_is_enough() -> None:
    server = Server(*repeat(500, PROOFS * (1 + REPEATS)), 500, 500, 500, 401)
    assert [server.ask(ABSENT).status for _ in range(PROOFS + 2)] == [*repeat(500, PROOFS + 1), 401]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_accepted_credential_counts_at_once(method: str) -> None:
    server = Server(200)
    assert server.ask(ABSENT, method).status == 200
    assert not server.aside


def test_what_is_refused_or_unsupported_is_not_asked_again() -> None:
    usual = ((ABSENT, "GET", 401), (ABSENT, "HEAD", 405), (GRANTED, "GET", 200))
    for access, method, status in usual:
        server = Server(status)
        assert server.ask(access, method).status == status
        assert len(server.asked) == 1


def test_a_response_from_before_the_end_of_an_outage_does_not_count() -> None:
    server = Server(404, 200, well=down(1, 404))
    # Another thread waits until it is over before this one has read its response.
    server.meanwhile = server.asker.recover
    assert server.ask().status == 200
