"""Compare ``modelsCount`` with the models that related endpoints of the server list.

*Get All Integrations* lists the providers with their models, *Get Integration Models* the models of
one provider, and *Get Integration Provider* returns one provider with its count (documentation
pages of these names). These endpoints serve as evidence only; they are not judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from conformance.core.memo import remembered
from conformance.core.text import counted
from conformance.evidence.evidence import Evidence, has_models
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.hidden_providers import hidden_sightings
from conformance.evidence.providers import COUNT, EMBEDDED, by_name, repeated_names
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import confirmed, unconfirmed

MOST_PROVIDERS = 8
"""Most providers whose models are requested from a related endpoint."""


@dataclass(frozen=True, slots=True)
class RelatedCount:
    """How many models a related endpoint has for one provider.

    ``request`` is the request to that endpoint. ``active`` counts the models that are ``enabled``;
    ``total`` counts all, or is ``None`` if the endpoint may omit inactive ones. ``listed`` is false
    if the endpoint returns only a count, which is then in both. ``counts`` are the values of
    ``modelsCount`` to compare with: the exchange, the provider's index in it, and the value.
    """

    request: Request
    active: int
    total: int | None
    counts: tuple[tuple[Exchange, int, int], ...]
    listed: bool = True

    @property
    def statement(self) -> str:
        """A clause that says what the related endpoint returned."""
        source = f"GET {self.request.path}"
        if not self.listed:
            return f"{source} says {self.active}"
        if self.total is None:
            return f"{source} lists {counted(self.active, 'active model')}"
        return f"{source} lists {counted(self.total, 'model')}, {self.active} of them active"

    def contradicted(self) -> Iterator[tuple[Exchange, int, int]]:
        """Yield the values of ``modelsCount`` that contradict the related endpoint."""
        for exchange, index, count in self.counts:
            if count < self.active or (self.total is not None and count > self.total):
                yield exchange, index, count

    @property
    def wrong_values(self) -> set[int]:
        """The distinct values among them."""
        return {count for _, _, count in self.contradicted()}


def by_suspicion(
    known: Mapping[str, Mapping[str, Any]], names: Sequence[str], everything: Exchange
) -> list[str]:
    """Order providers by how likely their ``modelsCount`` is wrong, the likeliest first.

    First come those whose ``modelsCount`` differs most from the models in *Get All Integrations*,
    counted with inactive models or without; then others with models. One provider without models
    is among the first ``MOST_PROVIDERS``, if there is any. ``everything`` is the response of *Get
    All Integrations*, successful or not.
    """
    embedded = by_name(everything) if everything.listing else {}

    def deviation(name: str) -> int:
        count = _whole_number(known[name].get(COUNT))
        models = embedded[name].get(EMBEDDED) if name in embedded else None
        if count is None or not isinstance(models, list):
            return 0
        return max(_count_active(models) - count, count - len(models), 0)

    with_models = [name for name in names if has_models(known[name])]
    without = [name for name in names if not has_models(known[name])]
    differing = sorted(filter(deviation, names), key=deviation, reverse=True)
    first = list(dict.fromkeys((*differing, *with_models)))[: MOST_PROVIDERS - 1]
    return list(dict.fromkeys((*first, *without, *with_models)))


def related_counts(evidence: Evidence) -> dict[str, list[RelatedCount]]:
    """Return the counts of related endpoints by provider name, in the order of their spans.

    For each provider, only the most reliable endpoint is used: *Get Integration Models*, else *Get
    All Integrations*, else *Get Integration Provider*.
    """
    found: list[dict[str, list[RelatedCount]]] = [defaultdict(list) for _ in range(3)]
    single, embedded, own = found
    for span in evidence.steady_spans:
        for name, exchange, models in _embedded(evidence, span):
            active, counts = _count_active(models), _counts(span.before, name)
            # The documentation does not say whether this endpoint lists inactive models.
            embedded[name].append(RelatedCount(exchange.request, active, None, counts))
        for name, exchange, models in _model_lists(evidence, span):
            active, counts = _count_active(models), _counts(span.before, name)
            own[name].append(RelatedCount(exchange.request, active, len(models), counts))
        for name, exchange, count in _single_counts(evidence, span):
            counts = _counts(span.before, name)
            single[name].append(RelatedCount(exchange.request, count, count, counts, listed=False))
    return {**single, **embedded, **own}


def miscounted(evidence: Evidence) -> Iterator[tuple[str, RelatedCount]]:
    """Yield the names of providers whose ``modelsCount`` was always wrong, each with evidence."""
    for name, found in _unchanged(evidence, related_counts(evidence)).items():
        if confirmed([related.wrong_values for related in found]):
            yield name, found[-1]


def _unchanged(
    evidence: Evidence, found: Mapping[str, list[RelatedCount]]
) -> Mapping[str, list[RelatedCount]]:
    changes = evidence.observed_changes
    return {
        name: seen
        for name, seen in found.items()
        if name not in changes.providers and (name, COUNT) not in changes.fields
    }


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return the requests to related endpoints to repeat, until differences are confirmed."""
    found: dict[Request, None] = {}
    for seen in _unchanged(evidence, related_counts(evidence)).values():
        if unconfirmed([related.wrong_values for related in seen]):
            found[seen[-1].request] = None
    hidden = [missing for _, missing in hidden_sightings(evidence)]
    if unconfirmed([set(missing) for missing in hidden]):
        found.update((exchange.request, None) for exchange in hidden[-1].values())
    return tuple(found)


