"""Look up and group the providers of a listing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from conformance.contract.model import Contract
from conformance.core.memo import remembered
from conformance.core.strict_json import Element
from conformance.evidence.exchange import Exchange

COUNT = "modelsCount"
"""Field with the number of a provider's models."""
EMBEDDED = "apis"
"""Field with the models of a provider, in responses that embed them."""

Kind = tuple[tuple[str, str | bool | None], ...]
"""Fields and values that providers share; ``None`` for a value that no filter can interpret."""


def filtered_by(contract: Contract) -> tuple[str, ...]:
    """Return the fields of a provider that the filters read."""
    return tuple(item.property for item in contract.filters)


@remembered
def by_name(exchange: Exchange) -> Mapping[str, Element]:
    """Return the providers of a response by name; those without a name are left out."""
    return {
        provider["name"]: provider
        for provider in exchange.providers
        if isinstance(provider.get("name"), str)
    }


@remembered
def repeated_names(exchange: Exchange) -> frozenset[str]:
    """Return the names that several providers of a response have, so that they are ambiguous."""
    if len(by_name(exchange)) == len(exchange.providers):
        return frozenset()
    names = (provider.get("name") for provider in exchange.providers)
    times = Counter(name for name in names if isinstance(name, str))
    return frozenset(name for name, number in times.items() if number > 1)


@remembered
def kinds(exchange: Exchange, fields: Sequence[str]) -> Mapping[Kind, Sequence[Element]]:
    """Group the providers of a response by their values in these fields.

    A filter selects either all providers of a kind or none, so it needs one decision per kind.
    """
    found: dict[tuple[str | bool | None, ...], list[Element]] = defaultdict(list)
    for provider in exchange.providers:
        values = (provider.get(field) for field in fields)
        key = tuple(
            value if type(value) is str or type(value) is bool else None for value in values
        )
        found[key].append(provider)
    return {tuple(zip(fields, key, strict=True)): alike for key, alike in found.items()}


@remembered
def names_by_kind(exchange: Exchange, fields: Sequence[str]) -> Mapping[Kind, frozenset[str]]:
    """Return the names of a response's providers by kind; for a repeated name, of the last one."""
    last = by_name(exchange)
    return {
        kind: frozenset(
            provider["name"]
            for provider in alike
            if isinstance(provider.get("name"), str) and last[provider["name"]] is provider
        )
        for kind, alike in kinds(exchange, fields).items()
    }
