"""What other endpoints of the same server say: witnesses, not the accused.

*Get All Integrations* lists the providers with their models, *Get Integration Models* the models of
one provider (documentation pages of those names). Neither is judged here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from conformance.comparison import by_name
from conformance.evidence import Evidence, Span
from conformance.exchange import Exchange
from conformance.model_details import COUNT, EMBEDDED


@dataclass(frozen=True, slots=True)
class Witness:
    """The models of one provider as a sibling endpoint lists them.

    ``active`` are those that say so of themselves; ``total`` is ``None`` where inactive ones may be
    missing. ``counts`` are the readings of ``modelsCount`` that may be compared with them: the
    exchange, the provider's place in it and the value.
    """

    source: str
    active: int
    total: int | None
    counts: tuple[tuple[Exchange, int, int], ...]


def witnesses(evidence: Evidence) -> dict[str, Witness]:
    """Return by provider what sibling endpoints list, from spans in which nothing changed."""
    found: dict[str, Witness] = {}
    for span in evidence.steady_spans:
        counts = _counts(span.before)
        for name, exchange, models in _embedded(evidence, span):
            # Nothing says that this endpoint lists inactive models.
            found.setdefault(name, _witness(exchange, models, None, counts.get(name, ())))
        for name, exchange, models in _model_lists(evidence, span):
            found[name] = _witness(exchange, models, len(models), counts.get(name, ()))
    return found


def _witness(
    exchange: Exchange,
    models: Sequence[Any],
    total: int | None,
    counts: Sequence[tuple[Exchange, int, int]],
) -> Witness:
    active = sum(isinstance(model, dict) and model.get("enabled") is True for model in models)
    return Witness(f"GET {exchange.request.path}", active, total, tuple(counts))


def inactive_elsewhere(evidence: Evidence, span: Span) -> dict[str, Exchange]:
    """Return the names of inactive providers that *Get All Integrations* shows in a steady span."""
    path = evidence.contract.related["allIntegrations"]
    return {
        name: exchange
        for exchange in span.exchanges
        if exchange.request.path == path and exchange.listing
        for name, provider in by_name(exchange).items()
        if provider.get("enabled") is False
    }


def model_names(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Return the names of each provider's models, as far as any sibling endpoint tells them."""
    names: dict[str, set[str]] = defaultdict(set)
    for span in evidence.spans:
        for name, _, models in (*_model_lists(evidence, span), *_embedded(evidence, span)):
            names[name] |= _named(models)
    return {name: frozenset(models) for name, models in names.items()}


def _named(models: Sequence[Any]) -> set[str]:
    found = [model.get("api") for model in models if isinstance(model, dict)]
    return {name for name in found if isinstance(name, str) and name}


def _model_lists(
    evidence: Evidence, span: Span
) -> Iterator[tuple[str, Exchange, list[Mapping[str, Any]]]]:
    head, _, tail = evidence.contract.related["models"].partition("{name}")
    for exchange in span.exchanges:
        path = exchange.request.path
        if path.startswith(head) and path.endswith(tail) and exchange.listing:
            name = unquote(path[len(head) : len(path) - len(tail)])
            if len(exchange.providers) == len(exchange.value):
                yield name, exchange, list(exchange.providers)


def _embedded(evidence: Evidence, span: Span) -> Iterator[tuple[str, Exchange, list[Any]]]:
    everything = evidence.contract.related["allIntegrations"]
    for exchange in span.exchanges:
        if exchange.request.path == everything and exchange.listing:
            for name, provider in by_name(exchange).items():
                models = provider.get(EMBEDDED)
                if isinstance(models, list):
                    yield name, exchange, models


def _counts(exchange: Exchange) -> Mapping[str, list[tuple[Exchange, int, int]]]:
    found: dict[str, list[tuple[Exchange, int, int]]] = defaultdict(list)
    for place, provider in enumerate(exchange.value):
        name = provider.get("name") if isinstance(provider, dict) else None
        if isinstance(name, str):
            count = provider.get(COUNT)
            # JSON may spell a whole number with a fraction of zero.
            if isinstance(count, int | float) and not isinstance(count, bool) and count % 1 == 0:
                found[name].append((exchange, place, int(count)))
    # Of two providers with one name a sibling can only mean one.
    return {name: counts for name, counts in found.items() if len(counts) == 1}
