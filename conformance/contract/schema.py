"""Validating answers against the contract's schema, and saying where they break it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs

from conformance.contract.model import Contract
from conformance.core.text import pointer

MOST_ERRORS = 2000
"""Violations looked at in one answer; the first ones tell as much as all of a million."""

DEEPEST = 100
"""Levels of nesting that are looked at; the validator itself gives up at 255."""

SLICE = 500
"""Elements of an answer that are validated at once: the validator makes all of its errors at once,
each with a text of its own, and a million of them take minutes and gigabytes."""
LONGEST_TEXT = 10_000
"""Characters of a string that are shown to the validator when it explains what is wrong."""
ALONE = frozenset({"type", "items", "title", "description", "examples", "$comment"})
"""Rules for an array under which each of its elements can be validated by itself."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where an answer breaks the schema.

    ``path`` leads to the value, ``keyword`` is the rule of JSON Schema it breaks, ``missing`` the
    member that is not there if the rule is ``required``.
    """

    path: tuple[str | int, ...]
    keyword: str
    missing: str | None
    value: Any

    @property
    def pointer(self) -> str:
        """JSON pointer of the value."""
        return pointer(*self.path)


@dataclass(frozen=True, slots=True)
class Look:
    """The breaches that were found, and whether these are all that there are."""

    breaches: tuple[Breach, ...] = ()
    complete: bool = True


class Schema:
    """The contract's schema of a 200 answer, compiled."""

    def __init__(self, contract: Contract) -> None:
        schema = dict(contract.response_schema)
        # Messages are not read; without a mask each would hold the value that it is about.
        self._validator = jsonschema_rs.Draft202012Validator(schema, mask="a value")
        rules = contract.resolve(schema)
        self._valid: dict[int, Any] = {}
        self._sliced = rules.get("type") == "array" and rules.keys() <= ALONE

    def breaches(self, value: Any) -> tuple[Breach, ...]:
        """Return the violations in a decoded answer, ``MOST_ERRORS`` at the most."""
        return self.look(value).breaches

    def look(self, value: Any) -> Look:
        """Look for the violations in a decoded answer, up to ``MOST_ERRORS``.

        An element that was valid is not validated again where it is the same object; nothing that
        was looked at may be changed afterwards.
        """
        found: list[Breach] = []
        complete = True
        for start, part in self._parts(value):
            for breach in self._found(part):
                if breach is None:
                    complete = False
                    continue
                path = breach.path
                if start and path:
                    path = (int(path[0]) + start, *path[1:])
                found.append(replace(breach, path=path))
            if len(found) >= MOST_ERRORS:
                return Look(tuple(found[:MOST_ERRORS]), complete=False)
        return Look(tuple(found), complete)

    def _parts(self, value: Any) -> Iterator[tuple[int, Any]]:
        if not (self._sliced and isinstance(value, list)):
            yield 0, value
            return
        for start in range(0, max(len(value), 1), SLICE):
            yield start, value[start : start + SLICE]

    def _found(self, value: Any) -> list[Breach | None]:
        """Return breaches, and ``None`` where there may be others."""
        try:
            return [] if self._all_valid(value) else self._told(value)
        except ValueError:
            return self._told(simplified(value))

    def _all_valid(self, value: Any) -> bool:
        """Whether every element of an array is valid, of which each is looked at once."""
        if not (self._sliced and isinstance(value, list)):
            return False
        fresh = [element for element in value if id(element) not in self._valid]
        if fresh and not self._validator.is_valid(fresh):
            return False
        # Kept, since the identity of what is gone may be given to something else.
        self._valid.update((id(element), element) for element in fresh)
        return True

    def _told(self, value: Any) -> list[Breach | None]:
        if self._validator.is_valid(value):
            return []
        # Whatever is long is cut, so that neither errors nor their texts can be.
        short, cut = _shortened(value)
        found = list(self._explained(short, value)) or [self._first(value)]
        return [*found, None] if cut else [*found]

    def _explained(self, short: Any, value: Any) -> Iterator[Breach]:
        for error in self._validator.iter_errors(short):
            yield _breach(error, value)

    def _first(self, value: Any) -> Breach:
        """Return one breach, of a value that breaks the schema only where it was cut."""
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _breach(error, value)
        raise AssertionError("a value that is not valid has no breach")


def _breach(error: jsonschema_rs.ValidationError, value: Any) -> Breach:
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    missing = getattr(error.kind, "property", None) if keyword == "required" else None
    path = tuple(error.instance_path)
    return Breach(path, keyword, missing, _lookup(value, path))


def _shortened(value: Any) -> tuple[Any, bool]:
    """Copy a value with long strings and arrays cut, and say whether an array was."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT], False
    cut = False
    if isinstance(value, dict):
        members = {}
        for name, child in value.items():
            members[name], inner = _shortened(child)
            cut = cut or inner
        return members, cut
    if isinstance(value, list):
        elements = []
        for child in value[:MOST_ERRORS]:
            element, inner = _shortened(child)
            elements.append(element)
            cut = cut or inner
        return elements, cut or len(value) > MOST_ERRORS
    return value, False


def simplified(value: Any, depth: int = 0) -> Any:
    """Copy a value without what the validator cannot hold and no schema asks about.

    That is lone surrogates, which are characters like any other, and deep nesting.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        members = value.items() if depth < DEEPEST else ()
        return {simplified(key): simplified(child, depth + 1) for key, child in members}
    if isinstance(value, list):
        return [simplified(child, depth + 1) for child in value] if depth < DEEPEST else []
    return value


def _lookup(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value
