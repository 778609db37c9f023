"""Look up and group the providers of a listing, with results cached per decoded response."""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from conformance.contract.model import Contract
from conformance.core.strict_json import Decoded
from conformance.evidence.exchange import Exchange

COUNT = "modelsCount"
"""Field with the number of a provider's models."""
EMBEDDED = "apis"
"""Field with the models of a provider, in responses that embed them."""

_Made = TypeVar("_Made")


def cached_per_answer(make: Callable[..., _Made]) -> Callable[..., _Made]:
    """Cache a function's results per decoded response; an entry is dropped with its response.

    Besides the exchange, the function takes hashable arguments. It must depend on ``ok`` and
    ``decoded`` of the exchange alone, and callers must not change its results.
    """
    results: dict[int, dict[tuple[Hashable, ...], _Made]] = {}
    references: dict[int, weakref.ref[Decoded]] = {}

    def forget(identity: int) -> None:
        results.pop(identity, None)
        references.pop(identity, None)

    def cached(exchange: Exchange, *arguments: Hashable) -> _Made:
        decoded = exchange.decoded
        identity = id(decoded)
        if identity not in references:
            # Another object may get the id of one that is gone.
            references[identity] = weakref.ref(decoded, lambda _: forget(identity))
            results[identity] = {}
        known = results[identity]
        key = (exchange.ok, *arguments)
        if key not in known:
            known[key] = make(exchange, *arguments)
        return known[key]

    cached.__doc__ = make.__doc__
    return cached


Kind = tuple[tuple[str, str | bool | None], ...]
"""Fields and values that providers share; ``None`` for a value that no filter can interpret."""


def filtered_by(contract: Contract) -> tuple[str, ...]:
    """Return the fields of a provider that the filters read."""
    return tuple(item.property for item in contract.filters)


@cached_per_answer
def by_name(exchange: Exchange) -> Mapping[str, Mapping[str, Any]]:
    """Return the providers of a response by name; those without a name are left out."""
    return {
        provider["name"]: provider
        for provider in exchange.providers
        if isinstance(provider.get("name"), str)
    }


@cached_per_answer
def repeated_names(exchange: Exchange) -> frozenset[str]:
    """Return the names that several providers of a response have, so that they are ambiguous."""
    if len(by_name(exchange)) == len(exchange.providers):
        return frozenset()
    names = (provider.get("name") for provider in exchange.providers)
    times = Counter(name for name in names if isinstance(name, str))
    return frozenset(name for name, number in times.items() if number > 1)


@cached_per_answer
def kinds(exchange: Exchange, fields: Sequence[str]) -> Mapping[Kind, Sequence[Mapping[str, Any]]]:
    """Group the providers of a response by their values in these fields.

    A filter selects either all providers of a kind or none, so it needs one decision per kind.
    """
    found: dict[tuple[str | bool | None, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for provider in exchange.providers:
        values = (provider.get(field) for field in fields)
        key = tuple(
            value if type(value) is str or type(value) is bool else None for value in values
        )
        found[key].append(provider)
    return {tuple(zip(fields, key, strict=True)): alike for key, alike in found.items()}


@cached_per_answer
def names_by_kind(exchange: Exchange, fields: Sequence[str]) -> Mapping[Kind, frozenset[str]]:
    """Return the names of a response's providers by kind; for a repeated name, of the last one."""
    by_identity = {id(provider): name for name, provider in by_name(exchange).items()}
    return {
        kind: frozenset(
            by_identity[id(provider)] for provider in alike if id(provider) in by_identity
        )
        for kind, alike in kinds(exchange, fields).items()
    }
