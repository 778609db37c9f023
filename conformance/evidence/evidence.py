"""The evidence of a run: all requests and responses, which are all that the checks judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from conformance.contract.filter_oracle import is_documented, readings
from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query, documented, unfiltered
from conformance.contract.schema import Breach, Schema, Validation
from conformance.core.strict_json import Element
from conformance.evidence.churn import ObservedChanges, alike, observed_changes
from conformance.evidence.exchange import AccessKind, Exchange, Request, simplicity
from conformance.evidence.lifecycle import Lifecycle
from conformance.evidence.spans import Span

OF_PROVIDERS = frozenset(
    {"providers", "categories", "active", "inactive", "inactiveInCategory", "withModels"}
)
"""The measures that count providers whose place in results is certain."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All exchanges of a run, and what follows from them.

    ``spans`` are the reads with the accepted credential, ``refusals`` those with credentials that
    must be rejected, ``head_requests`` the HEAD requests of either kind. ``opening`` is the first
    exchange; if it made the server non-conformant, ``refusal`` says why. ``now`` is the time of the
    run in milliseconds since 1970. ``insecure`` means that TLS certificates were not verified.
    """

    contract: Contract
    opening: Exchange
    now: int
    authenticated: bool = True
    refusal: str | None = None
    spans: tuple[Span, ...] = ()
    unanchored: tuple[Exchange, ...] = ()
    """Reads outside any span, which cannot be compared with the unfiltered list."""
    refusals: tuple[Exchange, ...] = ()
    head_requests: tuple[Exchange, ...] = ()
    negotiated: tuple[Exchange, ...] = ()
    """Reads with another Accept header, whose bodies need not be JSON."""
    passed_over: tuple[Exchange, ...] = ()
    """Failures that did not recur, in what may have been an outage of a part of the server."""
    insecure: bool = False
    curl_options: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Names of the headers that were sent with every request."""
    lifecycle: Lifecycle | None = None
    """The changes that a run with fixtures made; ``None`` for a read-only run."""
    memo: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False)

    def alone(self, exchange: Exchange) -> Evidence:
        """Return the evidence of a run in which this was the only exchange."""
        apart: dict[str, Any] = dict.fromkeys(
            ("spans", "refusals", "head_requests", "negotiated"), ()
        )
        return replace(self, unanchored=(exchange,), **apart)

    @cached_property
    def documented_fields(self) -> frozenset[str]:
        """The fields of a provider that the contract documents."""
        return frozenset(self.contract.element_schema["properties"])

    @cached_property
    def reads(self) -> tuple[Exchange, ...]:
        """All reads of the endpoint with the accepted credential, in the order of sending."""
        found: list[Exchange] = []
        ends: list[Exchange] = []
        for span in self.spans:
            within = [exchange for exchange in span.exchanges if not exchange.request.path]
            # Spans share the reads between them.
            begin, end = (
                [] if any(one is known for known in ends) else [one]
                for one in (span.before, span.after)
            )
            found += [*begin, *within, *end]
            ends += [*begin, *end]
        return tuple(sorted((*found, *self.unanchored), key=lambda exchange: exchange.sent))

    @cached_property
    def answers(self) -> tuple[Exchange, ...]:
        """The reads with status 200, whatever their body."""
        return tuple(exchange for exchange in self.reads if exchange.status == 200)

    @cached_property
    def listings(self) -> tuple[Exchange, ...]:
        """The reads that returned status 200 and a JSON array."""
        return tuple(exchange for exchange in self.reads if exchange.listing)

    @cached_property
    def _different_listings(self) -> tuple[Exchange, ...]:
        """The first exchange of each query with each of its different results."""
        found: dict[tuple[Query, bytes], Exchange] = {}
        for exchange in self.listings:
            found.setdefault((exchange.query, exchange.decoded.digest), exchange)
        return tuple(found.values())

    def elements(
        self, concerns: Callable[[Query], bool] | None = None
    ) -> Iterator[tuple[Exchange, int, Element]]:
        """Yield each object in a listing: the exchange, the index in the array, and the object.

        With ``concerns``, equal responses to a query are yielded once, from the first exchange.
        Without it, equal objects are, from the first exchange with the simplest query.
        """
        if concerns is None:
            yield from self._distinct_elements()
            return
        for exchange in self._different_listings:
            if concerns(exchange.query):
                for place, element in enumerate(exchange.value):
                    if isinstance(element, Element):
                        yield exchange, place, element

    def _distinct_elements(self) -> Iterator[tuple[Exchange, int, Element]]:
        seen: set[bytes] = set()
        for exchange in self.distinct:
            for place, element in enumerate(exchange.value):
                if isinstance(element, Element) and element.canonical not in seen:
                    seen.add(element.canonical)
                    yield exchange, place, element

    @cached_property
    def distinct(self) -> tuple[Exchange, ...]:
        """The distinct listings, each with its simplest query, those with the simplest first."""
        ranked = sorted(self.listings, key=simplicity)
        found: dict[bytes, Exchange] = {}
        for exchange in ranked:
            found.setdefault(exchange.decoded.digest, exchange)
        return tuple(found.values())

    @cached_property
    def documented(self) -> tuple[Exchange, ...]:
        """The reads of documented queries in their plain spelling."""
        return tuple(exchange for exchange in self.reads if exchange.query in self.plain_queries)

    def says_empty(self, exchange: Exchange) -> bool:
        """Whether a response says that a result is empty by its status, such as 204.

        HTTP-05 judges that status, if documented queries get it; no other requirement does.
        """
        if exchange.status not in self._successes:
            return False
        known = self.providers.values()
        return any(
            not any(reading.keeps(provider) for provider in known)
            for reading in readings(self.contract, exchange.query)
        )

    @cached_property
    def _successes(self) -> frozenset[int]:
        return frozenset(read.status for read in self.documented if 200 < read.status < 300)

    @cached_property
    def documented_listings(self) -> tuple[Exchange, ...]:
        """The listings for documented queries, in any spelling."""
        return tuple(read for read in self.listings if is_documented(self.contract, read.query))

    @cached_property
    def plain_queries(self) -> frozenset[Query]:
        """The documented queries in their plain spelling."""
        return frozenset(documented(self.contract))

    def is_equivalent_spelling(self, query: Query) -> bool:
        """Whether this is a documented query with another parameter order or percent-encoding."""
        return query not in self.plain_queries and is_documented(self.contract, query)

    def plain_of(self, query: Query) -> Query:
        """Return the plain spelling of a documented query; of another one, the query itself."""
        pairs = sorted(query.pairs)
        return next((one for one in self.plain_queries if sorted(one.pairs) == pairs), query)

    @cached_property
    def breaches(self) -> tuple[tuple[Exchange, tuple[Breach, ...]], ...]:
        """The violations of the schema in each distinct 200 response that is JSON."""
        return tuple((exchange, validation.breaches) for exchange, validation in self._validations)

    @cached_property
    def has_uncounted_breaches(self) -> bool:
        """Whether a response may violate the schema in more places than ``breaches`` lists."""
        return not all(validation.complete for _, validation in self._validations)

    @cached_property
    def _validations(self) -> tuple[tuple[Exchange, Validation], ...]:
        schema = Schema(self.contract)
        found: dict[bytes, tuple[Exchange, Validation]] = {}
        # Most responses are equal; of these, the one to the simplest query is validated.
        for exchange in sorted(self.answers, key=simplicity):
            decoded = exchange.decoded
            readable = exchange.trouble is None and decoded.error is None
            if readable and decoded.digest not in found:
                found[decoded.digest] = exchange, schema.validate(decoded.value)
        return tuple(pair for pair in found.values() if pair[1].breaches)

    @cached_property
    def related(self) -> tuple[Exchange, ...]:
        """The reads of other endpoints of the server."""
        return tuple(
            exchange for span in self.spans for exchange in span.exchanges if exchange.request.path
        )

    @cached_property
    def deciding_fields(self) -> frozenset[str]:
        """The fields that decide which results contain a provider: its name and filtered fields."""
        return frozenset({"name", *(item.property for item in self.contract.filters)})

    @cached_property
    def unfiltered_reads(self) -> tuple[Exchange, ...]:
        """All reads of the unfiltered list that returned an array, in the order of sending."""
        whole = unfiltered(self.contract)
        return tuple(read for read in self.listings if read.query == whole)

    @cached_property
    def steady_spans(self) -> tuple[Span, ...]:
        """The spans whose results can be compared with the unfiltered list."""
        return tuple(span for span in self.spans if span.steady(self.deciding_fields))

    @cached_property
    def changing(self) -> bool:
        """Whether providers appeared, disappeared or moved between results during the run."""
        first, *others = self.unfiltered_reads or (None,)
        return first is not None and not all(
            alike(first, other, self.deciding_fields) for other in others
        )

    @cached_property
    def observed_changes(self) -> ObservedChanges:
        """What changed during the run; comparisons of it prove nothing."""
        return observed_changes(self.unfiltered_reads, self.deciding_fields, self.documented_fields)

    @cached_property
    def providers(self) -> Mapping[str, Mapping[str, Any]]:
        """All providers in any listing, by name, in their most recent state."""
        seen: dict[str, Mapping[str, Any]] = {}
        latest = {exchange.decoded.digest: exchange for exchange in reversed(self.listings)}
        for exchange in reversed(latest.values()):
            for provider in exchange.providers:
                name = provider.get("name")
                if isinstance(name, str):
                    seen[name] = provider
        return seen

    @cached_property
    def held(self) -> Mapping[str, Mapping[str, Any]]:
        """The providers that count as evidence, by name, in their most recent state.

        These are the ones in the last list, or in a response between two equal lists. Those that
        appeared, disappeared or moved during the run are left out, as in all comparisons.
        """
        if not self.spans:
            return self.providers
        within = [
            read
            for span in self.steady_spans
            for read in (span.before, *span.exchanges)
            if read.listing and not read.request.path
        ]
        distinct = {read.decoded.digest: read for read in (*within, *self.unfiltered_reads[-1:])}
        shown = {_text(one.get("name")) for read in distinct.values() for one in read.providers}
        kept = shown - self.observed_changes.providers
        return {name: state for name, state in self.providers.items() if name in kept}

    @cached_property
    def all_exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the run, whatever their credential and path."""
        others = (*self.related, *self.refusals, *self.head_requests, *self.negotiated)
        return (self.opening, *self.reads, *others, *self.passed_over)

    def responses_to(self, request: Request) -> tuple[Exchange, ...]:
        """Return the exchanges of the run with this request."""
        return self._by_request.get(as_sent(request), ())

    @cached_property
    def _by_request(self) -> Mapping[tuple[str, ...], tuple[Exchange, ...]]:
        found: dict[tuple[str, ...], list[Exchange]] = defaultdict(list)
        # The opening is mostly among the reads, too.
        for exchange in {id(one): one for one in self.all_exchanges}.values():
            found[as_sent(exchange.request)].append(exchange)
        return {sent: tuple(those) for sent, those in found.items()}

    def granted_heads(self) -> Iterator[Exchange]:
        """Yield the HEAD requests with the accepted credential."""
        return (
            head for head in self.head_requests if head.request.access.kind is AccessKind.GRANTED
        )

    @cached_property
    def measures(self) -> Mapping[str, int]:
        """Amounts of evidence that are the same for all checks, by their names in the contract."""
        providers = list(self.held.values())
        supported = {
            value
            for parameter in self.contract.filters
            if parameter.operator is Operator.EQUALS
            for value in parameter.supported
        }
        inactive = [provider for provider in providers if provider.get("enabled") is False]
        return {
            "answers": len(self.answers),
            "documentedQueries": len({exchange.query for exchange in self.documented}),
            "providers": len(providers),
            "categories": len(supported & {_text(p.get("category")) for p in providers}),
            "active": sum(provider.get("enabled") is True for provider in providers),
            "inactive": len(inactive),
            "inactiveInCategory": len(supported & {_text(p.get("category")) for p in inactive}),
            "withModels": sum(has_models(provider) for provider in providers),
        }


def as_sent(request: Request) -> tuple[str, ...]:
    """Return what a server sees of a request, apart from the token itself."""
    wire, access = request.query.wire, request.access
    return (request.method, request.path, wire, access.form, request.accept)


def has_models(provider: Mapping[str, Any]) -> bool:
    """Whether the ``modelsCount`` of a provider is a positive number."""
    count = provider.get("modelsCount")
    return isinstance(count, int | float) and not isinstance(count, bool) and count > 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
