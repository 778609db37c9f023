"""Words of a cluster that queries are made of: a mistake shows only where providers are.

What is near a category that no provider has selects nothing, however loosely it is compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.contract.model import Contract, Operator
from conformance.contract.oracle import folded
from conformance.evidence.exchange import Exchange

INERT = re.compile(r"[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*")
"""What is asked back: whoever named a provider must not write the query of whoever tests it."""
LONGEST = 60
TYPE, NAME = "openai", "openAI"
"""Those of the documentation's example."""


@dataclass(frozen=True, slots=True)
class Words:
    """The supported categories, which of them providers have, and a type and a name of some.

    ``odd`` are categories of providers that are not supported. Where nothing was seen the contract
    and the documentation's example have to do.
    """

    supported: tuple[str, ...]
    seen: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    type: str = TYPE
    name: str = NAME

    @classmethod
    def of(cls, contract: Contract, read: Exchange | None = None) -> Words:
        """Take the words from an answer to the unfiltered query."""
        item = next(item for item in contract.filters if item.operator is Operator.EQUALS)
        providers = () if read is None or not read.listing else read.providers
        categories = {
            value for one in providers if isinstance(value := one.get(item.property), str)
        }
        taken = {folded(value) for value in (*item.supported, *categories)}

        def shortest(member: str, otherwise: str) -> str:
            values = {value for one in providers if isinstance(value := one.get(member), str)}
            fitting = [value for value in values if _inert(value) and folded(value) not in taken]
            return min(fitting, key=lambda value: (len(value), value), default=otherwise)

        return cls(
            item.supported,
            seen=tuple(value for value in item.supported if value in categories),
            odd=tuple(sorted(filter(_inert, categories.difference(item.supported)))),
            type=shortest("type", TYPE),
            name=shortest("name", NAME),
        )

    @property
    def known(self) -> tuple[str, str, str]:
        """Three supported categories: one of several words, another, and the last one.

        They are such as providers have, as far as there are so many, and differ if they can.
        """
        if not self.seen:
            first = self.supported[0]
        else:
            first = next((value for value in self.seen if "_" in value), self.seen[0])
        start = self.supported.index(first)
        following = (*self.supported[start + 1 :], *self.supported[:start])
        others = [value for value in following if value in self.seen] or following or (first,)
        last = (self.seen or self.supported)[-1]
        return first, others[0], last if last != first else others[0]

    @property
    def near(self) -> tuple[str, str]:
        """Two categories that others are made from, such as providers have if they can be."""
        first, second, _ = self.known
        return (self.odd[0], first) if self.odd and not self.seen else (first, second)

    @property
    def shortest(self) -> str:
        """The shortest category that providers have."""
        return min(self.seen or self.odd or self.supported, key=len)

    @property
    def ordinal(self) -> int:
        """A place in the contract's list at which, counted from 0 or 1, stands one that is seen."""
        first = self.supported.index(self.known[0])
        seen = self.seen or self.supported
        both = (
            place
            for place in range(1, len(self.supported))
            if self.supported[place] in seen and self.supported[place - 1] in seen
        )
        return next(both, first)


def _inert(value: str) -> bool:
    return len(value) <= LONGEST and INERT.fullmatch(value) is not None
