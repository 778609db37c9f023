"""What is asked of a target, in which order, and how often: the plan of a run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count, cycle
from urllib.parse import quote

from conformance.comparison import CONFIRMATIONS, by_name
from conformance.contract import Operator
from conformance.credentials import Form
from conformance.evidence import Evidence, Span, has_models
from conformance.exchange import AccessKind, Exchange, Request
from conformance.opening import Opening
from conformance.query import (
    Query,
    documented,
    iterate_wires,
    overencoded,
    reordered,
    unfiltered,
)
from conformance.target import Target, unresolved

WITNESSED = 8
"""Providers whose models are asked of a sibling endpoint, at the most."""

TEMPTATIONS = (
    "includeModels=true",
    "withModels=true",
    "include=models",
    "expand=apis",
    "embed=models",
    "fields=apis",
    "details=true",
    "full=true",
)
"""Parameters no contract knows, by which servers have been seen to offer embedded models."""


class Part(StrEnum):
    """The parts of a run; each requirement needs some of them."""

    VIEWS = "documented queries"
    VARIANTS = "the same in other words"
    CATEGORIES = "unsupported categories"
    MODELS = "models"
    PROBES = "generated queries"
    STRANGERS = "refused credentials"


class Profile(StrEnum):
    """How much is asked."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks.

    ``parts`` are the parts that the selected requirements need, ``probes`` the generated queries
    (empty without probing), ``crossed`` whether every refused credential is tried on every query.
    """

    parts: frozenset[Part]
    probes: tuple[Query, ...] = ()
    crossed: bool = False


ATTEMPTS = {Part.VIEWS: 8, Part.VARIANTS: 6}
"""How often the parts that are compared are read while the cluster changes."""

NEEDS = {
    "HTTP": frozenset(Part),
    "SHAPE": frozenset({Part.VIEWS, Part.MODELS, Part.PROBES}),
    "MODEL": frozenset({Part.VIEWS, Part.MODELS, Part.PROBES}),
    "FILTER": frozenset(Part) - {Part.STRANGERS},
    "AUTH": frozenset({Part.VIEWS, Part.STRANGERS}),
}
"""Family to the parts whose exchanges its requirements judge."""


def needed_parts(families: Iterable[str], profile: Profile) -> frozenset[Part]:
    """Return the parts of a run that requirements of these families need."""
    parts = frozenset[Part]().union(*(NEEDS.get(family, frozenset(Part)) for family in families))
    return parts - {Part.PROBES} if profile is Profile.QUICK else parts


Progress = Callable[[Part, int, int], None]
"""Called with a part, how many of its requests are answered, and how many it has."""


class Gatherer:
    """Carries out a plan; what it has so far is there at any time, even after an interruption."""

    def __init__(
        self, target: Target, opening: Opening, plan: Plan, progress: Progress | None
    ) -> None:
        self._target = target
        self._plan = plan
        self._progress = progress
        self._attempts: Counter[Part] = Counter()
        self._steady: Counter[Part] = Counter()
        self._last_unfiltered: Exchange | None = None
        if opening.exchange.query == unfiltered(target.contract):
            self._last_unfiltered = opening.exchange
        self.evidence = Evidence(
            contract=target.contract,
            opening=opening.exchange,
            now=int(time.time() * 1000),
            authenticated=target.authenticated,
            refusal=opening.refusal,
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
        asked: list[tuple[Part, Sequence[Request]]] = []
        for part, requests in self._read_parts():
            self._add_spans(part, requests)
            asked.append((part, requests))
        # What was read once, while nothing had changed yet, is not enough once something has.
        for part, requests in asked:
            if self.evidence.changing and self._steady[part] < CONFIRMATIONS:
                self._add_spans(part, requests)
        if Part.STRANGERS in self._plan.parts and self._target.authenticated:
            self._meet_strangers()
        return self.evidence

    def probe(self, query: Query) -> Exchange:
        """Ask one more generated query, outside the plan, and keep the answer."""
        exchange = self._target.ask(self._target.request(query))
        self.evidence = replace(self.evidence, extra=(*self.evidence.extra, exchange))
        return exchange

    def _read_parts(self) -> Iterator[tuple[Part, Sequence[Request]]]:
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
        with_models = [name for name, provider in known.items() if has_models(provider)]
        without = [name for name in known if name not in with_models]
        for name in (*with_models[: WITNESSED - 1], *without[:1]):
            path = contract.related["models"].replace(
                "{name}", quote(name, safe="", errors="replace")
            )
            requests.append(ask(Query.of([("activeOnly", "false")]), path=path))
        return requests

    def _add_spans(self, part: Part, requests: Sequence[Request]) -> None:
        """Read a part between two unfiltered views, again while they differ."""
        before = self._last_unfiltered or self._read_unfiltered()
        while self._attempts[part] < ATTEMPTS.get(part, 1):
            exchanges = self._ask(part, requests)
            after = self._read_unfiltered()
            span = Span(before, exchanges, after)
            self.evidence = replace(self.evidence, spans=(*self.evidence.spans, span))
            before = after
            self._attempts[part] += 1
            self._steady[part] += span.steady(self.evidence.members)
            enough = self._steady[part] >= CONFIRMATIONS
            if not self.evidence.changing or not after.listing or enough:
                break

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
        disguised = _in_disguise(plain[-1])
        gets += [Request(query, form.access) for form in forms[:1] for query in disguised]
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

    def _ask(self, part: Part, requests: Sequence[Request]) -> tuple[Exchange, ...]:
        numbers = count(1)

        def tell(_: Exchange) -> None:
            if self._progress is not None:
                self._progress(part, next(numbers), len(requests))

        if self._progress is not None:
            self._progress(part, 0, len(requests))
        exchanges = self._target.ask_all(requests, tell)
        self._check_alive(exchange for exchange in exchanges if not exchange.request.path)
        return exchanges

    def _check_alive(self, exchanges: Iterable[Exchange]) -> None:
        if unresolved(exchanges):
            self._target.confirm_alive(self.evidence.opening)


def variants(plain: Sequence[Query]) -> tuple[Query, ...]:
    """Return documented queries in other words: the other order, and percent-encoded."""
    given = [query for query in plain if query.wire]
    several = [reordered(query) for query in given if len(query.pairs) > 1]
    return tuple(iterate_wires([*several, *map(overencoded, given)]))


def unsupported(supported: Sequence[str]) -> tuple[str, ...]:
    """Return values near the supported ones that a loose comparison would let through.

    Words that many servers treat as "any", prefixes, suffixes and shared parts, wildcards of SQL,
    shells and regular expressions, lists, and a quote that ends a condition: none is a category.
    """
    first, second = supported[0], supported[1 % len(supported)]
    head, _, tail = first.partition("_")
    shortest = min(supported, key=len)
    values = (
        "NOT_A_CATEGORY",
        "ALL",
        "null",
        "0",
        head,
        tail or first[1:],
        f"{first}S",
        f"X{first}",
        f"{first},{second}",
        f"{first}|{second}",
        "*",
        "%",
        f"{head}%",
        ".*",
        f"{shortest[0]}_{shortest[2:]}",
        f"{shortest[0]}.{shortest[2:]}",
        f"{first}' OR '1'='1",
    )
    return tuple(dict.fromkeys(value for value in values if value and value not in supported))


def _in_disguise(query: Query) -> tuple[Query, ...]:
    """Return a documented query in other words, and one with a parameter that no contract knows."""
    return reordered(query), overencoded(query), Query(f"{query.wire}&{TEMPTATIONS[0]}")


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
