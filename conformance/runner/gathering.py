"""Carrying out the plan of a run: which requests are sent, and in which order."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from urllib.parse import quote

from conformance.contract.filter_oracle import is_documented, readings
from conformance.contract.model import Operator
from conformance.contract.query import Query, documented, unfiltered
from conformance.core.text import counted
from conformance.errors import CannotTest
from conformance.evidence import outages, related_endpoints, view_comparison
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import ANCHOR, AccessKind, Exchange, Request, unresolved
from conformance.evidence.lifecycle import Lifecycle
from conformance.evidence.providers import by_name, filtered_by, kinds
from conformance.evidence.related_endpoints import MOST_PROVIDERS
from conformance.evidence.spans import Span, enclosed
from conformance.runner import follow_ups
from conformance.runner.cluster import HEAVY, Scale, Words
from conformance.runner.opening import Opening
from conformance.runner.plan import ORDER, Part, Plan, Progress
from conformance.runner.queries import Queries
from conformance.runner.unusual_queries import respelled, respelled_paths
from conformance.target.refused_credentials import Form
from conformance.target.target import Target

WAITED_OUT = (
    "Every request was refused (status 403) for a while after unusual queries, as by a firewall. "
    "Since then only documented queries were sent, without {}, and what was refused before is not "
    "judged. Allow this client's address to have all of them judged."
)
ALONE = 2
"""Providers to request one by one, for servers that list no models anywhere."""
JSON = "application/json"
ADMITTING_JSON = (
    "*/*",
    "application/*",
    "application/json;q=0.5, */*;q=0.1",
    "application/json, application/xml;q=0.5, text/html;q=0.5",
)
"""Other values of Accept that admit JSON (RFC 9110, section 12.5.1)."""


def _of_provider(path: str, name: str) -> str:
    return path.replace("{name}", quote(name, safe="", errors="replace"))


class Gatherer:
    """Carries out a plan; its evidence so far is available at any time, also after an interrupt."""

    def __init__(
        self, target: Target, opening: Opening, plan: Plan, progress: Progress | None
    ) -> None:
        self._target = target
        self._plan = plan
        self._progress = progress
        self._whole = unfiltered(target.contract)
        self._progress_lock = threading.Lock()
        self._answered: list[Exchange] = []
        self._open_end = False
        self._done: Counter[Part] = Counter()
        self._total: Counter[Part] = Counter()
        self._doubtful = False
        self._past_caches = False
        self._left_out = 0
        self._scale = Scale(target.contract)
        self._queries = Queries(target.contract, plan, self._scale)
        self._found = Evidence(
            target.contract,
            opening.exchange,
            now=int(time.time() * 1000),
            authenticated=target.authenticated,
            refusal=opening.refusal,
            unanchored=(opening.exchange,) if opening.refusal and opening.exchange.ok else (),
            insecure=target.insecure,
            headers=target.headers_to_fill_in,
            curl_options=target.curl_options,
        )
        first = opening.exchange
        self._last_unfiltered = first if first.query == self._whole else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the report about which requests were left out."""
        if not self._target.banned:
            return self._queries.notes
        unusual = counted(self._left_out, "unusual request")
        return (*self._queries.notes, WAITED_OUT.format(unusual))

    @property
    def evidence(self) -> Evidence:
        """The evidence gathered so far."""
        return self._with_enclosed(self._without_end()) if self._answered else self._found

    def gather(self) -> Evidence:
        """Carry out the plan.

        Raises:
            CannotTest: the target stopped answering, or the credential stopped being accepted.
        """
        if self._found.refusal is not None:
            return self._found
        self._stream()
        follow_ups.repeat_failures(self)
        follow_ups.repeat_undecided(self)
        follow_ups.bypass_caches(self)
        if Part.ROUNDS in self._plan.parts:
            follow_ups.watch(self)
            follow_ups.ask_others(self)
        return self._found

    def add_lifecycle(self, lifecycle: Lifecycle) -> None:
        """Add what the results showed of changes that were made after the plan."""
        self._found = replace(self._found, lifecycle=lifecycle)

    def repeat(self, part: Part, requests: Sequence[Request]) -> None:
        """Send requests again, with any credential."""
        allowed = list(self._allowed(requests))
        if not allowed:
            return
        self._begin(part, len(allowed))
        known = len(self._target.passing)
        again = self._target.ask_all(allowed, self._report_progress)
        again += self._target.passing[known:]
        found = self._found
        heads, reads = list(found.head_requests), list(found.unanchored)
        negotiated, refusals = list(found.negotiated), list(found.refusals)
        for exchange in again:
            if exchange.request.method == "HEAD":
                heads.append(exchange)
            elif not _is_granted_get(exchange.request):
                refusals.append(exchange)
            elif exchange.request.accept != JSON:
                negotiated.append(exchange)
            else:
                reads.append(exchange)
        self._found = replace(
            found,
            unanchored=tuple(reads),
            head_requests=tuple(heads),
            negotiated=tuple(negotiated),
            refusals=tuple(refusals),
        )

    def pass_over_outage(self) -> None:
        """Leave out what failed in an outage of a part of the server."""
        self._found = outages.without_outage(self._found)

    def add_fresh_span(self, requests: Sequence[Request]) -> int | None:
        """Send requests past all caches; return how many agree with the unfiltered list.

        The result is ``None`` if the server does not allow that.
        """
        whole = self._target.request(self._whole)
        asked = (whole, *requests, whole)
        self._begin(Part.FRESH, len(asked))
        before, *exchanges, after = (self._ask_past_caches(request) for request in asked)
        if not (self._is_whole(before) and self._is_whole(after)):
            # It does not ignore unknown parameters, which ROBUST-04 judges.
            return None
        span = Span(before, tuple(exchanges), after)
        kept = [one for one in exchanges if view_comparison.agrees(self._found, span, one)]
        span = replace(span, exchanges=tuple(kept))
        self._found = replace(self._found, spans=(*self._found.spans, span))
        return len(kept)

    def _is_whole(self, fresh: Exchange) -> bool:
        """Whether the list with an unknown parameter may be the unfiltered list.

        A cache conceals some changes of the cluster. A parameter that is not ignored makes all
        providers disappear, or all inactive ones.
        """
        active = self._target.contract.filter_by(Operator.ONLY_WHEN_TRUE).property
        usual = self._last_unfiltered
        known = by_name(usual) if usual is not None and usual.listing else {}
        here = by_name(fresh) if fresh.listing else {}
        shared = known.keys() & here.keys()
        inactive = any(one.get(active) is False for one in known.values())
        return 2 * len(shared) > len(known) and (
            not inactive or any(here[name].get(active) is False for name in shared)
        )

    def _ask_past_caches(self, request: Request) -> Exchange:
        exchange = self._target.ask(self._planned(replace(request, fresh=True), Part.FRESH))
        self._report_progress(exchange)
        return exchange

    @property
    def large(self) -> bool:
        """Whether responses are large."""
        return self._scale.large

    def pause(self, seconds: float) -> None:
        """Send nothing for a while."""
        self._target.pause(seconds)

    def go_past_caches(self) -> None:
        """Send all further requests past caches, if the server allows that."""
        self._past_caches = True
        self._past_caches = self._read_unfiltered().listing

    def _stream(self) -> None:
        """Send the whole plan without a pause, with an unfiltered read between its parts.

        On a slow network, waiting for the last response of each part would take as long as a part.
        """
        self._answered = [self._last_unfiltered or self._read_unfiltered()]
        contract, first = self._target.contract, self._answered[0]
        self._scale = Scale.of(contract, first)
        self._queries = Queries(contract, self._plan, self._scale, Words.of(contract, first))
        try:
            self._take_turns()
            self._target.ask_all(self._requests(), self._take)
            self._check_alive()
            self._ask_again()
            if self._is_open():
                self._answered.append(self._read_unfiltered())
        except CannotTest:
            # Settled exchanges were confirmed before the server stopped responding.
            self._answered = self._without_end()
            self._conclude(lambda exchange: exchange.settled)
            raise
        self._conclude(lambda _: True)

    def _ask_again(self) -> None:
        """Ask again for what kept failing: the part of the server behind it may have restarted."""
        failed = dict.fromkeys(one.request for one in self._answered if one.settled)
        again = [self._target.ask(request, last=True) for request in failed]
        over = {exchange.request: exchange for exchange in again if not exchange.settled}
        kept = [one for one in self._answered if not (one.settled and one.request in over)]
        self._answered = [*kept, *over.values()]

    def _take_turns(self) -> None:
        """Send some queries in sequence, so that they use one connection.

        They come first, so that mistakes of the first responses are seen among correct ones.
        """
        if Part.TURNS not in self._plan.parts:
            return
        requests = self._reads_of(self._queries.turns(self._answered[0]))
        if requests:
            self._begin(Part.TURNS, len(requests))
            for request in requests:
                self._take(self._target.ask(self._planned(request, Part.TURNS)))
            self._open_end = True

    def _requests(self) -> Iterator[Request]:
        for part, number, requests in self._parts():
            self._check_alive()
            if self._open_end:
                self._open_end = False
                yield self._planned(self._target.request(self._whole), ANCHOR)
            self._begin(part, number)
            for request in self._allowed(requests):
                yield self._planned(request, part)
            self._open_end = self._open_end or part is not Part.STRANGERS
            # Refusals count only if the accepted credential is still answered after them.
            last = part is Part.STRANGERS and Part.ROUNDS not in self._plan.parts
            self._doubtful = self._doubtful or last

    def _allowed(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Yield the requests that may be sent: after a ban, none that may cause another."""
        for request in requests:
            if self._target.banned and self._is_unusual(request):
                self._left_out += 1
            else:
                yield request

    def _is_unusual(self, request: Request) -> bool:
        # Paths of other endpoints are usual for a client, other spellings of this one are not.
        respelled = request.path and request.access.kind is not AccessKind.GRANTED
        return bool(respelled) or not is_documented(self._target.contract, request.query)

    def _planned(self, request: Request, purpose: str) -> Request:
        heavy = self._scale.expected(request.query) > HEAVY
        # A repeated request stays generated.
        generated = request.generated or purpose == Part.PROBES
        fresh = request.fresh or self._past_caches
        return replace(request, purpose=purpose, alone=heavy, generated=generated, fresh=fresh)

    def _is_anchor(self, exchange: Exchange) -> bool:
        return exchange.request.purpose == ANCHOR or exchange is self._found.opening

    def _take(self, exchange: Exchange) -> None:
        with self._progress_lock:
            self._answered.append(exchange)
            if self._is_anchor(exchange):
                self._last_unfiltered = exchange
        self._report_progress(exchange)

    def _report_progress(self, exchange: Exchange) -> None:
        with self._progress_lock:
            if unresolved(exchange) and not exchange.request.path:
                self._doubtful = True
            purpose = exchange.request.purpose
            if purpose != ANCHOR and self._progress is not None:
                part = Part(purpose)
                self._done[part] += 1
                self._progress(part, self._done[part], self._total[part])

    def _begin(self, part: Part, requests: int) -> None:
        with self._progress_lock:
            self._done[part] = 0
            self._total[part] = requests
            if self._progress is not None:
                self._progress(part, 0, requests)

    def _conclude(self, keep: Callable[[Exchange], bool]) -> None:
        """Turn the exchanges into evidence; outside any span, keep those that ``keep`` accepts."""
        found = self._with_enclosed(self._answered)
        known = {*found.reads, *found.related}
        alone = tuple(
            one
            for one in self._answered
            if one not in known and self._reads(one.request) and keep(one)
        )
        self._found = replace(found, unanchored=(*found.unanchored, *alone))
        self._answered = []

    def _without_end(self) -> list[Exchange]:
        """Return the exchanges without failed unfiltered reads, which may have ended the run."""
        return [
            exchange
            for exchange in self._answered
            if exchange.settled or not self._is_anchor(exchange) or not unresolved(exchange)
        ]

    def _with_enclosed(self, answered: Iterable[Exchange]) -> Evidence:
        asked = sorted((*answered, *self._target.passing), key=lambda exchange: exchange.sent)
        if self._target.banned:
            # Nobody knows what the server itself would have answered.
            asked = [one for one in asked if not (one.refused and self._is_unusual(one.request))]
        ends = [one for one in asked if self._is_anchor(one)]
        within = [one for one in asked if self._is_within(one)]
        heads = tuple(one for one in asked if one.request.method == "HEAD")
        refused = tuple(
            one
            for one in asked
            if one.request.access.kind is not AccessKind.GRANTED and one.request.method == "GET"
        )
        negotiated = tuple(
            one for one in asked if _is_granted_get(one.request) and one.request.accept != JSON
        )
        return replace(
            self._found,
            spans=enclosed(ends, within),
            refusals=refused,
            head_requests=heads,
            negotiated=negotiated,
        )

    def _is_open(self) -> bool:
        """Whether a response arrived after the last unfiltered read."""
        last = max(one.sent for one in self._answered if self._is_anchor(one))
        return any(one.answered > last for one in self._answered if self._is_within(one))

    def _is_within(self, exchange: Exchange) -> bool:
        """Whether a response is compared with the unfiltered reads before and after it."""
        request = exchange.request
        related = _is_granted_get(request) and bool(request.path)
        return not self._is_anchor(exchange) and (related or self._reads(request))

    def _reads(self, request: Request) -> bool:
        """Whether a request reads the endpoint with the accepted credential."""
        return _is_granted_get(request) and request.accept == JSON and not request.path

    def probe(self, query: Query) -> Exchange:
        """Send one more generated query, outside the plan, and keep the exchange."""
        request = self._planned(self._target.request(query), Part.PROBES)
        exchange = self._target.ask(request)
        self._found = replace(self._found, unanchored=(*self._found.unanchored, exchange))
        return exchange

    def _parts(self) -> Iterator[tuple[Part, int, Iterable[Request]]]:
        """Yield each part with its number of requests and these; several times for rounds."""
        queries = self._queries
        of_part: dict[Part, Callable[[], Iterable[Query]]] = {
            Part.VIEWS: queries.views,
            Part.CATEGORIES: queries.categories,
            Part.INPUTS: queries.inputs,
            Part.PROBES: queries.probes,
        }
        planned = [part for part in ORDER if part in self._plan.parts]
        for part in planned:
            if part is Part.VARIANTS:
                others = self._other_requests()
                yield part, *_counted([*self._reads_of(queries.variants()), *others])
            elif part is Part.MODELS:
                yield part, *self._model_requests()
            elif part is Part.ROUNDS:
                for number in queries.rounds():
                    yield part, *_counted(self._reads_of(queries.round(number)))
            elif part is Part.STRANGERS:
                if self._target.authenticated:
                    yield part, *_counted(self._refused())
            elif part is not Part.PROBES or self._plan.probes:
                yield part, *_counted(self._reads_of(of_part[part]()))
        if Part.ROUNDS in planned:
            yield Part.ROUNDS, *_counted(self._reads_of(queries.round(self._plan.rounds)))

    def _reads_of(self, queries: Iterable[Query]) -> list[Request]:
        return [self._target.request(query) for query in queries]

    def _other_requests(self) -> list[Request]:
        """Return requests with HEAD, and documented ones with other Accept headers."""
        whole = self._target.request(self._whole)
        bare = self._target.request(Query())
        narrow = self._target.request(self._narrow())
        malformed = self._target.request(self._queries.malformed())
        return [
            *(replace(request, method="HEAD") for request in (whole, bare, narrow, malformed)),
            *(replace(whole, accept=accept) for accept in ADMITTING_JSON),
        ]

    def _narrow(self) -> Query:
        """Return a documented query with an empty result, or else the last one.

        Servers that look for a first row respond to HEAD otherwise if there is none.
        """
        contract, first = self._target.contract, self._answered[0]
        plain = documented(contract)
        there = kinds(first, filtered_by(contract)) if first.listing else {}
        for query in plain if there else ():
            of_query = readings(contract, query)
            if not any(one.keeps(dict(kind)) is not False for one in of_query for kind in there):
                return query
        return plain[-1]

    def _model_requests(self) -> tuple[int, Iterator[Request]]:
        """Return the number of requests about models, and an iterator over them."""
        view, expansions = self._last_unfiltered, self._reads_of(self._queries.expansions())
        known = by_name(view) if view is not None else {}
        # Names made of dots would change the path.
        names = [name for name in known if name.strip(".")]
        related = self._target.contract.related

        def requests() -> Iterator[Request]:
            yield from expansions
            ranked = related_endpoints.by_suspicion(known, names, self._all_integrations())
            for name in ranked[:MOST_PROVIDERS]:
                yield self._target.request(self._whole, path=_of_provider(related["models"], name))
            for name in ranked[:ALONE]:
                yield self._target.request(Query(), path=_of_provider(related["provider"], name))

        number = len(expansions) + 1 + min(len(names), MOST_PROVIDERS) + min(len(names), ALONE)
        return number, requests()

    def _all_integrations(self) -> Exchange:
        """Request *Get All Integrations*; its response decides which providers come next."""
        path = self._target.contract.related["allIntegrations"]
        request = self._target.request(self._scale.base(), path=path)
        exchange = self._target.ask(self._planned(request, Part.MODELS))
        self._take(exchange)
        return exchange

    def add_span(self, part: Part, requests: Sequence[Request], *, at_once: bool = True) -> None:
        """Send the requests of a part between two unfiltered reads."""
        before = self._last_unfiltered or self._read_unfiltered()
        requests = [self._planned(request, part) for request in self._allowed(requests)]
        self._begin(part, len(requests))
        settled: list[Exchange] = []

        def tell(exchange: Exchange) -> None:
            self._report_progress(exchange)
            if exchange.settled:
                settled.append(exchange)

        try:
            batches = [requests] if at_once else [[request] for request in requests]
            exchanges = [one for batch in batches for one in self._target.ask_all(batch, tell)]
            self._check_alive()
            after = self._read_unfiltered()
        except CannotTest:
            self._found = replace(self._found, unanchored=(*self._found.unanchored, *settled))
            raise
        span = Span(before, tuple(exchanges), after)
        self._found = replace(self._found, spans=(*self._found.spans, span))

    def _read_unfiltered(self) -> Exchange:
        request = self._planned(self._target.request(self._whole), ANCHOR)
        exchange = self._target.ask(request)
        self._doubtful = self._doubtful or unresolved(exchange)
        self._check_alive()
        self._last_unfiltered = exchange
        return exchange

    def _refused(self) -> list[Request]:
        forms = self._target.forms()
        plain = documented(self._target.contract)
        found = list(_pairings(plain, forms, crossed=self._plan.crossed))
        # An access rule that matches the exact query may let other spellings through.
        found += [Request(query, forms[0].access) for query in respelled(plain[-1])]
        for path in respelled_paths(self._target.contract.path):
            found.append(Request(self._whole, forms[0].access, path=path))
        if Part.VARIANTS not in self._plan.parts:
            # Otherwise it is among the equivalent queries.
            found.append(replace(self._target.request(self._whole), method="HEAD"))
        for query, form in zip(cycle(plain), forms, strict=False):
            found.append(Request(query, form.access, method="HEAD"))
        return found

    def _check_alive(self) -> None:
        """Confirm that the server still works if a response left doubt."""
        if self._doubtful:
            self._doubtful = False
            self._target.confirm_alive()


def _is_granted_get(request: Request) -> bool:
    return request.access.kind is AccessKind.GRANTED and request.method == "GET"


def _counted(requests: Sequence[Request]) -> tuple[int, Sequence[Request]]:
    return len(requests), requests


def _pairings(
    queries: Sequence[Query], forms: Sequence[Form], *, crossed: bool
) -> Iterator[Request]:
    """Pair every query with each kind of refused credential, and each form with some query.

    Several forms of one kind alternate from query to query, and an expired token is tried with
    every second query, unless they are ``crossed``.
    """
    by_kind: dict[AccessKind, list[Form]] = {}
    for form in forms:
        by_kind.setdefault(form.access.kind, []).append(form)
    for kind, alike in by_kind.items():
        # With no credential at all, each query was tried already.
        step = 2 if kind is AccessKind.EXPIRED and not crossed else 1
        for number, query in enumerate(queries[::step]):
            for form in alike if crossed else [alike[number % len(alike)]]:
                yield Request(query, form.access)
    # Servers usually redirect only browsers to a login page.
    yield Request(queries[0], forms[0].access, accept="text/html")
