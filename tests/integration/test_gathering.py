"""What a run asks, how often, and in which order, over real sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response

from conformance import Target
from conformance.checks.judging import judge
from conformance.checks.verdict import Outcome
from conformance.contract.loader import load
from conformance.contract.query import Query, documented, unfiltered
from conformance.evidence import intermittent
from conformance.evidence.carry_over import pairs_in_turn
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange
from conformance.reference import EmbeddedServer, Operation, Provider, ReferenceServer, operation_of
from conformance.reference.faults import FAULTS
from conformance.reference.reading import ProviderQuery
from conformance.reference.server import Handler
from conformance.report.run_metadata import Profile
from conformance.runner.gathering import Gatherer
from conformance.runner.opening import open_target
from conformance.runner.plan import LATER, Part, Plan, needed_parts
from conformance.runner.unusual_queries import respelled_paths, unusual
from conformance.target.credentials import Credential
from conformance.target.refused_credentials import forms

LAW = load()
PLAIN = documented(LAW)
WHOLE = unfiltered(LAW)
QUICK = Plan(needed_parts(LAW.families, Profile.QUICK), seed=7)


class Asked(NamedTuple):
    """One request as the server got it."""

    method: str
    path: str
    query: str
    token: tuple[str, ...]
    accept: str


@dataclass
class Gathered:
    """What a run has gathered, and what the server saw of it."""

    evidence: Evidence
    asked: list[Asked]
    sent: int
    parts: list[Part] = field(default_factory=list)

    def failed(self) -> set[str]:
        verdicts = judge(self.evidence, LAW.requirements)
        return {v.requirement.id for v in verdicts if v.outcome is Outcome.FAILED}


def gather(
    server: ReferenceServer,
    plan: Plan = QUICK,
    *,
    credential: Credential | str | None = "",
    listen: Callable[[Part], object] = lambda _: None,
    parallel: int = 4,
) -> Gathered:
    """Carry out a plan on a server that is started for it."""
    asked: list[Asked] = []
    parts: list[Part] = []
    usual = server.respond

    async def respond(request: StarletteRequest, handler: Handler) -> Response:
        asked.append(
            Asked(
                request.method,
                request.scope["raw_path"].decode("latin-1"),
                request.scope["query_string"].decode("latin-1"),
                tuple(request.headers.getlist("x-authorization")),
                request.headers.get("accept", ""),
            )
        )
        return await usual(request, handler)

    def progress(part: Part, number: int, _: int) -> None:
        if number == 0:
            parts.append(part)
            listen(part)

    server.respond = respond  # type: ignore[method-assign]
    token = server.issue_token() if credential == "" else credential
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=token, parallel=parallel) as target,
    ):
        gatherer = Gatherer(target, open_target(target), plan, progress)
        evidence = gatherer.gather()
        assert gatherer.evidence is evidence
        return Gathered(evidence, asked, target.requests_sent, parts)


@pytest.fixture(scope="module")
def still() -> Gathered:
    return gather(ReferenceServer())


def granted(gathered: Gathered) -> Counter[Query]:
    """Count the reads of the endpoint with the accepted token."""
    return Counter(read.query for read in gathered.evidence.reads)


def test_nothing_is_asked_twice_unless_repetition_is_the_point(still: Gathered) -> None:
    times = Counter(still.asked)
    # The server has no route for most other spellings of the path.
    unrouted = sum(one.status == 404 for one in still.evidence.refusals)
    assert sum(times.values()) == still.sent - unrouted
    token = Counter(one.token for one in still.asked).most_common(1)[0][0]
    repeated = {one: number for one, number in times.items() if number > 1}
    assert all(
        (one.method, one.path, one.token) == ("GET", LAW.path, token) and Query(one.query) in PLAIN
        for one in repeated
    )
    # Each documented query once as a view and once in a round, those of all categories twice.
    read = {Query(one.query): number for one, number in repeated.items()}
    in_turn = Counter(one.query for one in turns(still))
    assert in_turn.total() == 6
    for query in PLAIN:
        if query != WHOLE:
            often = 2 if query.values("category") else 3
            assert read[query] == in_turn[query] + often, query
    # The unfiltered view stands at the ends of every span, and before and after every part.
    ends = {id(end) for span in still.evidence.spans for end in (span.before, span.after)}
    assert read[WHOLE] == 2 + len(ends)
    assert len(ends) == 1 + len(set(still.parts) - {Part.STRANGERS})


def turns(gathered: Gathered) -> list[Exchange]:
    """Return what was asked before the second read of the unfiltered view."""
    first, second = [read.sent for read in gathered.evidence.unfiltered_reads[:2]]
    return [read for read in gathered.evidence.reads if first < read.sent < second]


def test_some_queries_are_asked_in_turn_on_one_connection() -> None:
    callers: list[object] = []

    class Noting(ReferenceServer):
        async def respond(self, request: StarletteRequest, handler: Handler) -> Response:
            callers.append(request.client)
            return await super().respond(request, handler)

    gathered = gather(Noting(), parallel=8)
    asked = [read.query.wire for read in turns(gathered)]
    assert asked[1::2] == [""] * 3
    assert asked[0] == asked[4] != asked[2]
    assert len(set(callers[: 1 + len(asked)])) == 1
    assert len(set(callers)) > 1
    assert len(list(pairs_in_turn(gathered.evidence))) >= 3


def test_every_span_is_between_two_reads_of_the_unfiltered_view(still: Gathered) -> None:
    spans = still.evidence.spans
    assert all(span.before.query == span.after.query == WHOLE for span in spans)
    assert spans[0].before is still.evidence.opening
    for span in spans:
        for exchange in span.exchanges:
            assert span.before.answered < exchange.sent < exchange.answered < span.after.sent
    assert still.evidence.steady_spans == spans
    within = [exchange for span in spans for exchange in span.exchanges]
    ends = {end.sent for span in spans for end in (span.before, span.after)}
    found = still.evidence
    others = len({*found.refusals, *found.head_requests, *found.negotiated})
    assert len({one.sent for one in within}) == len(within) == still.sent - others - len(ends)


def test_each_part_is_asked_once_with_every_query(still: Gathered) -> None:
    assert still.failed() == set()
    assert sorted(still.parts) == sorted(set(QUICK.parts) - {*LATER} | {Part.TURNS})
    assert {*PLAIN, *unusual(LAW)} <= granted(still).keys()
    # Queries arrive as they are sent.
    asked = {one.query.wire for one in still.evidence.all_exchanges}
    assert "category=%zz&activeOnly=false" in asked
    assert asked <= {one.query for one in still.asked}


def test_strangers_ask_every_documented_query(still: Gathered) -> None:
    strangers = [one for one in still.evidence.refusals if one.query in PLAIN]
    for kind in set(AccessKind) - {AccessKind.GRANTED, AccessKind.EXPIRED}:
        asked = {one.query for one in strangers if one.request.access.kind is kind}
        assert asked == set(PLAIN), kind
    tried = {one.request.access.form for one in strangers}
    token = Counter(one.token for one in still.asked).most_common(1)[0][0][0]
    assert tried == {form.access.form for form in forms(token)}
    assert {one.request.access.form for one in still.evidence.head_requests} >= tried
    plain = [one for one in still.evidence.refusals if not one.request.path]
    assert {one.status for one in plain} == {401}
    assert len(still.evidence.refusals) - len(plain) == len(respelled_paths(LAW.path))


def test_siblings_are_witnesses_of_some_providers(still: Gathered) -> None:
    related = still.evidence.related
    assert {one.status for one in related} == {200}
    head, _, tail = LAW.related["models"].partition("{name}")
    lists = [one for one in related if one.request.path.endswith(tail)]
    assert 1 < len(lists) <= 8
    assert all(one.request.path.startswith(head) for one in lists)
    # Names that need it are encoded.
    assert any("%E6%97%A5%E6%9C%AC" in one.request.path for one in lists)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({Part.VIEWS}, [Part.VIEWS]),
        ({Part.VIEWS, Part.STRANGERS}, [Part.VIEWS, Part.STRANGERS]),
        ({Part.VIEWS, Part.VARIANTS, Part.ROUNDS}, [Part.VIEWS, Part.VARIANTS, Part.ROUNDS]),
        # Without generated queries nothing is probed.
        ({Part.VIEWS, Part.PROBES, Part.AGAIN, Part.WATCH}, [Part.VIEWS]),
    ],
)
def test_only_what_is_planned_is_asked(parts: set[Part], expected: list[Part]) -> None:
    gathered = gather(ReferenceServer(), Plan(frozenset(parts)))
    assert gathered.parts == expected
    assert {unquote(one.path) for one in gathered.asked} == {LAW.path}


def test_generated_queries_are_asked_once_and_further_ones_outside_the_plan() -> None:
    server = ReferenceServer()
    probes = (Query("category=%F0%9F%A6%84"), Query("x=1"), Query("activeOnly=2"))
    plan = Plan(frozenset({Part.VIEWS, Part.PROBES}), probes=probes)
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        gatherer = Gatherer(target, open_target(target), plan, None)
        gatherer.gather()
        spans = gatherer.evidence.spans
        times = Counter(read.query for read in gatherer.evidence.reads)
        assert [times[probe] for probe in probes] == [1, 1, 1]
        exchange = gatherer.probe(Query("activeOnly=maybe"))
        assert (exchange.status, gatherer.evidence.unanchored) == (400, (exchange,))
        assert gatherer.evidence.spans == spans
        assert exchange in gatherer.evidence.reads


def orders(plan: Plan) -> list[list[Query]]:
    """Return the orders in which the rounds of a plan are asked."""
    gathered = gather(ReferenceServer(), plan, parallel=1)
    spans = gathered.evidence.spans
    assert gathered.parts == [Part.ROUNDS] * len(spans)
    # One request after the other, each part is a span.
    assert spans[0].before is gathered.evidence.opening
    assert all(one.after is other.before for one, other in pairwise(spans))
    return [[exchange.query for exchange in span.exchanges] for span in spans]


def test_rounds_ask_everything_in_an_order_that_the_seed_decides() -> None:
    plan = Plan(frozenset({Part.ROUNDS}), rounds=3, seed=1)
    asked = orders(plan)
    wide = [query for query in PLAIN if not query.values("category")]
    assert [Counter(order) for order in asked] == [Counter([*PLAIN, *wide])] * 3
    assert len(set(map(tuple, asked))) == 3
    assert orders(plan) == asked
    assert not set(map(tuple, orders(replace(plan, seed=2)))) & set(map(tuple, asked))


def test_crossing_tries_every_credential_on_every_query() -> None:
    parts = frozenset({Part.VIEWS, Part.STRANGERS})
    server = ReferenceServer()
    token = server.issue_token()
    gathered = gather(server, Plan(parts, crossed=True), credential=token)
    tried = {
        (one.query, one.request.access.form)
        for one in gathered.evidence.refusals
        if one.query in PLAIN
    }
    assert tried == {(query, form.access.form) for query in PLAIN for form in forms(token)}
    assert max(Counter(one for one in gathered.asked if one.token != (token,)).values()) == 1


def test_other_spellings_of_the_path_are_no_related_endpoints() -> None:
    server = ReferenceServer()
    plan = Plan(frozenset({Part.VIEWS, Part.STRANGERS}))
    found = gather(server, plan, credential=server.issue_token()).evidence
    other = [one.request.path for one in found.refusals if one.request.path]
    assert tuple(other) == respelled_paths(found.contract.path)
    assert found.related == ()


class Open(ReferenceServer):
    """Requires no token."""

    def authorise(self, request: StarletteRequest) -> Response | None:
        return None


class Missing(ReferenceServer):
    """Does not have the endpoint."""

    async def list_providers(self, request: StarletteRequest) -> Response:
        return self.refuse(404, "Not Found")


def test_no_requests_without_a_credential_or_to_a_missing_endpoint() -> None:
    gathered = gather(Open(), credential=None)
    assert {one.token for one in gathered.asked} == {()}
    assert gathered.evidence.refusals == ()
    assert gathered.evidence.head_requests == tuple(gathered.evidence.granted_heads())
    assert Part.STRANGERS not in gathered.parts
    gathered = gather(Missing())
    assert gathered.evidence.refusal is not None
    assert (gathered.evidence.spans, gathered.parts) == ((), [])


class Losing(ReferenceServer):
    """Leaves the first provider out where only active ones are asked for."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        return chosen[1:] if query.active_only and query.category is None else chosen