def _count_active(models: Sequence[Any]) -> int:
    return sum(isinstance(model, dict) and model.get("enabled") is True for model in models)


def model_names(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Return the names of each provider's models, as far as related endpoints list them."""
    names: dict[str, set[str]] = defaultdict(set)
    for span in evidence.spans:
        for name, _, models in (*_model_lists(evidence, span), *_embedded(evidence, span)):
            found = [model.get("api") for model in models if isinstance(model, dict)]
            names[name].update(api for api in found if isinstance(api, str) and api)
    return {name: frozenset(models) for name, models in names.items()}


def _model_lists(
    evidence: Evidence, span: Span
) -> Iterator[tuple[str, Exchange, list[Mapping[str, Any]]]]:
    for name, exchange in _of_one_provider(evidence, span, "models"):
        if exchange.listing and len(exchange.providers) == len(exchange.value):
            yield name, exchange, list(exchange.providers)


def _single_counts(evidence: Evidence, span: Span) -> Iterator[tuple[str, Exchange, int]]:
    for name, exchange in _of_one_provider(evidence, span, "provider"):
        provider = exchange.value if exchange.ok else None
        count = _whole_number(provider.get(COUNT)) if isinstance(provider, dict) else None
        if count is not None:
            yield name, exchange, count


def _of_one_provider(
    evidence: Evidence, span: Span, related: str
) -> Iterator[tuple[str, Exchange]]:
    """Yield the name of each provider that was requested from a related endpoint by its name.

    ``related`` is the name of the endpoint in ``related``; the exchange comes with the name.
    """
    head, _, tail = evidence.contract.related[related].partition("{name}")
    for exchange in span.exchanges:
        path = exchange.request.path
        name = path[len(head) : len(path) - len(tail)]
        if path == f"{head}{name}{tail}" and name and "/" not in name:
            yield unquote(name), exchange


def _embedded(evidence: Evidence, span: Span) -> Iterator[tuple[str, Exchange, list[Any]]]:
    everything = evidence.contract.related["allIntegrations"]
    for exchange in span.exchanges:
        if exchange.request.path == everything and exchange.listing:
            for name, provider in by_name(exchange).items():
                models = provider.get(EMBEDDED)
                if isinstance(models, list):
                    yield name, exchange, models


def _counts(exchange: Exchange, name: str) -> tuple[tuple[Exchange, int, int], ...]:
    """Return the ``modelsCount`` of a provider, with its exchange and index, if there is one."""
    provider = by_name(exchange).get(name)
    # With a repeated name, it is unknown which provider the related endpoint means.
    if provider is None or name in repeated_names(exchange):
        return ()
    count = _whole_number(provider.get(COUNT))
    return () if count is None else ((exchange, _indices(exchange)[name], count),)


@remembered
def _indices(exchange: Exchange) -> Mapping[str, int]:
    """Return the index of each named provider in a response."""
    return {
        provider["name"]: index
        for index, provider in enumerate(exchange.value)
        if isinstance(provider, dict) and isinstance(provider.get("name"), str)
    }


def _whole_number(value: Any) -> int | None:
    # JSON may write a whole number as 3.0.
    if isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0:
        return int(value)
    return None
