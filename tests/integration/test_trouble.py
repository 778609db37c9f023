"""Test failing servers over real sockets: transient failures are retried, lasting ones reported."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import socket
import time
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.judging import explained, failed
from support.servers.plain import listening, talking

import conformance
from conformance import AccessKey, CannotTest, Outcome, Recorder, Report, Target
from conformance.contract.query import Query
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.recording.reader import parse
from conformance.reference import EmbeddedServer, Operation, ReferenceServer, operation_of
from conformance.reference.replies import Dropped
from conformance.reference.server import Handler
from conformance.runner.opening import open_target

Answer = Callable[[], Response]


class Breaking(ReferenceServer):
    """Responds normally to some listings, then with another response, for a time or for good."""

    def __init__(self, answer: Answer, *, after: int, times: int = 10**9, seconds: float = 0):
        super().__init__()
        self.answer = answer
        self.after = after
        self.times = times
        self.seconds = seconds
        self.numbers = itertools.count(1)

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) is Operation.LISTING:
            number = next(self.numbers)
            if self.after < number <= self.after + self.times:
                await asyncio.sleep(self.seconds)
                return self.answer()
        return await super().respond(request, handler)


def judged(
    server: ReferenceServer,
    *,
    keyed: bool = False,
    recorder: Recorder | None = None,
    **arguments: float,
) -> Report:
    credential = AccessKey(server.key_id, server.key_secret) if keyed else server.issue_token()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=credential, **arguments) as target,  # type: ignore[arg-type]
    ):
        return conformance.run(target, profile="quick", seed=1, recorder=recorder)


def status(number: int, retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return lambda: Response(status_code=number, headers=headers)


@pytest.mark.parametrize(
    ("answer", "after", "words"),
    [
        (status(429), 0, "status 429"),
        (status(503, "0"), 1, "status 503"),
        (status(502), 40, "status 502"),
        (Dropped, 1, "the connection was closed without a response"),
        (Dropped, 40, "the connection was closed without a response"),
    ],
)
def test_a_server_that_never_recovers_was_not_tested(
    answer: Answer, after: int, words: str
) -> None:
    report = judged(Breaking(answer, after=after), retry_budget=0.4)
    assert report.exit_code == 3, explained(report)
    assert failed(report) == set()
    for part in (words, "did not recover", "s in total of the 0.4 s allowed", "--retry-budget"):
        assert part in report.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "after", "times", "words"),
    [
        (status(429, "1"), 40, 1, "1 response with status 429"),
        (status(503), 0, 5, "5 responses with status 503"),
        (Dropped, 40, 1, "1 lost connection"),
    ],
)
def test_trouble_that_passes_is_only_noted(
    answer: Answer, after: int, times: int, words: str
) -> None:
    report = judged(Breaking(answer, after=after, times=times))
    assert report.exit_code == 0, explained(report)
    # On a slow machine the request rate may seem to be limited as well.
    note, *_ = report.notes
    assert note.startswith("Transient failures were retried: ")
    assert words in note
    assert note.endswith(" s of waiting in total.")
    assert report.as_dict()["notes"] == list(report.notes)


@pytest.mark.slow
def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    server = Breaking(status(200), after=40, times=1, seconds=5)
    report = judged(server, timeout=2)
    assert report.exit_code == 0, explained(report)
    assert "timeout" in report.notes[0]


@pytest.mark.slow
def test_silence_ends_in_a_bounded_time() -> None:
    report = judged(Breaking(status(200), after=40, seconds=600), timeout=0.3, retry_budget=1)
    assert report.exit_code == 3, explained(report)
    assert "no complete response within 0.3 seconds" in report.reason
    assert failed(report) == set()


class LosesGit(ReferenceServer):
    """Never responds to the category GIT, and to nothing once that was found out."""

    found_out = False

    async def respond(self, request: Request, handler: Handler) -> Response:
        if request.query_params.get("category") == "GIT":
            return Dropped()
        if self.found_out:
            return status(429, "3600")()
        return await super().respond(request, handler)


class Watching(Recorder):
    """Tells the server as soon as a query is blamed."""

    def __init__(self, server: LosesGit) -> None:
        super().__init__()
        self.server = server

    def observe(self, exchange: Exchange) -> Exchange:
        self.server.found_out = self.server.found_out or exchange.settled
        return super().observe(exchange)


@pytest.mark.slow
def test_what_was_found_before_the_server_stopped_answering_is_kept() -> None:
    server = LosesGit()
    report = judged(server, retry_budget=10, recorder=Watching(server))
    assert report.exit_code == 1, explained(report)
    assert "status 429" in report.reason
    (verdict,) = [verdict for verdict in report.verdicts if verdict.requirement.id == "HTTP-01"]
    assert verdict.outcome is Outcome.FAILED
    assert "attempts while other queries were answered" in verdict.findings[0].observed


class OnlyGit(ReferenceServer):
    """Fails for every query other than the category GIT alone."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        listing = operation_of(request) is Operation.LISTING
        if listing and dict(request.query_params) != {"category": "GIT"}:
            return Response(status_code=500)
        return await super().respond(request, handler)


