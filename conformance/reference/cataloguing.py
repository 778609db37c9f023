"""The common parts of the catalogues of faults and variations: names and order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.reference.server import ReferenceServer

__all__ = ["Entries", "Entry", "described", "named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A server of the catalogue: its name, a sentence that describes it, and how to create it.

    ``profile`` is the smallest profile whose requests show the described behaviour. If
    ``with_fixtures`` is set, only a run that creates and removes providers shows it.
    """

    name: str
    description: str
    make: Callable[[], ReferenceServer]
    profile: str = "quick"
    with_fixtures: bool = False


_Entry = TypeVar("_Entry", bound=Entry)


class Entries(Generic[_Entry]):
    """The entries of one subject, in the order of their declaration."""

    def __init__(self, subject: str, *, with_fixtures: bool = False) -> None:
        """Create an empty catalogue; every name in it begins with ``subject``.

        ``with_fixtures`` is that of its entries.
        """
        self._subject = subject
        self.with_fixtures = with_fixtures
        self._entries: dict[str, _Entry] = {}

    def __iter__(self) -> Iterator[_Entry]:
        """Iterate over the entries."""
        return iter(self._entries.values())

    def full_name(self, name: str) -> str:
        """Return the name of an entry of this subject."""
        return f"{self._subject}-{name}"

    def enter(self, entry: _Entry) -> None:
        """Add an entry.

        Raises ``ValueError`` if its name is taken.
        """
        if entry.name in self._entries:
            raise ValueError(f"two entries are called {entry.name}")
        self._entries[entry.name] = entry


def named(server: type) -> str:
    """Return the name of a class in kebab case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", server.__name__).lower()


def described(server: type) -> str:
    """Return the docstring of a class as one line."""
    return " ".join((server.__doc__ or "").split())
