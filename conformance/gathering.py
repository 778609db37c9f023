"""What is asked of a target, in which order, and how often: the plan of a run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle
from urllib.parse import quote

from conformance import siblings
from conformance.comparison import by_name, open_requests
from conformance.contract import Operator
from conformance.credentials import Form
from conformance.errors import CannotTest
from conformance.evidence import Evidence, has_models
from conformance.exchange import AccessKind, Exchange, Request, unresolved
from conformance.inputs import TEMPTATIONS, disguised, unsupported, unusual, variants
from conformance.opening import Opening
from conformance.plan import Part, Plan, Progress
from conformance.query import Query, documented, unfiltered
from conformance.stability import requests_to_watch
from conformance.steadiness import Span
from conformance.target import Target

WITNESSED = 8
"""Providers whose models are asked of a sibling endpoint, at the most."""

ALONE = 2
"""Providers that are asked for alone, for servers that list no models anywhere."""
BATCH = 4
"""Queries between two reads of the unfiltered view when a living cluster is asked again."""
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
        self._last_unfiltered: Exchange | None = None
        if opening.exchange.query == unfiltered(target.contract):
            self._last_unfiltered = opening.exchange
        self.evidence = Evidence(
            contract=target.contract,
            opening=opening.exchange,
            now=int(time.time() * 1000),
            authenticated=target.authenticated,
            refusal=opening.refusal,
            extra=(opening.exchange,) if opening.refusal and opening.exchange.ok else (),
            insecure=target.insecure,
            headers=target.header_names,
        )

    def gather(self) -> Evidence:
        """Carry out the plan.

        Raises:
            CannotTest: the target stopped answering, or the credential stopped being accepted.
        """
        if self.evidence.refusal is not None:
            return self.evidence
        for part, requests in self._parts():
            self._add_span(part, requests)
        if Part.STRANGERS in self._plan.parts and self._target.authenticated:
            self._meet_strangers()
        if Part.ROUNDS in self._plan.parts:
            # What strangers were told must not be told to others afterwards.
            self._add_span(Part.ROUNDS, self._round(self._plan.rounds))
        self._ask_again()
        watched = requests_to_watch(self.evidence) if Part.ROUNDS in self._plan.parts else ()
        if watched:
            self._add_span(Part.WATCH, watched, at_once=False)
            self._ask_again()
        return self.evidence

    def probe(self, query: Query) -> Exchange:
        """Ask one more generated query, outside the plan, and keep the answer."""
        exchange = self._target.ask(self._target.request(query))
        self.evidence = replace(self.evidence, extra=(*self.evidence.extra, exchange))
        return exchange

    def _parts(self) -> Iterator[tuple[Part, Sequence[Request]]]:
        contract, ask = self._target.contract, self._target.request
        plain = documented(contract)
        if Part.VIEWS in self._plan.parts:
            first = unfiltered(contract)
            yield Part.VIEWS, [ask(query) for query in plain if query != first]
        if Part.VARIANTS in self._plan.parts:
            yield Part.VARIANTS, [ask(query) for query in variants(plain)]
        if Part.CATEGORIES in self._plan.parts:
            supported = next(
                item.supported for item in contract.filters if item.operator is Operator.EQUALS
            )
            parameter = next(
                item.parameter for item in contract.filters if item.operator is Operator.EQUALS
            )
            pairs = [((parameter, value),) for value in unsupported(supported)]
            yield Part.CATEGORIES, [ask(query) for query in self._opened(pairs)]
        if Part.MODELS in self._plan.parts:
            yield Part.MODELS, self._model_requests()
        if Part.INPUTS in self._plan.parts:
            yield Part.INPUTS, [ask(query) for query in unusual(contract)]
        if Part.ROUNDS in self._plan.parts:
            for number in range(1, self._plan.rounds):
                yield Part.ROUNDS, self._round(number)
        if Part.PROBES in self._plan.parts and self._plan.probes:
            yield Part.PROBES, [ask(query) for query in self._plan.probes]

    def _opened(self, pairs: Iterable[tuple[tuple[str, str], ...]]) -> Iterator[Query]:
        """Join each with the parameters of the unfiltered view, so that most would show."""
        rest = unfiltered(self._target.contract).pairs
        return (Query.of((*given, *rest)) for given in pairs)

    def _model_requests(self) -> list[Request]:
        contract, ask = self._target.contract, self._target.request
        base = unfiltered(contract).wire
        requests = [ask(Query(f"{base}&{tempting}")) for tempting in TEMPTATIONS]
        requests.append(ask(unfiltered(contract), path=contract.related["allIntegrations"]))
        known = by_name(self._last_unfiltered) if self._last_unfiltered is not None else {}
        # What such a name makes of a path is the address of something else.
        known = {name: provider for name, provider in known.items() if name.strip(".")}
        with_models = [name for name, provider in known.items() if has_models(provider)]
        without = [name for name in known if name not in with_models]
        for name in (*with_models[: WITNESSED - 1], *without)[:WITNESSED]:
            path = _of_provider(contract.related["models"], name)
            requests.append(ask(unfiltered(contract), path=path))
        return requests + [
            ask(Query(), path=_of_provider(contract.related["provider"], name))
            for name in (*with_models, *without)[:ALONE]
        ]

    def _round(self, number: int) -> list[Request]:
        """Ask for every documented query, those of all categories twice, in a new order."""
        contract = self._target.contract
        plain = documented(contract)
        narrow = [item.parameter for item in contract.filters if item.operator is Operator.EQUALS]
        wide = [query for query in plain if not any(map(query.values, narrow))]
        everything = [*plain, *wide]
        order = random.Random(f"{self._plan.seed} {number}")  # noqa: S311 - an order, no secret
        return [self._target.request(query) for query in order.sample(everything, len(everything))]

    def _ask_again(self) -> None:
        """Ask again what a comparison has not decided: differences, and what kept changing."""
        for _ in range(AGAIN):
            again = (*open_requests(self.evidence), *siblings.open_requests(self.evidence))
            if not again:
                break
            size = BATCH if self.evidence.changing else len(again)
            for place in range(0, len(again), size):
                self._add_span(Part.AGAIN, again[place : place + size])

    def _add_span(self, part: Part, requests: Sequence[Request], *, at_once: bool = True) -> None:
        """Read a part between two unfiltered views."""
        before = self._last_unfiltered or self._read_unfiltered()
        exchanges = self._ask(part, requests, at_once=at_once)
        after = self._read_unfiltered()
        span = Span(before, exchanges, after)
        self.evidence = replace(self.evidence, spans=(*self.evidence.spans, span))

    def _read_unfiltered(self) -> Exchange:
        exchange = self._target.ask(self._target.request(unfiltered(self._target.contract)))
        self._check_alive([exchange])
        self._last_unfiltered = exchange
        return exchange

    def _meet_strangers(self) -> None:
        forms = self._target.forms()
        plain = documented(self._target.contract)
        gets = [
            Request(query, form.access, accept=accept)
            for query, form, accept in _pairings(plain, forms, crossed=self._plan.crossed)
        ]
        # A rule that knows the documented queries by their spelling may let others through.
        others = disguised(plain[-1])
        gets += [Request(query, form.access) for form in forms[:1] for query in others]
        heads = [
            replace(self._target.request(unfiltered(self._target.contract)), method="HEAD"),
            *(
                Request(query, form.access, method="HEAD")
                for query, form in zip(plain, cycle(forms), strict=False)
            ),
        ]
        exchanges = self._ask(Part.STRANGERS, [*gets, *heads])
        self.evidence = replace(
            self.evidence, strangers=exchanges[: len(gets)], heads=exchanges[len(gets) :]
        )

    def _ask(
        self, part: Part, requests: Sequence[Request], *, at_once: bool = True
    ) -> tuple[Exchange, ...]:
        numbers = count(1)
        answered: list[Exchange] = []

        def tell(exchange: Exchange) -> None:
            answered.append(exchange)
            if self._progress is not None:
                self._progress(part, next(numbers), len(requests))

        if self._progress is not None:
            self._progress(part, 0, len(requests))
        try:
            if at_once:
                exchanges = self._target.ask_all(requests, tell)
            else:
                exchanges = tuple(self._one(request, tell) for request in requests)
        except CannotTest:
            # What is settled was found before the server stopped answering.
            found = (*self.evidence.extra, *(answer for answer in answered if answer.settled))
            self.evidence = replace(self.evidence, extra=found)
            raise
        self._check_alive(exchange for exchange in exchanges if not exchange.request.path)
        return exchanges

    def _one(self, request: Request, tell: Callable[[Exchange], None]) -> Exchange:
        exchange = self._target.ask(request)
        tell(exchange)
        return exchange

    def _check_alive(self, exchanges: Iterable[Exchange]) -> None:
        if unresolved(exchanges):
            self._target.confirm_alive(self.evidence.opening)


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
