"""What is asked of a target, in which order, and how often: the plan of a run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from urllib.parse import quote

from conformance.contract.query import Query, documented, unfiltered
from conformance.errors import CannotTest
from conformance.evidence import equivalent_queries, related_endpoints
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import AccessKind, Exchange, Request, unresolved
from conformance.evidence.intermittent import requests_to_watch
from conformance.evidence.providers import by_name
from conformance.evidence.related_endpoints import WITNESSED
from conformance.evidence.spans import Span, enclosed
from conformance.evidence.view_comparison import open_requests
from conformance.runner.cluster import HEAVY, Scale, Words
from conformance.runner.opening import Opening
from conformance.runner.plan import Part, Plan, Progress
from conformance.runner.queries import Questions
from conformance.runner.unusual_queries import respelled
from conformance.target.refused_credentials import Form
from conformance.target.target import Target

ALONE = 2
"""Providers that are asked for alone, for servers that list no models anywhere."""
BATCH = 4
"""Queries between two reads of the unfiltered view when a living cluster is asked again."""
WATCHED_LARGE = 12
"""The same for large answers: how many more are asked, at the most, where some differed."""
AGAIN = 8
"""How often what could not be decided is asked again, at the most."""


def _of_provider(path: str, name: str) -> str:
    return path.replace("{name}", quote(name, safe="", errors="replace"))


class Gatherer:
    """Carries out a plan; what it has so far is there at any time, even after an interruption."""

    def __init__(
        self, target: Target, opening: Opening, plan: Plan, progress: Progress | None
    ) -> None:
        self._target = target
        self._plan = plan
        self._progress = progress
        self._whole = unfiltered(target.contract)
        self._telling = threading.Lock()
        self._answered: list[Exchange] = []
        self._ends: set[int] = set()
        self._open_end = False
        self._part_of: dict[int, Part] = {}
        self._done: Counter[Part] = Counter()
        self._total: Counter[Part] = Counter()
        self._doubtful = False
        self._questions = Questions(target.contract, plan, Scale(target.contract))
        self._found = Evidence(
            contract=target.contract,
            opening=opening.exchange,
            now=int(time.time() * 1000),
            authenticated=target.authenticated,
            refusal=opening.refusal,
            unanchored=(opening.exchange,) if opening.refusal and opening.exchange.ok else (),
            insecure=target.insecure,
            headers=target.header_names,
        )
        self._last_unfiltered: Exchange | None = None
        if opening.exchange.query == self._whole:
            self._last_unfiltered = opening.exchange

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know about what was asked."""
        return self._questions.notes

    @property
    def evidence(self) -> Evidence:
        """What has been gathered so far."""
        if not self._answered:
            return self._found
        return self._with_enclosed(self._without_end())

    def gather(self) -> Evidence:
        """Carry out the plan.

        Raises:
            CannotTest: the target stopped answering, or the credential stopped being accepted.
        """
        if self._found.refusal is not None:
            return self._found
        self._stream()
        self._ask_again()
        watched = requests_to_watch(self._found) if Part.ROUNDS in self._plan.parts else ()
        if watched:
            if self._questions.large:
                watched = watched[:WATCHED_LARGE]
            self._add_span(Part.WATCH, watched, at_once=False)
            self._ask_again()
        return self._found

    def _stream(self) -> None:
        """Ask the whole plan without a pause, and the unfiltered view between its parts.

        To wait for the last answer of each part would cost as much as a part, where the way is
        long.
        """
        self._answered = [self._last_unfiltered or self._read_unfiltered()]
        self._ends = {id(self._answered[0].request)}
        contract, first = self._target.contract, self._answered[0]
        scale = Scale.of(contract, first)
        self._questions = Questions(contract, self._plan, scale, Words.of(contract, first))
        self._target.is_heavy = lambda request: scale.expected(request.query) > HEAVY
        try:
            self._take_turns()
            self._target.ask_all(self._requests(), self._take)
            self._check_alive()
            if self._is_open():
                self._answered.append(self._read_unfiltered())
                self._ends.add(id(self._answered[-1].request))
        except CannotTest:
            # What is settled was found before the server stopped answering.
            self._answered = self._without_end()
            self._conclude(lambda exchange: exchange.settled)
            raise
        self._conclude(lambda _: True)

    def _take_turns(self) -> None:
        """Ask some queries one after the other, which so are sent over one connection.

        They come first, so that what only first answers get wrong stands among others.
        """
        if Part.TURNS not in self._plan.parts:
            return
        requests = self._asked(self._questions.turns(self._answered[0]))
        if requests:
            self._begin(Part.TURNS, len(requests))
            self._part_of = {id(request): Part.TURNS for request in requests}
            for request in requests:
                self._take(self._target.ask(request))
            self._open_end = True

    def _requests(self) -> Iterator[Request]:
        for part, number, requests in self._parts():
            self._check_alive()
            if self._open_end:
                self._open_end = False
                end = self._target.request(self._whole)
                self._ends.add(id(end))
                yield end
            self._begin(part, number)
            for request in requests:
                self._part_of[id(request)] = part
                yield request
            self._open_end = self._open_end or part is not Part.STRANGERS

    def _take(self, exchange: Exchange) -> None:
        with self._telling:
            self._answered.append(exchange)
            if id(exchange.request) in self._ends:
                self._last_unfiltered = exchange
        self._tell(exchange)

    def _tell(self, exchange: Exchange) -> None:
        with self._telling:
            if unresolved([exchange]) and not exchange.request.path:
                self._doubtful = True
            part = self._part_of.get(id(exchange.request))
            if part is not None and self._progress is not None:
                self._done[part] += 1
                self._progress(part, self._done[part], self._total[part])

    def _begin(self, part: Part, requests: int) -> None:
        with self._telling:
            self._done[part] = 0
            self._total[part] = requests
            if self._progress is not None:
                self._progress(part, 0, requests)

    def _conclude(self, keep: Callable[[Exchange], bool]) -> None:
        """Make evidence of what was asked; of what nothing can be compared with, what is kept."""
        found = self._with_enclosed(self._answered)
        known = {id(exchange) for exchange in (*found.reads, *found.related)}
        alone = tuple(
            exchange
            for exchange in self._answered
            if id(exchange) not in known and self._reads(exchange.request) and keep(exchange)
        )
        self._found = replace(found, unanchored=(*found.unanchored, *alone))
        self._answered = []
        # Whatever has been forgotten may have its place taken by another.
        self._ends, self._part_of = set(), {}

    def _without_end(self) -> list[Exchange]:
        """Return the answers without failed unfiltered reads, by which a run may have ended."""
        return [
            exchange
            for exchange in self._answered
            if exchange.settled
            or id(exchange.request) not in self._ends
            or not unresolved([exchange])
        ]

    def _with_enclosed(self, answered: Iterable[Exchange]) -> Evidence:
        asked = sorted(answered, key=lambda exchange: exchange.sent)
        ends = [exchange for exchange in asked if id(exchange.request) in self._ends]
        within = [
            exchange
            for exchange in asked
            if id(exchange.request) not in self._ends
            and (exchange.request.path or self._reads(exchange.request))
        ]
        heads = tuple(exchange for exchange in asked if exchange.request.method == "HEAD")
        strangers = tuple(
            exchange
            for exchange in asked
            if exchange.request.access.kind is not AccessKind.GRANTED
            and exchange.request.method == "GET"
        )
        return replace(
            self._found, spans=enclosed(ends, within), refusals=strangers, head_requests=heads
        )

    def _is_open(self) -> bool:
        """Whether something was answered after the unfiltered view was read the last time."""
        ends = [one.sent for one in self._answered if id(one.request) in self._ends]
        return any(
            exchange.answered > max(ends)
            for exchange in self._answered
            if exchange.request.path or self._reads(exchange.request)
            if id(exchange.request) not in self._ends
        )

    def _reads(self, request: Request) -> bool:
        """Whether a request is a read of the endpoint that should be let in."""
        granted = request.access.kind is AccessKind.GRANTED
        return granted and request.method == "GET" and not request.path

    def probe(self, query: Query) -> Exchange:
        """Ask one more generated query, outside the plan, and keep the answer."""
        exchange = self._target.ask(self._target.request(query))
        self._found = replace(self._found, unanchored=(*self._found.unanchored, exchange))
        return exchange

    def _parts(self) -> Iterator[tuple[Part, int, Iterable[Request]]]:
        questions, planned = self._questions, self._plan.parts
        if Part.VIEWS in planned:
            yield Part.VIEWS, *_counted(self._asked(questions.views()))
        if Part.VARIANTS in planned:
            yield Part.VARIANTS, *_counted(self._asked(questions.variants()))
        if Part.CATEGORIES in planned:
            yield Part.CATEGORIES, *_counted(self._asked(questions.categories()))
        if Part.MODELS in planned:
            yield Part.MODELS, *self._model_requests()
        if Part.INPUTS in planned:
            yield Part.INPUTS, *_counted(self._asked(questions.inputs()))
        if Part.ROUNDS in planned:
            for number in questions.rounds():
                yield Part.ROUNDS, *_counted(self._asked(questions.round(number)))
        if Part.PROBES in planned and self._plan.probes:
            yield Part.PROBES, *_counted(self._asked(questions.probes()))
        if Part.STRANGERS in planned and self._target.authenticated:
            yield Part.STRANGERS, *_counted(self._strange())
        if Part.ROUNDS in planned:
            # What strangers were told must not be told to others afterwards.
            yield Part.ROUNDS, *_counted(self._asked(questions.round(self._plan.rounds)))

    def _asked(self, queries: Iterable[Query]) -> list[Request]:
        return [self._target.request(query) for query in queries]

    def _model_requests(self) -> tuple[int, Iterator[Request]]:
        """Return how many requests there are about models, and these one by one."""
        view, tempting = self._last_unfiltered, self._asked(self._questions.temptations())
        known = by_name(view) if view is not None else {}
        # What such a name makes of a path is the address of something else.
        names = [name for name in known if name.strip(".")]
        related = self._target.contract.related

        def requests() -> Iterator[Request]:
            yield from tempting
            ranked = related_endpoints.by_suspicion(known, names, self._everything())
            for name in ranked[:WITNESSED]:
                yield self._target.request(self._whole, path=_of_provider(related["models"], name))
            for name in ranked[:ALONE]:
                yield self._target.request(Query(), path=_of_provider(related["provider"], name))

        number = len(tempting) + 1 + min(len(names), WITNESSED) + min(len(names), ALONE)
        return number, requests()

    def _everything(self) -> Exchange:
        """Ask *Get All Integrations*, whose answer decides what is asked next."""
        path = self._target.contract.related["allIntegrations"]
        request = self._target.request(self._questions.base(), path=path)
        self._part_of[id(request)] = Part.MODELS
        exchange = self._target.ask(request)
        self._take(exchange)
        return exchange

    def _ask_again(self) -> None:
        """Ask again what a comparison has not decided: differences, and what kept changing."""
        for _ in range(AGAIN):
            found = self._found
            again = tuple(
                dict.fromkeys(
                    (
                        *equivalent_queries.open_requests(found),
                        *open_requests(found),
                        *related_endpoints.open_requests(found),
                    )
                )
            )
            if not again:
                break
            size = BATCH if self._found.changing else len(again)
            for place in range(0, len(again), size):
                self._add_span(Part.AGAIN, again[place : place + size])

    def _add_span(self, part: Part, requests: Sequence[Request], *, at_once: bool = True) -> None:
        """Read a part between two unfiltered views."""
        before = self._last_unfiltered or self._read_unfiltered()
        self._begin(part, len(requests))
        self._part_of = {id(request): part for request in requests}
        settled: list[Exchange] = []

        def tell(exchange: Exchange) -> None:
            self._tell(exchange)
            if exchange.settled:
                settled.append(exchange)

        try:
            if at_once:
                exchanges = self._target.ask_all(requests, tell)
            else:
                exchanges = tuple(self._one(request, tell) for request in requests)
            self._check_alive()
            after = self._read_unfiltered()
        except CannotTest:
            self._found = replace(self._found, unanchored=(*self._found.unanchored, *settled))
            raise
        span = Span(before, exchanges, after)
        self._found = replace(self._found, spans=(*self._found.spans, span))

    def _one(self, request: Request, tell: Callable[[Exchange], None]) -> Exchange:
        exchange = self._target.ask(request)
        tell(exchange)
        return exchange

    def _read_unfiltered(self) -> Exchange:
        exchange = self._target.ask(self._target.request(self._whole))
        self._doubtful = self._doubtful or unresolved([exchange])
        self._check_alive()
        self._last_unfiltered = exchange
        return exchange

    def _strange(self) -> list[Request]:
        forms = self._target.forms()
        plain = documented(self._target.contract)
        gets = [
            Request(query, form.access, accept=accept)
            for query, form, accept in _pairings(plain, forms, crossed=self._plan.crossed)
        ]
        # A rule that knows the documented queries by their spelling may let others through.
        others = respelled(plain[-1])
        gets += [Request(query, form.access) for form in forms[:1] for query in others]
        return [
            *gets,
            replace(self._target.request(self._whole), method="HEAD"),
            *(
                Request(query, form.access, method="HEAD")
                for query, form in zip(plain, cycle(forms), strict=False)
            ),
        ]

    def _check_alive(self) -> None:
        """See whether the server is well, if it gave an answer that leaves doubt."""
        if self._doubtful:
            self._doubtful = False
            self._target.confirm_alive(self._found.opening)


def _counted(requests: Sequence[Request]) -> tuple[int, Sequence[Request]]:
    return len(requests), requests


def _pairings(
    queries: Sequence[Query], forms: Sequence[Form], *, crossed: bool
) -> Iterator[tuple[Query, Form, str]]:
    """Pair every query with each kind of refused credential, and each form with some query.

    Several forms of one kind take turns from query to query unless they are ``crossed``.
    """
    by_kind: dict[AccessKind, list[Form]] = {}
    for form in forms:
        by_kind.setdefault(form.access.kind, []).append(form)
    for alike in by_kind.values():
        for number, query in enumerate(queries):
            for form in alike if crossed else [alike[number % len(alike)]]:
                yield query, form, "application/json"
    # Only browsers are usually redirected to a login page.
    for form in forms[:1]:
        yield queries[0], form, "text/html"
