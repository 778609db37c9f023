"""How a legal variation is declared: a server that keeps the contract, however odd it looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from conformance.reference.cataloguing import Entries, Entry, described, named
from conformance.reference.server import ReferenceServer

__all__ = ["Catalogue", "Key", "Variation"]

_Server = TypeVar("_Server", bound=type[ReferenceServer])


class Key(StrEnum):
    """What a caller of the server has in hand."""

    TOKEN = "token"  # noqa: S105 - the name of a kind
    ACCESS_KEY = "access key"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation(Entry):
    """One way to look odd within the contract.

    ``undecided`` are the requirements that its data or its restlessness cannot decide: ids, or
    whole families. ``address`` makes the URL that is given from the one where its API is, and
    ``front`` starts what stands before it, if anything.
    """

    undecided: frozenset[str] = frozenset()
    key: Key = Key.TOKEN
    address: Callable[[str], str] = str
    front: Callable[[str], AbstractContextManager[str]] = nullcontext

    def published(self, url: str) -> AbstractContextManager[str]:
        """Return a context that yields the URL callers are given; ``url`` is where the API is."""
        return self.front(self.address(url))

    def may_leave_open(self, requirement: str) -> bool:
        """Whether it is no surprise that this requirement is not decided."""
        return bool({requirement, requirement.partition("-")[0]} & self.undecided)


class Catalogue(Entries[Variation]):
    """The variations of one subject."""

    def add(
        self,
        name: str,
        description: str,
        make: Callable[[], ReferenceServer],
        *undecided: str,
        key: Key = Key.TOKEN,
        address: Callable[[str], str] = str,
        front: Callable[[str], AbstractContextManager[str]] = nullcontext,
        profile: str = "quick",
    ) -> None:
        """Declare the server that a call makes."""
        self.enter(
            Variation(
                name=self.full_name(name),
                description=description,
                make=make,
                undecided=frozenset(undecided),
                key=key,
                address=address,
                front=front,
                profile=profile,
            )
        )

    def variation(self, *undecided: str, profile: str = "quick") -> Callable[[_Server], _Server]:
        """Declare the decorated class, by its name and docstring."""

        def declare(server: _Server) -> _Server:
            self.add(named(server), described(server), server, *undecided, profile=profile)
            return server

        return declare
