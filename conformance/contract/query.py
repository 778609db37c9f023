"""Build and decode query strings: documented queries and equivalent spellings of them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import chain, product
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from conformance.contract.model import Contract, Filter

UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
MEANINGLESS = "zvqx"
"""The start of the names of parameters that mean nothing to any server."""
MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")
CHARACTER = re.compile("%[0-9A-Fa-f]{2}|.", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """A query string as sent, without the question mark.

    Two queries are equal if their strings are, not if they merely mean the same.
    """

    wire: str = ""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Query:
        """Encode name and value pairs in the given order (RFC 3986; a blank becomes ``%20``)."""
        encode = partial(quote, safe="", errors="surrogatepass")
        return cls("&".join(f"{encode(name)}={encode(value)}" for name, value in pairs))

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The decoded name and value pairs; undecodable bytes become U+FFFD."""
        return tuple(parse_qsl(self.wire, keep_blank_values=True, errors="replace"))

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, ...]]:
        values: dict[str, tuple[str, ...]] = {}
        for name, value in self.pairs:
            values[name] = (*values.get(name, ()), value)
        return values

    def values(self, name: str) -> tuple[str, ...]:
        """Return all decoded values of a parameter, in order; empty if it is absent."""
        return self._values.get(name, ())

    def __hash__(self) -> int:
        return hash(self.wire)

    def __str__(self) -> str:
        return f"?{self.wire}" if self.wire else "(no query)"


def is_unambiguous(query: Query) -> bool:
    """Whether every server reads the same values from a query.

    The percent-encoding is well-formed and encodes UTF-8, else a value means nothing; and every
    semicolon is percent-encoded. One that is not separates parameters where HTML 4.01, B.2.2, is
    followed, and Go's ``net/url`` drops the parameter that contains it.
    """
    if MALFORMED.search(query.wire) or ";" in query.wire:
        return False
    try:
        unquote_to_bytes(query.wire).decode()
    except UnicodeDecodeError:
        return False
    return True


def documented(contract: Contract) -> tuple[Query, ...]:
    """Return every query that the contract documents.

    Each parameter is either absent or has one of its supported values. The first query is empty;
    parameters are in the order of the document.
    """
    return _documented(contract.filters)


@lru_cache(8)
def _documented(filters: tuple[Filter, ...]) -> tuple[Query, ...]:
    choices = [[(), *(((item.parameter, value),) for value in item.supported)] for item in filters]
    return tuple(Query.of(chain.from_iterable(pairs)) for pairs in product(*choices))


def unfiltered(contract: Contract) -> Query:
    """Return the documented query that selects all providers: it disables restrictive defaults."""
    return Query.of((item.parameter, "false") for item in contract.filters if item.default is True)


def reordered(query: Query) -> Query:
    """Return the query with its parameters in reverse order."""
    return Query("&".join(reversed(query.wire.split("&"))))


def overencoded(query: Query) -> Query:
    """Return an equivalent query with unreserved characters percent-encoded (RFC 3986, 6.2.2.2).

    One character of each name and each value is encoded: the first of a name, the last of a value.
    """
    pairs = [pair.partition("=") for pair in query.wire.split("&")]
    return Query(
        "&".join(
            _encoded_at(0, name) + equals + _encoded_at(-1, value) for name, equals, value in pairs
        )
    )


def _encoded_at(place: int, text: str) -> str:
    """Percent-encode one character, unless it is reserved or already encoded."""
    characters = CHARACTER.findall(text)
    if characters and characters[place] in UNRESERVED:
        characters[place] = f"%{ord(characters[place]):02X}"
    return "".join(characters)


def distinct_queries(queries: Iterable[Query]) -> Iterator[Query]:
    """Yield each distinct query once, in the order of first occurrence."""
    seen: set[str] = set()
    for query in queries:
        if query.wire not in seen:
            seen.add(query.wire)
            yield query
