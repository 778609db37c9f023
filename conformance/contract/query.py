"""A query string as it goes on the wire, and what a server reads from it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from urllib.parse import parse_qsl, quote

from conformance.contract.model import Contract

UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
CHARACTER = re.compile("%[0-9A-Fa-f]{2}|.", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """Everything after the question mark; two queries are equal if their bytes are."""

    wire: str = ""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Query:
        """Encode name and value pairs in the order given, as RFC 3986 says (a blank is ``%20``)."""
        return cls("&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs))

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The decoded name and value pairs; undecodable bytes become U+FFFD."""
        return tuple(parse_qsl(self.wire, keep_blank_values=True, errors="replace"))

    def values(self, name: str) -> tuple[str, ...]:
        """All decoded values of a parameter, in order; empty when it is absent."""
        return tuple(value for key, value in self.pairs if key == name)

    def __str__(self) -> str:
        return f"?{self.wire}" if self.wire else "(no query)"


def _encode(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def documented(contract: Contract) -> tuple[Query, ...]:
    """Every query the contract documents: each parameter absent or with each supported value.

    The first is the bare one; parameters stand in the order of the document.
    """
    choices = [(None, *parameter.supported) for parameter in contract.filters]
    names = [parameter.parameter for parameter in contract.filters]
    return tuple(
        Query.of(
            (name, value) for name, value in zip(names, values, strict=True) if value is not None
        )
        for values in product(*choices)
    )


def unfiltered(contract: Contract) -> Query:
    """The documented query that every provider passes; it overrides what restricts."""
    return Query.of(
        (parameter.parameter, "false")
        for parameter in contract.filters
        if parameter.default is True
    )


def reordered(query: Query) -> Query:
    """The same query with its parameters in the opposite order."""
    return Query("&".join(reversed(query.wire.split("&"))))


def overencoded(query: Query) -> Query:
    """An equivalent query in which unreserved characters are percent-encoded (RFC 3986, 6.2.2.2).

    In each name and each value one letter is encoded: the first of a name, the last of a value.
    """
    return Query("&".join(_overencode_pair(pair) for pair in query.wire.split("&")))


def _overencode_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{_encoded_at(0, name)}{equals}{_encoded_at(-1, value)}"


def _encoded_at(place: int, text: str) -> str:
    """Encode one character, unless it is reserved or encoded already."""
    characters = CHARACTER.findall(text)
    if characters and characters[place] in UNRESERVED:
        characters[place] = f"%{ord(characters[place]):02X}"
    return "".join(characters)


def iterate_wires(queries: Iterable[Query]) -> Iterator[Query]:
    """Yield each distinct query once, in order of first appearance."""
    seen: set[str] = set()
    for query in queries:
        if query.wire not in seen:
            seen.add(query.wire)
            yield query
