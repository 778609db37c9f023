"""Declaring valid variations: unusual servers that conform to the contract."""

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
    """The kind of credential that a client of the server has."""

    TOKEN = "token"  # noqa: S105 - the name of a kind
    ACCESS_KEY = "access key"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation(Entry):
    """One unusual server that conforms to the contract.

    ``undecided`` are the requirements (ids or whole families) that may be inconclusive because of
    its data or its changes. ``address`` returns the URL given to the suite from that of the API.
    ``front`` starts a proxy in front of the server, if it needs one. If it is ``strict``, no SHOULD
    may fail either. If it is ``untestable``, the run may end without a verdict.
    """

    undecided: frozenset[str] = frozenset()
    key: Key = Key.TOKEN
    address: Callable[[str], str] = str
    front: Callable[[str], AbstractContextManager[str]] = nullcontext
    strict: bool = False
    untestable: bool = False

    def published(self, url: str) -> AbstractContextManager[str]:
        """Return a context that yields the URL for clients; ``url`` is that of the API."""
        return self.front(self.address(url))

    def may_leave_open(self, requirement: str) -> bool:
        """Whether this requirement may be inconclusive."""
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
        """Declare a variation whose server ``make`` creates."""
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
                with_fixtures=self.with_fixtures,
            )
        )

    def variation(self, *undecided: str, profile: str = "quick") -> Callable[[_Server], _Server]:
        """Declare the decorated class as a variation, with its name and docstring."""

        def declare(server: _Server) -> _Server:
            self.add(named(server), described(server), server, *undecided, profile=profile)
            return server

        return declare
