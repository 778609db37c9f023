"""What the catalogues of faults and of variations have in common: names and order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.reference.server import ReferenceServer

__all__ = ["Entries", "Entry", "described", "named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A kind of server: its name, what is special about it in a sentence, and how it is made.

    ``profile`` is the least profile of a run that can see what is special about it.
    """

    name: str
    description: str
    make: Callable[[], ReferenceServer]
    profile: str = "quick"


_Entry = TypeVar("_Entry", bound=Entry)


class Entries(Generic[_Entry]):
    """The entries of one subject, in the order in which they are made."""

    def __init__(self, subject: str) -> None:
        """Begin a catalogue; ``subject`` begins the name of everything in it."""
        self._subject = subject
        self._entries: dict[str, _Entry] = {}

    def __iter__(self) -> Iterator[_Entry]:
        """Go through the entries."""
        return iter(self._entries.values())

    def full_name(self, name: str) -> str:
        """Return the name of an entry of this subject."""
        return f"{self._subject}-{name}"

    def enter(self, entry: _Entry) -> None:
        """Keep an entry.

        Raises ``ValueError`` if another one has its name.
        """
        if entry.name in self._entries:
            raise ValueError(f"two entries are called {entry.name}")
        self._entries[entry.name] = entry


def named(server: type) -> str:
    """Return the name of a class in kebab case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", server.__name__).lower()


def described(server: type) -> str:
    """Return the docstring of a class, which is a sentence."""
    return " ".join((server.__doc__ or "").split())
