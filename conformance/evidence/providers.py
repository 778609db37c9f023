"""What a listing holds, worked out once for all equal answers."""

from __future__ import annotations

import weakref
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from conformance.contract.model import Contract
from conformance.core.strict_json import Decoded
from conformance.evidence.exchange import Exchange

COUNT = "modelsCount"
EMBEDDED = "apis"

_Made = TypeVar("_Made")


def cached_per_answer(make: Callable[..., _Made]) -> Callable[..., _Made]:
    """Let a function of an exchange, and of what can be hashed, work once for all equal answers.

    It may look at whether the exchange is ``ok`` and at what was ``decoded``, and at nothing else
    of it. What it returns must not be changed.
    """
    made: dict[int, dict[tuple[Hashable, ...], _Made]] = {}
    watching: dict[int, weakref.ref[Decoded]] = {}

    def forget(identity: int) -> None:
        made.pop(identity, None)
        watching.pop(identity, None)

    def remembering(exchange: Exchange, *arguments: Hashable) -> _Made:
        decoded = exchange.decoded
        identity = id(decoded)
        if identity not in watching:
            # Another object may get the identity of one that is gone.
            watching[identity] = weakref.ref(decoded, lambda _: forget(identity))
            made[identity] = {}
        known = made[identity]
        key = (exchange.ok, *arguments)
        if key not in known:
            known[key] = make(exchange, *arguments)
        return known[key]

    remembering.__doc__ = make.__doc__
    return remembering


Kind = tuple[tuple[str, str | bool | None], ...]
"""What providers have in the members that are filtered by; ``None`` for what no filter can read."""


def filtered_by(contract: Contract) -> tuple[str, ...]:
    """Return the members of a provider that decide which views hold it."""
    return tuple(item.property for item in contract.filters)


@cached_per_answer
def by_name(exchange: Exchange) -> Mapping[str, Mapping[str, Any]]:
    """Return the providers of an answer that have a name, by it."""
    return {
        provider["name"]: provider
        for provider in exchange.providers
        if isinstance(provider.get("name"), str)
    }


@cached_per_answer
def repeated_names(exchange: Exchange) -> frozenset[str]:
    """Names that several providers of an answer have: it cannot be said which is meant."""
    if len(by_name(exchange)) == len(exchange.providers):
        return frozenset()
    names = (provider.get("name") for provider in exchange.providers)
    times = Counter(name for name in names if isinstance(name, str))
    return frozenset(name for name, number in times.items() if number > 1)


@cached_per_answer
def kinds(exchange: Exchange, members: Sequence[str]) -> Mapping[Kind, Sequence[Mapping[str, Any]]]:
    """Sort the providers of an answer by what they have in these members.

    A filter keeps all of a kind or none of it, so it need be asked once for each.
    """
    found: dict[tuple[str | bool | None, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for provider in exchange.providers:
        values = (provider.get(member) for member in members)
        key = tuple(
            value if type(value) is str or type(value) is bool else None for value in values
        )
        found[key].append(provider)
    return {tuple(zip(members, key, strict=True)): alike for key, alike in found.items()}


@cached_per_answer
def names_by_kind(exchange: Exchange, members: Sequence[str]) -> Mapping[Kind, frozenset[str]]:
    """Return the names of an answer's providers by their kind; of two of one name the last."""
    by_identity = {id(provider): name for name, provider in by_name(exchange).items()}
    return {
        kind: frozenset(
            by_identity[id(provider)] for provider in alike if id(provider) in by_identity
        )
        for kind, alike in kinds(exchange, members).items()
    }
