"""How a wrong server is entered in the catalogue, and what is expected of the suite's judgement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Operation, ReferenceServer, operation_of

_Server = TypeVar("_Server", bound=type[ReferenceServer])


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongServer:
    """One way to break the contract.

    ``breaks`` are the requirements that have to fail, ``besides`` what the same fault may break
    too: ids, or whole families. Other requirements of the families in ``breaks`` may fail as well.
    """

    name: str
    fault: str
    breaks: frozenset[str]
    besides: frozenset[str]
    make: Callable[[], ReferenceServer]
    profile: str = "quick"

    def permits(self, requirement: str) -> bool:
        """Whether it is no surprise that this requirement fails."""
        allowed = self.besides | {_family(broken) for broken in self.breaks}
        return requirement in allowed or _family(requirement) in allowed


def _family(requirement: str) -> str:
    return requirement.partition("-")[0]


class Catalogue:
    """The wrong servers of one module, in the order in which they are entered."""

    def __init__(self, subject: str) -> None:
        """Begin a catalogue; ``subject`` begins the name of every server in it."""
        self._subject = subject
        self._servers: dict[str, WrongServer] = {}

    def __iter__(self) -> Iterator[WrongServer]:
        """Go through the servers."""
        return iter(self._servers.values())

    def add(
        self,
        name: str,
        fault: str,
        make: Callable[[], ReferenceServer],
        *breaks: str,
        besides: tuple[str, ...] = (),
        profile: str = "quick",
    ) -> None:
        """Enter a server that is made by a call."""
        full = f"{self._subject}-{name}"
        if full in self._servers:
            raise ValueError(f"two wrong servers are called {full}")
        self._servers[full] = WrongServer(
            name=full,
            fault=fault,
            breaks=frozenset(breaks),
            besides=frozenset(besides),
            make=make,
            profile=profile,
        )

    def wrong(
        self, *breaks: str, besides: tuple[str, ...] = (), profile: str = "quick"
    ) -> Callable[[_Server], _Server]:
        """Enter the decorated class; its name in kebab case and its docstring describe it."""

        def enter(server: _Server) -> _Server:
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", server.__name__).lower()
            fault = (server.__doc__ or "").strip()
            self.add(name, fault, server, *breaks, besides=besides, profile=profile)
            return server

        return enter


def is_listing(request: Request) -> bool:
    """Whether the request is for the endpoint under test."""
    return operation_of(request) is Operation.LISTING


class ListingServer(ReferenceServer):
    """A server whose answers from the endpoint under test can be changed apart from the others."""

    def render(self, payload: object, request: Request) -> Response:
        """Return ``payload`` as an answer; the siblings' are left as they are."""
        if is_listing(request):
            return self.render_listing(payload, request)
        return super().render(payload, request)

    def render_listing(self, payload: object, request: Request) -> Response:
        """Return the answer of the endpoint under test."""
        return super().render(payload, request)
