"""Validating answers against the contract's schema, and saying where they break it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from conformance.contract import Contract
from conformance.text import pointer

MOST_ERRORS = 2000
"""Violations looked at in one answer; the first ones tell as much as all of a million."""

DEEPEST = 100
"""Levels of nesting that are looked at; the validator itself gives up at 255."""


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


class Schema:
    """The contract's schema of a 200 answer, compiled."""

    def __init__(self, contract: Contract) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(dict(contract.response_schema))

    def breaches(self, value: Any) -> tuple[Breach, ...]:
        """Return the violations in a decoded answer, ``MOST_ERRORS`` at the most."""
        try:
            return self._find(value)
        except ValueError:
            return self._find(_simplified(value))

    def _find(self, value: Any) -> tuple[Breach, ...]:
        if self._validator.is_valid(value):
            return ()
        return tuple(islice(self._explained(value), MOST_ERRORS))

    def _explained(self, value: Any) -> Iterator[Breach]:
        for error in self._validator.iter_errors(value):
            keyword = str(error.schema_path[-1]) if error.schema_path else ""
            missing = getattr(error.kind, "property", None) if keyword == "required" else None
            path = tuple(error.instance_path)
            yield Breach(path, keyword, missing, _lookup(value, path))


def _simplified(value: Any, depth: int = 0) -> Any:
    """Copy a value without what the validator cannot hold and no schema asks about.

    That is lone surrogates, which are characters like any other, and deep nesting.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        members = value.items() if depth < DEEPEST else ()
        return {_simplified(key): _simplified(child, depth + 1) for key, child in members}
    if isinstance(value, list):
        return [_simplified(child, depth + 1) for child in value] if depth < DEEPEST else []
    return value


def _lookup(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value
