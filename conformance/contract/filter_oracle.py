"""Decide which elements a query may select, according to the contract's ``x-filter``.

A query with documented values has exactly one meaning. For an unsupported category, a malformed
boolean or a repeated parameter, the contract leaves the server a choice: the query then has several
readings, and a response is correct if it fits one of them as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from conformance.contract.model import Contract, Filter, Operator
from conformance.contract.query import MEANINGLESS, Query

Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One meaning of one parameter.

    ``equal_to`` are the values that the property may have; ``None`` means no restriction. Unless
    ``exact``, letter case and surrounding blanks are ignored. With ``true_only`` the property must
    be true.
    """

    property: str
    equal_to: tuple[str, ...] | None = None
    exact: bool = True
    true_only: bool = False

    def keeps(self, element: Element) -> bool | None:
        """Whether the element is selected; ``None`` if its property is too malformed to decide."""
        value = element.get(self.property)
        if self.true_only:
            return value if isinstance(value, bool) else None
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
        answers = [condition.keeps(element) for condition in self.conditions]
        if False in answers:
            return False
        return None if None in answers else True


def folded(text: str) -> str:
    """Return a value without letter case and surrounding blanks, for a lenient comparison."""
    return text.strip().casefold()


def readings(contract: Contract, query: Query) -> tuple[Reading, ...]:
    """Return every legal meaning of a query; parameters unknown to the contract are ignored."""
    alternatives = [
        (_equality if one.operator is Operator.EQUALS else _truth)(one, query.values(one.parameter))
        for one in contract.filters
    ]
    return tuple(map(Reading, product(*alternatives)))


def is_documented(contract: Contract, query: Query) -> bool:
    """Whether each parameter is in the contract, occurs at most once and has a supported value."""
    return only_known_parameters(contract, query) and all(
        value in contract.filter(name).supported for name, value in query.pairs
    )


def may_be_extended(contract: Contract, query: Query) -> bool:
    """Whether a parameter is unknown to the contract, though a server may have learnt it."""
    known = {parameter.parameter for parameter in contract.filters}
    return any(not name.startswith(MEANINGLESS) for name, _ in query.pairs if name not in known)


def only_known_parameters(contract: Contract, query: Query) -> bool:
    """Whether each parameter is in the contract and occurs at most once."""
    known = {parameter.parameter for parameter in contract.filters}
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
