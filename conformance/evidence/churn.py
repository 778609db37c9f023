"""What stands still in a cluster while it is read, and what does not."""

from __future__ import annotations

import json
import marshal
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.evidence.exchange import Exchange

_WRITE = json.JSONEncoder(sort_keys=True).encode
FEWEST_ALIKE = 4
"""Reads of the unfiltered view that have to agree before the first is left out, if it alone does
not."""
ABSENT = "absent"
"""Stands for a member that is not there; no JSON value is written so."""


def fingerprint(exchange: Exchange, members: frozenset[str]) -> tuple[str, ...]:
    """What an answer says of its providers in these members, without regard to their order."""
    return tuple(sorted(canonical(one, members) for one in exchange.providers))


def alike(one: Exchange, other: Exchange, members: frozenset[str]) -> bool:
    """Whether two answers say the same of their providers in these members, in whatever order."""
    if one.decoded is other.decoded and one.ok and other.ok:
        return True
    mine, theirs = _identities(one), _identities(other)
    # What is the same object in both, as it is in large answers, need not be written out.
    left, right = mine - theirs, theirs - mine
    if left.total() != right.total():
        return False
    known = {id(each): each for exchange in (one, other) for each in exchange.providers}

    def written(identities: Counter[int]) -> list[str]:
        return sorted(canonical(known[each], members) for each in identities.elements())

    return written(left) == written(right)


def _identities(exchange: Exchange) -> Counter[int]:
    return Counter(map(id, exchange.providers))


def differ(one: Mapping[str, Any], other: Mapping[str, Any], members: frozenset[str]) -> bool:
    """Whether two states of a provider say different things of it in these members."""
    return not written_alike(one, other) and canonical(one, members) != canonical(other, members)


def written_alike(one: Any, other: Any) -> bool:
    """Whether two values are the same in the same order: quick to find out, and the usual case."""
    if one is other:
        return True
    try:
        # Version 2 writes values out, and tells True from 1.
        return marshal.dumps(one, 2) == marshal.dumps(other, 2)
    except ValueError:
        return False


def canonical(provider: Mapping[str, Any], members: frozenset[str]) -> str:
    """One provider as text that is equal for equal providers; the order of tags has no meaning."""
    kept = {name: ordered(name, value) for name, value in provider.items() if name in members}
    return json.dumps(kept, sort_keys=True)


def ordered(name: str, value: Any) -> Any:
    """Bring the elements of an unordered array into a definite order."""
    if name == "tags" and isinstance(value, list):
        return sorted(value, key=_WRITE)
    return value


def states(exchange: Exchange, members: frozenset[str]) -> dict[str, str]:
    """Return each provider that has a name, with its state in these members."""
    return {
        provider["name"]: canonical(provider, members)
        for provider in exchange.providers
        if isinstance(provider.get("name"), str)
    }


@dataclass(frozen=True, slots=True)
class Restlessness:
    """What differed between reads of the unfiltered view.

    ``providers`` came, went, or changed a member that decides which views hold them; ``members``
    are pairs of a provider's name and a documented member of it that read differently.
    """

    providers: frozenset[str] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()


def restlessness(
    reads: Iterable[Exchange], membership: frozenset[str], members: frozenset[str]
) -> Restlessness:
    """Compare reads of the unfiltered view, which have to be listings, with each other.

    A provider that flips faster than it is read can be caught in the same state any number of
    times; one that was ever caught in another is not believed. What only the first read shows, and
    all others show otherwise, was a single change before anything was compared, or none.
    """
    every = list(reads)
    settled = _distinct(_since_the_first(every, membership))
    distinct = _distinct(_since_the_first(every, members))
    unsettled = _varying([_unlike(settled, exchange, membership) for exchange in settled])
    differing = _varying([_unlike(distinct, exchange, members) for exchange in distinct])
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for exchange in distinct:
        for provider in exchange.providers:
            if isinstance(provider.get("name"), str) and provider["name"] in differing:
                found[provider["name"]].append(provider)
    touched = {
        (name, member)
        for name, here in found.items()
        for member in members
        if _differs(here, member)
    }
    return Restlessness(frozenset(unsettled), frozenset(touched))


def _distinct(reads: Iterable[Exchange]) -> list[Exchange]:
    return list({id(exchange.decoded): exchange for exchange in reads}.values())


def _since_the_first(reads: Sequence[Exchange], members: frozenset[str]) -> Sequence[Exchange]:
    """Leave out the first read where it alone differs from many others, all of which are alike."""
    first, *others = reads or (None,)
    if first is None or len(others) < FEWEST_ALIKE or alike(first, others[0], members):
        return reads
    still = all(alike(others[0], other, members) for other in others[1:])
    return others if still else reads


def _unlike(
    distinct: Sequence[Exchange], exchange: Exchange, members: frozenset[str]
) -> dict[str, str]:
    """Return the states of an answer's providers without those that are the same in all answers."""
    constant = set.intersection(*({id(each) for each in one.providers} for one in distinct))
    return {
        provider["name"]: canonical(provider, members)
        for provider in exchange.providers
        if id(provider) not in constant and isinstance(provider.get("name"), str)
    }


def _varying(found: Iterable[Mapping[str, str]]) -> set[str]:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    number = 0
    for states_now in found:
        number += 1
        for name, state in states_now.items():
            seen[name][state] += 1
    return {name for name, times in seen.items() if list(times.values()) != [number]}


def _differs(found: Iterable[Mapping[str, Any]], member: str) -> bool:
    values = {
        json.dumps(ordered(member, provider[member]), sort_keys=True)
        if member in provider
        else ABSENT
        for provider in found
    }
    return len(values) > 1