@pytest.mark.slow
def test_a_server_is_not_given_up_that_answers_a_single_documented_query() -> None:
    report = judged(OnlyGit())
    assert report.exit_code == 1, explained(report)
    assert "HTTP-01" in failed(report)


class KeysForAWhile(ReferenceServer):
    """Its tokens are valid for ten requests, and later it issues no new ones."""

    def __init__(self, status_of_others: int) -> None:
        ticks = itertools.count(17_500_000_000)
        super().__init__(token_lifetime=1.0, clock=lambda: next(ticks) / 10)
        self.status_of_others = status_of_others
        self.issued = itertools.count(1)

    async def create_token(self, request: Request) -> Response:
        if next(self.issued) > 2:
            return Response(status_code=self.status_of_others)
        return await super().create_token(request)


@pytest.mark.parametrize(
    ("number", "words"),
    [(401, "now refuses it (status 401)"), (500, "could not be renewed"), (503, "not recover")],
)
def test_a_token_that_cannot_be_renewed_is_not_blamed_on_the_server(
    number: int, words: str
) -> None:
    report = judged(KeysForAWhile(number), keyed=True, retry_budget=0.4)
    assert report.exit_code == 3, explained(report)
    assert words in report.reason
    assert failed(report) == set()


class RefusesGit(ReferenceServer):
    """Requires more permissions for the category GIT."""

    def authorise(self, request: Request) -> Response | None:
        if request.query_params.get("category") == "GIT":
            return self.refuse(403, "that needs more rights")
        return super().authorise(request)


def test_a_query_that_is_refused_with_new_tokens_is_blamed() -> None:
    report = judged(RefusesGit(), keyed=True)
    assert "HTTP-01" in failed(report), explained(report)


class Strays(ReferenceServer):
    """Some of the results, by number, are 403."""

    def __init__(self, *numbers: int) -> None:
        super().__init__()
        self.numbers, self.strays = itertools.count(1), numbers

    async def list_providers(self, request: Request) -> Response:
        stray = next(self.numbers) in self.strays
        return Response(status_code=403) if stray else await super().list_providers(request)


@pytest.mark.parametrize(
    ("numbers", "outcome"), [((20,), Outcome.INCONCLUSIVE), ((10, 200), Outcome.FAILED)]
)
def test_a_single_refusal_may_be_an_outage_and_further_ones_at_other_times_are_none(
    numbers: tuple[int, ...], outcome: Outcome
) -> None:
    recorder = Recorder()
    report = judged(Strays(*numbers), recorder=recorder)
    again = conformance.judge(parse("".join(recorder.parts()).encode()))
    for one in (report, again):
        (verdict,) = (each for each in one.verdicts if each.requirement.id == "HTTP-01")
        assert verdict.outcome is outcome, explained(one)
        assert failed(one) == ({"HTTP-01"} if outcome is Outcome.FAILED else set())
    reason = "got status 403, and not when it was repeated at once: an outage may have ended then"
    assert (reason in verdict.reason) is (outcome is Outcome.INCONCLUSIVE)


class HalfDown(ReferenceServer):
    """Every second request gets another response, for a time that begins after some of them."""

    def __init__(self, answer: Answer, after: int) -> None:
        super().__init__()
        self.answer, self.after = answer, after
        self.numbers = itertools.count()
        self.begun = math.inf

    async def respond(self, request: Request, handler: Handler) -> Response:
        number, now = next(self.numbers), time.monotonic()
        if number >= self.after:
            self.begun = min(self.begun, now)
        down = self.begun <= now < self.begun + 0.3 and number % 2
        return self.answer() if down else await super().respond(request, handler)


@pytest.mark.slow
@pytest.mark.parametrize(("code", "after"), [(404, 60), (302, 230), (500, 230)])
def test_a_replica_that_fails_for_a_while_is_not_blamed(code: int, after: int) -> None:
    report = judged(HalfDown(status(code), after))
    assert report.exit_code == 0, explained(report)
    assert failed(report) == set()


