"""Validate responses against the contract's schema and locate each violation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from conformance.contract.model import Contract
from conformance.core.json_walk import simplified
from conformance.core.strict_json import Element
from conformance.core.text import pointer

MOST_ERRORS = 2000
"""Most violations that are collected per response."""

SLICE = 500
"""Elements of a response that are validated in one step.

The validator creates all errors of a step at once, each with a text; a million of them take
minutes and gigabytes.
"""
LONGEST_TEXT = 10_000
"""Characters to which strings are cut before the validator explains what is wrong."""
ALONE = frozenset({"type", "items", "title", "description", "examples", "$comment"})
"""Keywords of an array schema that permit validating each element separately."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a response violates the schema.

    ``path`` leads to the ``value``; ``keyword`` is the keyword of JSON Schema that it violates.
    ``missing`` is the name of the missing field if the keyword is ``required``.
    """

    path: tuple[str | int, ...]
    keyword: str
    missing: str | None
    value: Any

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value."""
        return pointer(*self.path)


@dataclass(frozen=True, slots=True)
class Validation:
    """The breaches of a response; ``complete`` is false if there may be others."""

    breaches: tuple[Breach, ...] = ()
    complete: bool = True


class Schema:
    """The compiled schema of a 200 response."""

    def __init__(self, contract: Contract) -> None:
        schema = dict(contract.response_schema)
        # Messages are not used; without a mask, each would contain the invalid value.
        self._validator = jsonschema_rs.Draft202012Validator(schema, mask="a value")
        rules = contract.resolve(schema)
        self._valid: set[bytes] = set()
        self._sliced = rules.get("type") == "array" and rules.keys() <= ALONE

    def breaches(self, value: Any) -> tuple[Breach, ...]:
        """Return the violations in a decoded response, at most ``MOST_ERRORS``."""
        return self.validate(value).breaches

    def validate(self, value: Any) -> Validation:
        """Return up to ``MOST_ERRORS`` violations in a decoded response.

        Equal elements of the responses are validated once.
        """
        found: list[Breach] = []
        complete = True
        for start, part in self._slices(value):
            for breach in self._validate_part(part):
                if breach is None:
                    complete = False
                    continue
                path = breach.path
                if start and path:
                    path = (int(path[0]) + start, *path[1:])
                found.append(replace(breach, path=path))
            if len(found) >= MOST_ERRORS:
                return Validation(tuple(found[:MOST_ERRORS]), complete=False)
        return Validation(tuple(found), complete)

    def _slices(self, value: Any) -> Iterator[tuple[int, Any]]:
        if not (self._sliced and isinstance(value, list)):
            yield 0, value
            return
        for start in range(0, max(len(value), 1), SLICE):
            yield start, value[start : start + SLICE]

    def _validate_part(self, value: Any) -> list[Breach | None]:
        """Return the breaches of a part, and ``None`` if there may be others."""
        try:
            return [] if self._all_valid(value) else self._collect(value)
        except ValueError:
            return self._collect(simplified(value))

    def _all_valid(self, value: Any) -> bool:
        """Whether every element of an array is valid."""
        if not (self._sliced and isinstance(value, list)):
            return False
        fresh = [
            element
            for element in value
            if not isinstance(element, Element) or element.canonical not in self._valid
        ]
        if fresh and not self._validator.is_valid(fresh):
            return False
        self._valid.update(element.canonical for element in fresh if isinstance(element, Element))
        return True

    def _collect(self, value: Any) -> list[Breach | None]:
        if self._validator.is_valid(value):
            return []
        # Long values are cut, so that there are few errors with short texts.
        short, cut = _shortened(value)
        found = list(self._errors(short, value)) or [self._first_breach(value)]
        return [*found, None] if cut else [*found]

    def _errors(self, short: Any, value: Any) -> Iterator[Breach]:
        for error in self._validator.iter_errors(short):
            yield _breach(error, value)

    def _first_breach(self, value: Any) -> Breach:
        """Return one breach of a value whose violations are all in the parts that were cut."""
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _breach(error, value)
        raise AssertionError("an invalid value has no breach")


def _breach(error: jsonschema_rs.ValidationError, value: Any) -> Breach:
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    missing = getattr(error.kind, "property", None) if keyword == "required" else None
    path = tuple(error.instance_path)
    return Breach(path, keyword, missing, _lookup(value, path))


def _shortened(value: Any) -> tuple[Any, bool]:
    """Return a copy with long strings and arrays cut, and whether an array was cut."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT], False
    cut = False
    if isinstance(value, dict):
        fields = {}
        for name, child in value.items():
            fields[name], inner = _shortened(child)
            cut = cut or inner
        return fields, cut
    if isinstance(value, list):
        elements = []
        for child in value[:MOST_ERRORS]:
            element, inner = _shortened(child)
            elements.append(element)
            cut = cut or inner
        return elements, cut or len(value) > MOST_ERRORS
    return value, False


def _lookup(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value
