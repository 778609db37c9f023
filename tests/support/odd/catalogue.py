"""How an odd but legal server is entered in the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from conformance import AccessKey
from conformance.credentials import Credential
from conformance.reference import ReferenceServer

_Server = TypeVar("_Server", bound=type[ReferenceServer])


@dataclass(frozen=True, slots=True, kw_only=True)
class OddServer:
    """One way to look odd within the contract.

    ``undecided`` are the requirements that its data or its restlessness cannot decide: ids, or
    whole families. ``address`` makes the URL that is given from the one where its API is, and
    ``front`` starts what stands before it, if anything.
    """

    name: str
    oddity: str
    make: Callable[[], ReferenceServer]
    undecided: frozenset[str]
    credential: Callable[[ReferenceServer], Credential | str | None]
    address: Callable[[str], str]
    front: Callable[[str], AbstractContextManager[str]]
    profile: str

    def may_leave_open(self, requirement: str) -> bool:
        """Whether it is no surprise that this requirement is not decided."""
        return bool({requirement, requirement.partition("-")[0]} & self.undecided)


def token(server: ReferenceServer) -> str:
    """Return a token that the server accepts."""
    return server.issue_token()


def key_and_secret(server: ReferenceServer) -> AccessKey:
    """Return the pair for which the server issues tokens."""
    return AccessKey(server.key_id, server.key_secret)


class Catalogue:
    """The odd servers of one module, in the order in which they are entered."""

    def __init__(self, subject: str) -> None:
        """Begin a catalogue; ``subject`` begins the name of every server in it."""
        self._subject = subject
        self._servers: dict[str, OddServer] = {}

    def __iter__(self) -> Iterator[OddServer]:
        """Go through the servers."""
        return iter(self._servers.values())

    def add(
        self,
        name: str,
        oddity: str,
        make: Callable[[], ReferenceServer],
        *undecided: str,
        credential: Callable[[ReferenceServer], Credential | str | None] = token,
        address: Callable[[str], str] = str,
        front: Callable[[str], AbstractContextManager[str]] = nullcontext,
        profile: str = "quick",
    ) -> None:
        """Enter a server that is made by a call."""
        full = f"{self._subject}-{name}"
        if full in self._servers:
            raise ValueError(f"two odd servers are called {full}")
        self._servers[full] = OddServer(
            name=full,
            oddity=oddity,
            make=make,
            undecided=frozenset(undecided),
            credential=credential,
            address=address,
            front=front,
            profile=profile,
        )

    def odd(self, *undecided: str, profile: str = "quick") -> Callable[[_Server], _Server]:
        """Enter the decorated class; its name in kebab case and its docstring describe it."""

        def enter(server: _Server) -> _Server:
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", server.__name__).lower()
            self.add(name, (server.__doc__ or "").strip(), server, *undecided, profile=profile)
            return server

        return enter
