"""Unusual queries written by hand, and values close to the supported categories.

Every value is harmless: none could write, delete or execute anything, even on a server with
injection flaws.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from unicodedata import normalize
from urllib.parse import quote

from conformance.contract.filter_oracle import folded
from conformance.contract.model import Contract, Operator
from conformance.contract.query import (
    MEANINGLESS,
    Query,
    distinct_queries,
    overencoded,
    reordered,
    unfiltered,
)
from conformance.runner.cluster import Words

EXPANSION_PARAMETERS = (
    "includeModels=true",
    "withModels=true",
    "include=models",
    "expand=apis",
    "embed=models",
    "fields=apis",
    "details=true",
    "full=true",
    "include=apis",
    "expand=models",
    "fields=*",
    "view=full",
    "format=full",
    "projection=full",
    "depth=2&detail=full&mode=detailed",
)
"""Undocumented parameters with which some servers embed models.

Several in one query are such that a server which knows one of them seldom knows the others.
"""

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
    "pageSize=1&per_page=1&count=1&max=1",
    "freeText=no-such-text&tag=no:such&tags=no:such",
    "callback=x&jsonp=x&alt=xml",
    "%5B%5D=&=&&",
)
"""Parameters of other listing endpoints, and malformed ones.

Several in one query are such that a server which knows one of them seldom knows the others.
"""

SWITCHES = "includeInactive=true&showInactive=true&active_only=false"
"""Undocumented parameters that could make a server include inactive providers."""

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
"""Malformed booleans; some servers accept a few of them."""

STRANGE = (
    "",
    "%20",
    "%00",
    "%FF%FE",
    "%C0%80",
    "%zz",
    "%F0%9F%A4%96",
    "%1B%5B31m",
    "'",
    "%22",
    "%5C",
    "%25s(",
    "1%20OR%201=1",
    "%7B%22$ne%22:null%7D",
    "$%7B7*7%7D",
    "..%2F..%2F..%2F",
    "%3Cb%3E",
    "undefined",
    "A" * 3000,
)
"""Categories as sent: empty, undecodable, with control characters, code, very long."""

BLANK = ("", "%20")
"""The values in ``STRANGE`` that may mean that no category is given."""


def variants(plain: Sequence[Query]) -> tuple[Query, ...]:
    """Return equivalent spellings of documented queries: reversed, and percent-encoded."""
    given = [query for query in plain if query.wire]
    several = [reordered(query) for query in given if len(query.pairs) > 1]
    return tuple(distinct_queries([*several, *map(overencoded, given)]))


def respelled(query: Query) -> tuple[Query, ...]:
    """Return equivalent spellings of a documented query, and it with an undocumented parameter."""
    return reordered(query), overencoded(query), Query(f"{query.wire}&{EXPANSION_PARAMETERS[0]}")


def respelled_paths(path: str) -> tuple[str, ...]:
    """Return other spellings of a path, which some servers route to the same endpoint.

    An access rule that compares whole paths may let them through. They end in a slash, in a
    parameter or in the suffix of a format, have an empty segment, a segment for the same folder or
    one that is taken back, a percent-encoded letter or another letter case.
    """
    folder, _, last = path.rpartition("/")
    return (
        f"{path}/",
        f"{path};x=1",
        f"{path}.json",
        f"{folder}//{last}",
        f"{folder}/./{last}",
        f"{folder}/x/../{last}",
        f"{folder}/%{ord(last[0]):02X}{last[1:]}",
        f"{folder}/{last.swapcase()}",
    )


def strange(words: Words) -> tuple[str, ...]:
    """Return strange categories as sent, including ones close to real ones.

    The latter continue after a NUL or a line break, use full-width letters, or read from right to
    left.
    """
    first, _ = words.near_misses
    wide = first[:2].translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}) + first[2:]
    near = (
        f"{quote(first)}%00",
        f"{quote(first)}%0A%0D%0AX-Conformance:%201",
        quote(wide),
        f"%E2%80%AE{quote(words.shortest)}",
    )
    return (*STRANGE, *near)


def unusual(contract: Contract, words: Words | None = None) -> tuple[Query, ...]:
    """Return unusual queries, by which ROBUST is judged."""
    return tuple(chain.from_iterable(unusual_kinds(contract, unfiltered(contract), words)))


def unusual_kinds(
    contract: Contract, base: Query, words: Words | None = None
) -> tuple[tuple[Query, ...], ...]:
    """Return them by kind: booleans, unknown parameters, repeated, strange and empty values.

    ``base`` is the unfiltered query, or the one for all providers of a category; unknown parameters
    are added to it. If it has a category, queries with malformed booleans have it, too. ``words``
    are the cluster's.
    """
    words = words or Words.of(contract)
    category = contract.filter_by(Operator.EQUALS)
    active = contract.filter_by(Operator.ONLY_WHEN_TRUE)
    named, switch = category.parameter, active.parameter
    first, second, last = words.known
    narrow = first if second in base.values(named) else second
    everything = unfiltered(contract).wire
    within = "".join(f"{named}={value}&" for value in base.values(named))
    found = (
        (
            *(f"{within}{switch}={value}" for value in NO_BOOLEANS),
            *(f"{named}={first}&{switch}={value}" for value in NO_BOOLEANS[:3]),
            f"{within}{switch}",
        ),
        (
            *(f"{base.wire}&{unknown}" for unknown in UNKNOWN),
            # Names are case-sensitive (OpenAPI, section Parameter Object). Frameworks read brackets
            # as lists and objects.
            f"{base.wire}&{named.swapcase()}={narrow}",
            f"{base.wire}&{named}%5B%5D={narrow}",
            f"{base.wire}&{named}%5Bx%5D=1",
            f"{within}{SWITCHES}",
            f"{within}{UNKNOWN[0]}",
            f"{base.wire}&{MEANINGLESS}=1",
            f"{within}{MEANINGLESS}=true",
            "&".join((base.wire, *(f"{MEANINGLESS}{number}={number}" for number in range(200)))),
        ),
        (
            f"{within}{switch}=true&{switch}=false",
            f"{within}{switch}=false&{switch}=true",
            f"{named}={first}&{named}={last}&{everything}",
            f"{named}={last}&{named}={first}&{everything}",
            f"{named}={first}&{named}={first}&{everything}",
        ),
        (
            *(f"{named}={value}&{everything}" for value in strange(words) if value not in BLANK),
            # Whatever the category means, the switch has one meaning.
            f"{named}={first.swapcase()}&{switch}=true",
        ),
        (
            *(f"{named}={value}&{everything}" for value in BLANK),
            f"{named}=",
            f"{named}=&{switch}=true",
        ),
    )
    return tuple(tuple(distinct_queries(map(Query, wires))) for wires in found)


ANYTHING = ("NOT_A_CATEGORY", "ALL", "null", "None", "0", "constructor")
"""Words that servers read as "any" or "none", and a property of every JavaScript object."""
ACCENT = "\u0301"
SEPARATORS = ",|;"
"""Between the categories of a list."""


def near_miss_categories(words: Words) -> tuple[str, ...]:
    """Return values that are not categories, though a loose filter may match them.

    They are words that servers treat as "any", prefixes, suffixes and shared parts, wildcards of
    SQL, shells and regular expressions, lists, numbers, other spellings and encodings, a quote that
    ends a condition, and values of a provider's other fields.
    """
    first, second = words.near_misses
    head, _, tail = first.partition("_")
    if not tail:
        head, tail = first[:-1], first[1:]
    shortest = words.shortest
    values = (
        *ANYTHING,
        str(words.ordinal),
        head,
        tail,
        f"{first}S",
        f"X{first}",
        *(f"{first}{separator}{second}" for separator in SEPARATORS),
        f"{first}&x=1",
        "*",
        "%",
        f"{head}%",
        ".*",
        f"{shortest[0]}_{shortest[2:]}",
        f"{shortest[0]}.{shortest[2:]}",
        first.replace("_", "-"),
        f'"{shortest}"',
        # With an accent on its first vowel, which many databases ignore.
        re.sub(
            "[AEIOUaeiou]", lambda vowel: normalize("NFC", vowel[0] + ACCENT), shortest, count=1
        ),
        # Its first letter is still percent-encoded after the query was decoded.
        f"%{ord(first[0]):02X}{first[1:]}",
        f"{first}' OR '1'='1",
        words.type,
        words.name,
    )
    real = {folded(value) for value in words.supported}
    return tuple(dict.fromkeys(value for value in values if value and folded(value) not in real))