BELIEVED = {fault.name: fault for fault in FAULTS}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["view-active-cut-short", "robust-limit", "count-one-too-many", "count-by-category"]
)
def test_what_is_always_wrong_is_asked_until_it_is_believed(name: str) -> None:
    gathered = gather(BELIEVED[name].make())
    assert BELIEVED[name].breaks & gathered.failed()
    # Some of it was compared before.
    assert 0 < gathered.parts.count(Part.AGAIN) < 5
    assert Part.WATCH not in gathered.parts


class Restless(Losing):
    """Is wrong, and has a provider that gets another name all the time, never one that it had."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    async def respond(self, request: StarletteRequest, handler: Handler) -> Response:
        self._number += 1
        if self._number % 4 == 0:
            *others, last = self.providers
            self.providers = (*others, replace(last, name=f"restless-{self._number}"))
        return await super().respond(request, handler)


def test_a_cluster_that_changes_is_asked_again_in_small_parts_and_not_for_ever() -> None:
    gathered = gather(Restless(), Plan(frozenset({Part.VIEWS})))
    again = gathered.evidence.spans[1:]
    assert gathered.parts == [Part.VIEWS, *[Part.AGAIN] * len(again)]
    assert again
    assert all(0 < len(span.exchanges) <= 4 for span in again)
    asked = Counter(one.query for span in again for one in span.exchanges)
    assert max(asked.values()) <= 8


class Dropping(ReferenceServer):
    """Leaves the last provider out of each thirteenth answer, and tells how many it has at once."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._now = 0
        self.most: Counter[str] = Counter()
        self.part = ""

    async def respond(self, request: StarletteRequest, handler: Handler) -> Response:
        self._now += 1
        self.most[self.part] = max(self.most[self.part], self._now)
        # As long as a database takes, so that what is asked at once can be seen.
        await asyncio.sleep(0.001)
        self._now -= 1
        return await super().respond(request, handler)

    async def list_providers(self, request: StarletteRequest) -> Response:
        assert operation_of(request) is Operation.LISTING
        query = self.read_query(request)
        chosen = self.select(query)
        self._number += 1
        if self._number % 13 == 0:
            chosen = chosen[:-1]
        return self.render([self.represent(provider, query) for provider in chosen], request)


def test_answers_that_come_and_go_are_watched_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a busy machine, responses may be too far apart to tell a mistake from a change.
    monkeypatch.setattr(intermittent, "SHORTEST_CHANGE", 3600.0)
    server = Dropping()

    def listen(part: Part) -> None:
        server.part = part

    plan = Plan(needed_parts(["STABLE"], Profile.STANDARD), rounds=3, seed=3)
    gathered = gather(server, plan, listen=listen)
    assert gathered.parts.count(Part.WATCH) == 1
    (watched,) = (span for span in gathered.evidence.spans if len(span.exchanges) == 60)
    assert watched.exchanges[0].query == WHOLE
    assert server.most[Part.WATCH] == 1
    assert "STABLE-01" in gathered.failed()
