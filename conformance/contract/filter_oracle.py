"""Decide which elements a query may select, according to the contract's ``x-filter``.

A query with documented values has exactly one meaning. For an unsupported category, a malformed
boolean or a repeated parameter, the contract leaves the server a choice: the query then has several
readings, and a response is correct if it fits one of them as a whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, Self

from conformance.contract import filters
from conformance.contract.model import Contract, Filter, Operator
from conformance.contract.query import MEANINGLESS, Query
from conformance.core.yaml_document import DocumentError
from conformance.errors import ContractError

Element = Mapping[str, Any]
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
"""A number as in JSON (RFC 8259, section 6)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One meaning of one parameter.

    ``equal_to`` are the values that the property may have; ``None`` means no restriction. Unless
    ``exact``, letter case and surrounding blanks are ignored. With ``true_only`` the property must
    be true. ``least`` is the least number that it may be.
    """

    property: str
    equal_to: tuple[str, ...] | None = None
    exact: bool = True
    true_only: bool = False
    least: float | None = None

    def keeps(self, element: Element) -> bool | None:
        """Whether the element is selected; ``None`` if its property is too malformed to decide."""
        value = element.get(self.property)
        if self.true_only:
            return value if isinstance(value, bool) else None
        if self.least is not None:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value >= self.least
            return None
        if self.equal_to is None:
            return True
        if not isinstance(value, str) or not value:
            return None
        if self.exact:
            return value in self.equal_to
        return folded(value) in {folded(wanted) for wanted in self.equal_to}


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a whole query: the conditions of all its parameters, joined by AND."""

    conditions: tuple[Condition, ...]

    def keeps(self, element: Element) -> bool | None:
        """Whether the element is selected; ``None`` if it is too malformed to decide."""
        kept: bool | None = True
        for condition in self.conditions:
            answer = condition.keeps(element)
            if answer is False:
                return False
            kept = kept and answer
        return kept


def folded(text: str) -> str:
    """Return a value without letter case and surrounding blanks, for a lenient comparison."""
    return text.strip().casefold()


@dataclass(frozen=True, slots=True)
class FilterOracle:
    """Which elements of a list the filters of an operation permit; of any API, not only this one.

    >>> oracle = FilterOracle.of_operation(document, "/books")  # doctest: +SKIP
    >>> oracle.strangers("genre=poetry", books)  # doctest: +SKIP
    """

    filters: tuple[Filter, ...]

    @classmethod
    def of_operation(cls, document: Mapping[str, Any], path: str, method: str = "get") -> Self:
        """Take the filters from the parameters with ``x-filter`` in an OpenAPI document.

        Raises:
            ContractError: the operation does not exist, or an ``x-filter`` is malformed.
        """
        try:
            return cls(filters.of_operation(document, path, method))
        except DocumentError as error:
            operation = f"{method.upper()} {path}"
            raise ContractError(
                f"the filters of {operation} are not usable: {error}; correct the document"
            ) from error

    def readings(self, query: Query) -> tuple[Reading, ...]:
        """Return every legal meaning of a query; parameters that filter nothing are ignored."""
        return _readings(self.filters, query)

    def strangers(self, query: str, elements: Iterable[Element]) -> list[Element]:
        """Return the elements that the query excludes, in the reading that excludes fewest.

        ``query`` is the query string as sent. The result is empty if the elements may be a
        response, apart from missing ones.
        """
        listed = list(elements)
        return min(
            (
                [one for one in listed if reading.keeps(one) is False]
                for reading in self.readings(Query(query))
            ),
            key=len,
        )

    def wanted(self, query: str, elements: Iterable[Element]) -> list[Element]:
        """Return the elements that the query selects in every reading."""
        every = self.readings(Query(query))
        return [one for one in elements if all(reading.keeps(one) for reading in every)]


def readings(contract: Contract, query: Query) -> tuple[Reading, ...]:
    """Return every legal meaning of a query; parameters unknown to the contract are ignored."""
    return _readings(contract.filters, query)


# A run reads each of its queries for several checks, and again after each round of requests.
@lru_cache(1024)
def _readings(filters: tuple[Filter, ...], query: Query) -> tuple[Reading, ...]:
    meanings = (_MEANINGS[one.operator](one, query.values(one.parameter)) for one in filters)
    return tuple(map(Reading, product(*meanings)))


def is_documented(contract: Contract, query: Query) -> bool:
    """Whether each parameter is in the contract, occurs at most once and has a supported value."""
    return _is_documented(contract.filters, query)


@lru_cache(1024)
def _is_documented(filters: tuple[Filter, ...], query: Query) -> bool:
    supported = {one.parameter: one.supported for one in filters}
    return _only_known_parameters(filters, query) and all(
        value in supported[name] for name, value in query.pairs
    )


def may_be_extended(contract: Contract, query: Query) -> bool:
    """Whether a parameter is unknown to the contract, though a server may have learnt it."""
    known = {parameter.parameter for parameter in contract.filters}
    return any(not name.startswith(MEANINGLESS) for name, _ in query.pairs if name not in known)


def only_known_parameters(contract: Contract, query: Query) -> bool:
    """Whether each parameter is in the contract and occurs at most once."""
    return _only_known_parameters(contract.filters, query)


def _only_known_parameters(filters: tuple[Filter, ...], query: Query) -> bool:
    known = {one.parameter for one in filters}
    names = [name for name, _ in query.pairs]
    return len(names) == len(set(names)) and set(names) <= known


def _equality(parameter: Filter, values: Sequence[str]) -> tuple[Condition, ...]:
    anything = Condition(parameter.property)
    if not values:
        default = parameter.default
        return (anything,) if default is None else (Condition(parameter.property, (str(default),)),)
    # Equal repeated values have the same meaning as a single one.
    different = tuple(dict.fromkeys(values))
    if len(different) == 1 and different[0] in parameter.supported:
        alone = Condition(parameter.property, different)
        # Joined by commas, repeated values are one that no element has.
        joined = Condition(parameter.property, equal_to=())
        return (alone,) if len(values) == 1 else (alone, joined)
    conditions = [Condition(parameter.property, equal_to=())]
    chosen = [(value,) for value in different]
    for wanted in [*chosen, different] if len(different) > 1 else chosen:
        # A server may ignore letter case and surrounding blanks, or not.
        conditions += (Condition(parameter.property, wanted, exact) for exact in (True, False))
    if not all(value.strip() for value in different):
        conditions.append(anything)
    return tuple(conditions)


def _truth(parameter: Filter, values: Sequence[str]) -> tuple[Condition, ...]:
    active = Condition(parameter.property, true_only=True)
    everything = Condition(parameter.property)
    if not values:
        return (active,) if parameter.default is True else (everything,)
    if len(values) == 1 and values[0] in parameter.supported:
        return (active,) if values[0] == "true" else (everything,)
    return (active, everything)


def _amount(parameter: Filter, values: Sequence[str]) -> tuple[Condition, ...]:
    anything = Condition(parameter.property)
    given = values if values or parameter.default is None else [str(parameter.default)]
    numbers = [_number(value) for value in given]
    meant = [Condition(parameter.property, least=one) for one in numbers if one is not None]
    # A malformed number may count as none.
    return tuple(meant) if given and len(given) == len(meant) else (*meant, anything)


def _number(text: str) -> float | None:
    """Return the number that JSON would read."""
    return float(text) if NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


_MEANINGS = {
    Operator.EQUALS: _equality,
    Operator.ONLY_WHEN_TRUE: _truth,
    Operator.AT_LEAST: _amount,
}
