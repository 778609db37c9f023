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

from conformance.core.text import counted
from conformance.evidence.evidence import Evidence, has_models
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.hidden_providers import hidden_sightings
from conformance.evidence.providers import (
    COUNT,
    EMBEDDED,
    by_name,
    cached_per_answer,
    repeated_names,
)
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import believable, suspicious

WITNESSED = 8
"""Providers whose models are asked of a sibling endpoint, at the most."""


@dataclass(frozen=True, slots=True)
class RelatedCount:
    """The models of one provider as a sibling endpoint lists them.

    ``active`` are those that say so of themselves; ``total`` is ``None`` where inactive ones may be
    missing. ``counts`` are the readings of ``modelsCount`` that may be compared with them: the
    exchange, the provider's place in it and the value. ``request`` is what the sibling was asked,
    and ``listed`` whether it lists the models or tells their number only.
    """

    request: Request
    active: int
    total: int | None
    counts: tuple[tuple[Exchange, int, int], ...]
    listed: bool = True

    @property
    def statement(self) -> str:
        """What the sibling says, in words."""
        source = f"GET {self.request.path}"
        if not self.listed:
            return f"{source} says {self.active}"
        if self.total is None:
            return f"{source} lists {counted(self.active, 'active model')}"
        return f"{source} lists {counted(self.total, 'model')}, {self.active} of them active"

    def contradicted(self) -> Iterator[tuple[Exchange, int, int]]:
        """Yield the readings of ``modelsCount`` that do not go with what is listed."""
        for exchange, place, count in self.counts:
            if count < self.active or (self.total is not None and count > self.total):
                yield exchange, place, count


def by_suspicion(
    known: Mapping[str, Mapping[str, Any]], names: Sequence[str], everything: Exchange
) -> list[str]:
    """Put names of ``known`` providers into the order in which it pays to have their models listed.

    First come those whose ``modelsCount`` is the farthest from what *Get All Integrations* embeds
    of them, counted with its inactive models or without; then others with models. One without any
    stands among the first.
    """
    embedded = by_name(everything) if everything.listing else {}

    def apart(name: str) -> int:
        count = _whole(known[name].get(COUNT))
        models = embedded.get(name, {}).get(EMBEDDED)
        if count is None or not isinstance(models, list):
            return 0
        return max(_active(models) - count, count - len(models), 0)

    with_models = [name for name in names if has_models(known[name])]
    without = [name for name in names if not has_models(known[name])]
    wrong = sorted(filter(apart, names), key=apart, reverse=True)
    first = list(dict.fromkeys((*wrong, *with_models)))[: WITNESSED - 1]
    return list(dict.fromkeys((*first, *without, *with_models)))


def witnesses(evidence: Evidence) -> dict[str, list[RelatedCount]]:
    """Return by provider what sibling endpoints list, in the order of the spans they were read in.

    A provider's own models say more than what *Get All Integrations* lists of them, and that more
    than the count that *Get Integration Provider* shows.
    """
    alone: dict[str, list[RelatedCount]] = defaultdict(list)
    own: dict[str, list[RelatedCount]] = defaultdict(list)
    embedded: dict[str, list[RelatedCount]] = defaultdict(list)
    for span in evidence.steady_spans:
        counts = _Counts(span.before)
        for name, exchange, models in _embedded(evidence, span):
            # Nothing says that this endpoint lists inactive models.
            embedded[name].append(_witness(exchange, models, None, counts.get(name)))
        for name, exchange, models in _model_lists(evidence, span):
            own[name].append(_witness(exchange, models, len(models), counts.get(name)))
        for name, exchange, count in _alone(evidence, span):
            found = tuple(counts.get(name))
            alone[name].append(RelatedCount(exchange.request, count, count, found, listed=False))
    return {**alone, **embedded, **own}


def miscounted(evidence: Evidence) -> Iterator[tuple[str, RelatedCount]]:
    """Yield the providers whose models were counted wrong every time, with a witness of it."""
    for name, found in _settled(evidence, witnesses(evidence)).items():
        if believable([set(map(_value, witness.contradicted())) for witness in found]):
            yield name, found[-1]


def _value(reading: tuple[Exchange, int, int]) -> int:
    return reading[2]


def _settled(
    evidence: Evidence, found: Mapping[str, list[RelatedCount]]
) -> Mapping[str, list[RelatedCount]]:
    restless = evidence.restless
    return {
        name: seen
        for name, seen in found.items()
        if name not in restless.providers and (name, COUNT) not in restless.members
    }


def open_requests(evidence: Evidence) -> tuple[Request, ...]:
    """Return what siblings have to be asked again before what they say can be believed."""
    found: dict[Request, None] = {}
    for seen in _settled(evidence, witnesses(evidence)).values():
        if suspicious([set(map(_value, witness.contradicted())) for witness in seen]):
            found[seen[-1].request] = None
    hidden = [missing for _, missing in hidden_sightings(evidence)]
    if suspicious([set(missing) for missing in hidden]):
        found.update((exchange.request, None) for exchange in hidden[-1].values())
    return tuple(found)


def _witness(
    exchange: Exchange,
    models: Sequence[Any],
    total: int | None,
    counts: Sequence[tuple[Exchange, int, int]],
) -> RelatedCount:
    return RelatedCount(exchange.request, _active(models), total, tuple(counts))


def _active(models: Sequence[Any]) -> int:
    return sum(isinstance(model, dict) and model.get("enabled") is True for model in models)


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
    for name, exchange in _of_one(evidence, span, "models"):
        if exchange.listing and len(exchange.providers) == len(exchange.value):
            yield name, exchange, list(exchange.providers)


def _alone(evidence: Evidence, span: Span) -> Iterator[tuple[str, Exchange, int]]:
    for name, exchange in _of_one(evidence, span, "provider"):
        provider = exchange.value if exchange.ok else None
        count = _whole(provider.get(COUNT)) if isinstance(provider, dict) else None
        if count is not None:
            yield name, exchange, count


def _of_one(evidence: Evidence, span: Span, related: str) -> Iterator[tuple[str, Exchange]]:
    """Yield the answers of a sibling that is asked for one provider, with its name."""
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


class _Counts:
    """The readings of ``modelsCount`` in an answer, by the names of the providers."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def get(self, name: str) -> tuple[tuple[Exchange, int, int], ...]:
        """Return the reading of a provider, if there is one."""
        provider = by_name(self._exchange).get(name)
        # Of two providers with one name a sibling can only mean one.
        if provider is None or name in repeated_names(self._exchange):
            return ()
        count = _whole(provider.get(COUNT))
        return () if count is None else ((self._exchange, _places(self._exchange)[name], count),)


@cached_per_answer
def _places(exchange: Exchange) -> Mapping[str, int]:
    """Return where in an answer each provider stands."""
    return {
        provider["name"]: place
        for place, provider in enumerate(exchange.value)
        if isinstance(provider, dict) and isinstance(provider.get("name"), str)
    }


def _whole(value: Any) -> int | None:
    # JSON may spell a whole number with a fraction of zero.
    if isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0:
        return int(value)
    return None
