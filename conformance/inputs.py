"""Unusual queries, written by hand: what a tolerant, a careless and a broken server tell apart.

Each is inert: none could write, delete or run anything, even on a server that is vulnerable to what
it looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from conformance.contract import Contract, Filter, Operator
from conformance.query import Query, iterate_wires, overencoded, reordered, unfiltered

TEMPTATIONS = (
    "includeModels=true",
    "withModels=true",
    "include=models",
    "expand=apis",
    "embed=models",
    "fields=apis",
    "details=true",
    "full=true",
)
"""Parameters no contract knows, by which servers have been seen to offer embedded models."""

UNKNOWN = (
    "type=openai",
    "name=openAI",
    "limit=1",
    "page=2&size=1",
    "offset=3",
    "start=1",
    "sort=-name",
    "enabled=true",
    "q=a",
    "verbose",
    "%5B%5D=&=",
)
"""Parameters that lists elsewhere have, and what is hardly a parameter."""

NO_BOOLEANS = (
    "maybe",
    "TRUE",
    "False",
    "1",
    "0",
    "no",
    "",
    "null",
    "%20true",
    "true,false",
    "t%C3%A9",
)
"""Values of a boolean that are none; some servers take a few of them for one."""

STRANGE = (
    "",
    "%20",
    "%00",
    "AI_MODEL%00",
    "AI_MODEL%0D%0AX-Conformance:%201",
    "%FF%FE",
    "%C0%80",
    "%zz",
    "%EF%BC%A1%EF%BC%A9_MODEL",
    "%F0%9F%A4%96",
    "%1B%5B31m",
    "%E2%80%AEGIT",
    "'",
    "%22",
    "%5C",
    "1%20OR%201=1",
    "%7B%22$ne%22:null%7D",
    "$%7B7*7%7D",
    "..%2F..%2F..%2F",
    "%3Cb%3E",
    "undefined",
    "A" * 3000,
)
"""Categories as they stand on the wire: empty, undecodable, control characters, code, very long."""

BLANK = ("", "%20")
"""Those of them that may be read as no category at all."""


def variants(plain: Sequence[Query]) -> tuple[Query, ...]:
    """Return documented queries in other words: the other order, and percent-encoded."""
    given = [query for query in plain if query.wire]
    several = [reordered(query) for query in given if len(query.pairs) > 1]
    return tuple(iterate_wires([*several, *map(overencoded, given)]))


def disguised(query: Query) -> tuple[Query, ...]:
    """Return a documented query in other words, and one with a parameter that no contract knows."""
    return reordered(query), overencoded(query), Query(f"{query.wire}&{TEMPTATIONS[0]}")


def unsupported(supported: Sequence[str]) -> tuple[str, ...]:
    """Return values near the supported ones that a loose comparison would let through.

    Words that many servers treat as "any", prefixes, suffixes and shared parts, wildcards of SQL,
    shells and regular expressions, lists, and a quote that ends a condition: none is a category.
    """
    first, second = supported[0], supported[1 % len(supported)]
    head, _, tail = first.partition("_")
    shortest = min(supported, key=len)
    values = (
        "NOT_A_CATEGORY",
        "ALL",
        "null",
        "0",
        head,
        tail or first[1:],
        f"{first}S",
        f"X{first}",
        f"{first},{second}",
        f"{first}|{second}",
        "*",
        "%",
        f"{head}%",
        ".*",
        f"{shortest[0]}_{shortest[2:]}",
        f"{shortest[0]}.{shortest[2:]}",
        f"{first}' OR '1'='1",
    )
    return tuple(dict.fromkeys(value for value in values if value and value not in supported))


def unusual(contract: Contract) -> tuple[Query, ...]:
    """Return queries that no documentation shows: what ROBUST is judged by."""
    return tuple(chain.from_iterable(unusual_kinds(contract, unfiltered(contract))))


def unusual_kinds(contract: Contract, base: Query) -> tuple[tuple[Query, ...], ...]:
    """Return the same by kind: booleans, unknown, repeated and strange values, empty categories.

    ``base`` is the unfiltered query, or the one for all providers of a category; it is what unknown
    parameters are added to. With a category, malformed booleans are asked of it, too.
    """
    category = _filter(contract, Operator.EQUALS)
    active = _filter(contract, Operator.ONLY_WHEN_TRUE)
    named, switch = category.parameter, active.parameter
    first, last = category.supported[0], category.supported[-1]
    everything = unfiltered(contract).wire
    within = "".join(f"{named}={value}&" for value in base.values(named))
    strange = [value for value in STRANGE if value not in BLANK]
    found = (
        (
            *(f"{within}{switch}={value}" for value in NO_BOOLEANS),
            *(f"{named}={first}&{switch}={value}" for value in NO_BOOLEANS[:3]),
            f"{within}{switch}",
        ),
        (
            *(f"{base.wire}&{unknown}" for unknown in UNKNOWN),
            f"{within}{UNKNOWN[0]}",
            "&".join((base.wire, *(f"p{number}={number}" for number in range(200)))),
        ),
        (
            f"{within}{switch}=true&{switch}=false",
            f"{within}{switch}=false&{switch}=true",
            f"{named}={first}&{named}={last}&{everything}",
            f"{named}={last}&{named}={first}&{everything}",
            f"{named}={first}&{named}={first}&{everything}",
        ),
        tuple(f"{named}={value}&{everything}" for value in strange),
        (
            *(f"{named}={value}&{everything}" for value in BLANK),
            f"{named}=",
            f"{named}=&{switch}=true",
        ),
    )
    return tuple(tuple(iterate_wires(map(Query, wires))) for wires in found)


def _filter(contract: Contract, operator: Operator) -> Filter:
    return next(item for item in contract.filters if item.operator is operator)
