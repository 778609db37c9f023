"""How a fault is declared: what it breaks, and what is expected of the suite's judgement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.cataloguing import Entries, Entry, described, named
from conformance.reference.routing import Operation, operation_of
from conformance.reference.server import ReferenceServer

__all__ = ["Catalogue", "Fault", "ListingServer", "is_listing"]

_Server = TypeVar("_Server", bound=type[ReferenceServer])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Entry):
    """One way to break the contract.

    ``breaks`` are the requirements that have to fail, ``besides`` what the same fault may break
    too: ids, or whole families. Other requirements of the families in ``breaks`` may fail as well.
    ``by_chance`` says that chance decides which of ``breaks`` fail in a run; one at least has to.
    """

    breaks: frozenset[str]
    besides: frozenset[str] = frozenset()
    by_chance: bool = False

    @property
    def families(self) -> frozenset[str]:
        """The families of the requirements that have to fail."""
        return frozenset(map(_family, self.breaks))

    def missing(self, failed: frozenset[str]) -> frozenset[str]:
        """Return the requirements that should have failed, and are not among those that did."""
        missing = self.breaks - failed
        return frozenset() if self.by_chance and missing != self.breaks else missing

    def permits(self, requirement: str) -> bool:
        """Whether it is no surprise that this requirement fails."""
        allowed = self.besides | self.families
        return requirement in allowed or _family(requirement) in allowed


def _family(requirement: str) -> str:
    return requirement.partition("-")[0]


class Catalogue(Entries[Fault]):
    """The faults of one subject."""

    def add(
        self,
        name: str,
        description: str,
        make: Callable[[], ReferenceServer],
        *breaks: str,
        besides: tuple[str, ...] = (),
        profile: str = "quick",
        by_chance: bool = False,
    ) -> None:
        """Declare the fault of the server that a call makes."""
        self.enter(
            Fault(
                name=self.full_name(name),
                description=description,
                breaks=frozenset(breaks),
                besides=frozenset(besides),
                make=make,
                profile=profile,
                by_chance=by_chance,
            )
        )

    def fault(
        self,
        *breaks: str,
        besides: tuple[str, ...] = (),
        profile: str = "quick",
        by_chance: bool = False,
    ) -> Callable[[_Server], _Server]:
        """Declare the fault of the decorated class, by its name and docstring."""

        def declare(server: _Server) -> _Server:
            self.add(
                named(server),
                described(server),
                server,
                *breaks,
                besides=besides,
                profile=profile,
                by_chance=by_chance,
            )
            return server

        return declare


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
