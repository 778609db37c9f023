"""Detect what changes in a cluster during the run, and compare states of providers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.core.memo import remembered
from conformance.core.strict_json import Element, digest_of
from conformance.evidence.exchange import Exchange

_WRITE = json.JSONEncoder(sort_keys=True).encode
FEWEST_ALIKE = 4
"""Fewest later reads of the unfiltered list that must agree before a deviating first is ignored."""
ABSENT = "absent"
"""Stands for an absent field; it cannot be confused with a JSON text."""


def alike(one: Exchange, other: Exchange, fields: frozenset[str]) -> bool:
    """Whether two responses have equal providers in these fields, regardless of the order."""
    if one.decoded.digest == other.decoded.digest and one.ok and other.ok:
        return True
    mine, theirs = _canonicals(one), _canonicals(other)
    left, right = mine - theirs, theirs - mine
    # Only providers that differ somewhere have to be compared in these fields.
    return left.total() == right.total() and _states(one, left, fields) == _states(
        other, right, fields
    )


def _canonicals(exchange: Exchange) -> Counter[bytes]:
    return Counter(provider.canonical for provider in exchange.providers)


def _states(exchange: Exchange, wanted: Counter[bytes], fields: frozenset[str]) -> list[bytes]:
    known = {each.canonical: each for each in exchange.providers if each.canonical in wanted}
    return sorted(canonical(known[each], fields) for each in wanted.elements())


def differ(one: Element, other: Element, fields: frozenset[str]) -> bool:
    """Whether two states of a provider differ in these fields."""
    return one.canonical != other.canonical and canonical(one, fields) != canonical(other, fields)


@remembered
def canonical(provider: Element, fields: frozenset[str]) -> bytes:
    """Return a digest of a provider's state in these fields, with fields and tags sorted."""
    kept = {name: ordered(provider, name) for name in provider if name in fields}
    return digest_of(_WRITE(kept).encode())


def ordered(provider: Element, name: str) -> Any:
    """Return the value of a field; if its order has no meaning (``tags``), sorted."""
    return _ordered_tags(provider) if name == "tags" else provider.get(name)


# There may be 100,000 of them, and a provider is compared hundreds of times.
@remembered
def _ordered_tags(provider: Element) -> Any:
    tags = provider.get("tags")
    return sorted(tags, key=_WRITE) if isinstance(tags, list) else tags


@dataclass(frozen=True, slots=True)
class ObservedChanges:
    """Differences between reads of the unfiltered list.

    ``providers`` are the names of providers that appeared, disappeared, or changed a field that
    decides which results contain them. ``fields`` are pairs of a provider's name and a documented
    field whose value differed.
    """

    providers: frozenset[str] = frozenset()
    fields: frozenset[tuple[str, str]] = frozenset()


def observed_changes(
    reads: Iterable[Exchange], deciding: frozenset[str], fields: frozenset[str]
) -> ObservedChanges:
    """Compare all reads of the unfiltered list with each other.

    A provider that changes back and forth faster than it is read may show the same state many
    times, so one deviation anywhere in the run excludes it. The exception is the first read: if it
    alone deviates, the change was over before anything was compared.

    ``reads`` are in the order of reading; ``deciding`` are the fields that decide which results
    contain a provider, ``fields`` the documented ones.
    """
    every = list(reads)
    deciding_reads = _distinct(_without_early_change(every, deciding))
    distinct = _distinct(_without_early_change(every, fields))
    differing = _changed_names(distinct, fields)
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for exchange in distinct:
        for provider in exchange.providers:
            name = provider.get("name")
            if isinstance(name, str) and name in differing:
                for field in fields:
                    absent = field not in provider
                    value = ABSENT if absent else _WRITE(ordered(provider, field))
                    values[name, field].add(value)
    return ObservedChanges(
        frozenset(_changed_names(deciding_reads, deciding)),
        frozenset(key for key, seen in values.items() if len(seen) > 1),
    )


def _distinct(reads: Iterable[Exchange]) -> list[Exchange]:
    return list({exchange.decoded.digest: exchange for exchange in reads}.values())


def _without_early_change(reads: Sequence[Exchange], fields: frozenset[str]) -> Sequence[Exchange]:
    """Leave out the first read if it alone differs from at least ``FEWEST_ALIKE`` equal reads."""
    first, *others = reads or (None,)
    if first is None or len(others) < FEWEST_ALIKE or alike(first, others[0], fields):
        return reads
    still = all(alike(others[0], other, fields) for other in others[1:])
    return others if still else reads


def _changed_names(reads: Sequence[Exchange], fields: frozenset[str]) -> set[str]:
    """Return the names of the providers that do not have the same state in all reads."""
    if not reads:
        return set()
    # These need not be compared in the given fields, which takes time.
    shared = set.intersection(*({each.canonical for each in read.providers} for read in reads))
    counts: dict[str, Counter[bytes]] = defaultdict(Counter)
    for read in reads:
        here = {
            provider["name"]: canonical(provider, fields)
            for provider in read.providers
            if provider.canonical not in shared and isinstance(provider.get("name"), str)
        }
        for name, state in here.items():
            counts[name][state] += 1
    return {name for name, times in counts.items() if list(times.values()) != [len(reads)]}