class OneInTwenty(ReferenceServer):
    """One in twenty results is another response, at random."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer, self.dice = answer, random.Random(3)  # noqa: S311 - not a secret

    async def list_providers(self, request: Request) -> Response:
        stray = self.dice.random() < 0.05
        return self.answer() if stray else await super().list_providers(request)


def test_failures_all_the_time_are_no_outage() -> None:
    assert "HTTP-01" in failed(judged(OneInTwenty(status(404))))


class Bans(ReferenceServer):
    """Refuses everything after a query that looks like an attack, as some firewalls do."""

    def __init__(self, number: int, seconds: float = math.inf) -> None:
        super().__init__()
        self.number = number
        self.seconds = seconds
        self.until = -math.inf
        self.bans = 0

    async def respond(self, request: Request, handler: Handler) -> Response:
        now = time.monotonic()
        if now > self.until and "'" in request.query_params.get("category", ""):
            self.until = now + self.seconds
            self.bans += 1
        if now <= self.until:
            return Response("<h1>Request blocked</h1>", self.number, media_type="text/html")
        return await super().respond(request, handler)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (403, "Every request is refused since unusual queries were sent"),
        (429, "if a rate limiter has banned this client"),
        (401, "The credential was accepted at first but is now refused"),
    ],
)
def test_a_ban_after_unusual_queries_is_named(number: int, words: str) -> None:
    report = judged(Bans(number), retry_budget=0.5)
    assert report.exit_code == 3, explained(report)
    assert words in report.reason
    assert failed(report) == set()


def test_a_ban_is_not_taken_for_a_key_that_was_revoked() -> None:
    report = judged(Bans(403), keyed=True, retry_budget=0.5)
    assert report.exit_code == 3, explained(report)
    assert report.reason.startswith("Every request is refused since unusual queries were sent")


@pytest.mark.slow
def test_a_ban_that_ends_is_waited_out_and_not_provoked_again() -> None:
    server = Bans(403, seconds=3)
    report = judged(server, keyed=True)
    assert report.exit_code == 0, explained(report)
    assert failed(report) == set()
    assert server.bans == 1
    assert any("Since then only documented queries were sent" in note for note in report.notes)
    # What the firewall refused says nothing about the server.
    assert "ROBUST-04" in report.undecided


class MissesOne(ReferenceServer):
    """Responds with 404 to one query, which matches no provider."""

    async def list_providers(self, request: Request) -> Response:
        if request.url.query == "category=EMAIL&activeOnly=false":
            return self.refuse(404, "No such integration")
        return await super().list_providers(request)


def test_the_status_of_an_empty_result_is_one_mistake() -> None:
    others = [one for one in ReferenceServer().providers if one.category != "EMAIL"]
    report = judged(MissesOne(providers=others))
    assert failed(report) == {"HTTP-05"}


class RefusesAll(ReferenceServer):
    """Refuses every request once it has refused twenty."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = itertools.count(1)
        self.closed = False

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        self.closed = self.closed or (refusal is not None and next(self.refused) > 20)
        return self.refuse(403, "closed") if self.closed else refusal


@pytest.mark.slow
@pytest.mark.parametrize("only", [(), ("AUTH",)])
def test_refusals_prove_nothing_once_everything_is_refused(only: tuple[str, ...]) -> None:
    server = RefusesAll()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token(), retry_budget=2.0) as target,
    ):
        report = conformance.run(target, profile="quick", seed=1, only=only)
    assert report.exit_code == 3, explained(report)
    assert "refused" in report.reason


class ShortLived(ReferenceServer):
    """Responds slowly and checks the token last; counts the tokens that it issues."""

    def __init__(self) -> None:
        super().__init__(token_lifetime=1.0)
        self.issued = 0

    async def respond(self, request: Request, handler: Handler) -> Response:
        await asyncio.sleep(0.05)
        return await super().respond(request, handler)

    def issue_token(self, *, expired: bool = False) -> str:
        self.issued += 1
        return super().issue_token(expired=expired)


@pytest.mark.slow
def test_a_token_is_renewed_once_for_all_who_ask_at_once() -> None:
    server = ShortLived()
    report = judged(server, keyed=True)
    assert report.exit_code == 0, explained(report)
    # One per second, and one more for each that expired during a request.
    assert server.issued <= 2 + 2 * report.duration


def test_a_target_that_was_given_up_sends_nothing_more() -> None:
    server = Breaking(status(429, "3600"), after=1)
    done: list[Exchange] = []
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        open_target(target)
        requests = [target.request(Query(f"category=C{number}")) for number in range(100)]
        with pytest.raises(CannotTest, match="asks for a longer wait"):
            target.ask_all(requests, done.append)
        sent = target.requests_sent
        with pytest.raises(CannotTest, match="asks for a longer wait"):
            target.confirm_alive()
        assert target.requests_sent == sent
    assert sent < 10
    assert not done


def test_a_tls_connection_that_is_closed_is_a_lost_connection() -> None:
    with talking(b"") as url, Target(url.replace("http:", "https:"), retry_budget=0) as target:
        exchange = target.ask(target.request(Query()), first=True)
        assert exchange.trouble is not None
        assert exchange.trouble.kind is TroubleKind.CLOSED


def test_a_408_on_an_idle_connection_answers_no_request() -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
    late = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def treat(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(reply + late)

    with listening(treat) as port, Target(f"http://127.0.0.1:{port}") as target:
        first = target.ask(target.request(Query()), first=True)
        target.remember_alive(first)
        statuses = [target.ask(target.request(Query())).status for _ in range(5)]
    assert statuses == [200] * 5
