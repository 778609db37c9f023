"""All that was asked in a run and came back: what every check judges, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.contract.model import Contract, Operator
from conformance.contract.oracle import is_documented
from conformance.contract.query import Query, documented, unfiltered
from conformance.contract.schema import Breach, Look, Schema
from conformance.evidence.churn import Restlessness, alike, restlessness
from conformance.evidence.exchange import AccessKind, Exchange
from conformance.evidence.spans import Span


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a run has gathered.

    ``spans`` are the reads with the accepted credential, ``strangers`` those with credentials that
    must be refused, ``heads`` the HEAD requests of either kind. ``refusal`` is set when the first
    answer made the server non-conformant, and ``opening`` is that answer. ``now`` is the time of
    the run in milliseconds since 1970.
    """

    contract: Contract
    opening: Exchange
    now: int
    authenticated: bool = True
    refusal: str | None = None
    spans: tuple[Span, ...] = ()
    unanchored: tuple[Exchange, ...] = ()
    """Reads outside any span, which nothing can be compared with."""
    refusals: tuple[Exchange, ...] = ()
    head_requests: tuple[Exchange, ...] = ()
    insecure: bool = False
    headers: tuple[str, ...] = ()
    """Names of the headers that were sent with every request."""

    def alone(self, exchange: Exchange) -> Evidence:
        """Return the evidence of a run in which nothing was asked but this."""
        return replace(self, spans=(), unanchored=(exchange,), refusals=(), head_requests=())

    @cached_property
    def members(self) -> frozenset[str]:
        """The members of a provider that the contract documents."""
        return frozenset(self.contract.element_schema["properties"])

    @cached_property
    def reads(self) -> tuple[Exchange, ...]:
        """Every read of the endpoint with the accepted credential, as they were sent."""
        found = []
        for span in self.spans:
            found.append(span.before)
            found += [exchange for exchange in span.exchanges if not exchange.request.path]
            found.append(span.after)
        found += self.unanchored
        once = {id(exchange): exchange for exchange in found}.values()
        return tuple(sorted(once, key=lambda exchange: exchange.sent))

    @cached_property
    def answers(self) -> tuple[Exchange, ...]:
        """The reads that were answered with status 200, whatever their body."""
        return tuple(exchange for exchange in self.reads if exchange.status == 200)

    @cached_property
    def listings(self) -> tuple[Exchange, ...]:
        """The reads whose answer is a JSON array with status 200."""
        return tuple(exchange for exchange in self.reads if exchange.listing)

    def elements(
        self, concerns: Callable[[Query], bool] | None = None
    ) -> Iterator[tuple[Exchange, int, Mapping[str, Any]]]:
        """Yield each object in a listing: the exchange, its place in the array, and itself.

        Of equal answers to equal queries the first is told, and where all queries are of concern,
        of equal answers the first to the shortest query.
        """
        if concerns is None:
            yield from self._distinct_elements()
            return
        seen = set()
        for exchange in self.listings:
            key = exchange.query, id(exchange.decoded)
            if key not in seen and concerns(exchange.query):
                seen.add(key)
                for place, element in enumerate(exchange.value):
                    if isinstance(element, dict):
                        yield exchange, place, element

    def _distinct_elements(self) -> Iterator[tuple[Exchange, int, Mapping[str, Any]]]:
        # In large answers the same element is the same object in all of them.
        seen: set[int] = set()
        for exchange in self.distinct:
            for place, element in enumerate(exchange.value):
                if isinstance(element, dict) and id(element) not in seen:
                    seen.add(id(element))
                    yield exchange, place, element

    @cached_property
    def distinct(self) -> tuple[Exchange, ...]:
        """The different listings, of equal ones the first to the shortest query; these first."""
        ranked = sorted(self.listings, key=lambda read: len(read.query.wire))
        found: dict[int, Exchange] = {}
        for exchange in ranked:
            found.setdefault(id(exchange.decoded), exchange)
        return tuple(found.values())

    @cached_property
    def documented(self) -> tuple[Exchange, ...]:
        """The reads of documented queries, spelled plainly."""
        return tuple(exchange for exchange in self.reads if exchange.query in self.plain_queries)

    @cached_property
    def plain_queries(self) -> frozenset[Query]:
        """The documented queries, spelled as the suite spells them."""
        return frozenset(documented(self.contract))

    def rephrased(self, query: Query) -> bool:
        """Whether this is a documented query in other words: another order, another encoding."""
        return query not in self.plain_queries and is_documented(self.contract, query)

    @cached_property
    def breaches(self) -> tuple[tuple[Exchange, tuple[Breach, ...]], ...]:
        """Where different 200 answers that hold JSON break the contract's schema, by answer."""
        return tuple((exchange, look.breaches) for exchange, look in self._looks)

    @cached_property
    def overlooked(self) -> bool:
        """Whether some answer breaks the schema in more places than were looked at."""
        return not all(look.complete for _, look in self._looks)

    @cached_property
    def _looks(self) -> tuple[tuple[Exchange, Look], ...]:
        schema = Schema(self.contract)
        found: dict[int, tuple[Exchange, Look]] = {}
        # Of equal answers, which most are, the one to the shortest query tells it all.
        for exchange in sorted(self.answers, key=lambda read: len(read.query.wire)):
            decoded = exchange.decoded
            if exchange.trouble is not None or decoded.error is not None:
                continue
            if id(decoded) not in found:
                found[id(decoded)] = exchange, schema.look(decoded.value)
        return tuple((exchange, look) for exchange, look in found.values() if look.breaches)

    @cached_property
    def related(self) -> tuple[Exchange, ...]:
        """The reads of other endpoints of the same server."""
        return tuple(
            exchange for span in self.spans for exchange in span.exchanges if exchange.request.path
        )

    @cached_property
    def membership(self) -> frozenset[str]:
        """The members that decide which views hold a provider: its name and what is filtered by."""
        return frozenset({"name", *(item.property for item in self.contract.filters)})

    @cached_property
    def unfiltered_reads(self) -> tuple[Exchange, ...]:
        """The listings of the unfiltered view, in the order in which they were read."""
        whole = unfiltered(self.contract)
        return tuple(read for read in self.listings if read.query == whole)

    @cached_property
    def steady_spans(self) -> tuple[Span, ...]:
        """The spans in which it may be compared which providers a view holds."""
        return tuple(span for span in self.spans if span.steady(self.membership))

    @cached_property
    def changing(self) -> bool:
        """Whether providers were seen to come, go, or pass from one view to another."""
        first, *others = self.unfiltered_reads or (None,)
        return first is not None and not all(
            alike(first, other, self.membership) for other in others
        )

    @cached_property
    def restless(self) -> Restlessness:
        """What was seen to change during the run; no comparison of it is believed."""
        return restlessness(self.unfiltered_reads, self.membership, self.members)

    @cached_property
    def providers(self) -> Mapping[str, Mapping[str, Any]]:
        """Every provider seen in any answer, by name, as it was seen last."""
        seen: dict[str, Mapping[str, Any]] = {}
        latest = {id(exchange.decoded): exchange for exchange in reversed(self.listings)}
        for exchange in reversed(latest.values()):
            for provider in exchange.providers:
                name = provider.get("name")
                if isinstance(name, str):
                    seen[name] = provider
        return seen

    @cached_property
    def all_exchanges(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, whoever asked and whatever was asked."""
        return (self.opening, *self.reads, *self.related, *self.refusals, *self.head_requests)

    def granted_heads(self) -> Iterator[Exchange]:
        """HEAD requests with the accepted credential."""
        return (
            head for head in self.head_requests if head.request.access.kind is AccessKind.GRANTED
        )

    @cached_property
    def measures(self) -> Mapping[str, int]:
        """Count what the target showed, by the names of ``x-evidence`` that hold for any check."""
        providers = list(self.providers.values())
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


def has_models(provider: Mapping[str, Any]) -> bool:
    """Whether a provider says that it has models."""
    count = provider.get("modelsCount")
    return isinstance(count, int | float) and not isinstance(count, bool) and count > 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
