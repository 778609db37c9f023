"""Declaring faults: what each one breaks, and which requirements must or may fail."""

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

    The requirements in ``breaks`` must fail. Those in ``besides`` (ids or whole families) and other
    requirements of the families in ``breaks`` may fail. If ``by_chance`` is set, which of
    ``breaks`` fail varies between runs; at least one must fail.
    """

    breaks: frozenset[str]
    besides: frozenset[str] = frozenset()
    by_chance: bool = False

    @property
    def families(self) -> frozenset[str]:
        """The families of the requirements that must fail."""
        return frozenset(map(_family, self.breaks))

    def missing(self, failed: frozenset[str]) -> frozenset[str]:
        """Return the requirements that should have failed but are not in ``failed``."""
        missing = self.breaks - failed
        return frozenset() if self.by_chance and missing != self.breaks else missing

    def permits(self, requirement: str) -> bool:
        """Whether this requirement may fail."""
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
        """Declare a fault whose server ``make`` creates."""
        self.enter(
            Fault(
                name=self.full_name(name),
                description=description,
                breaks=frozenset(breaks),
                besides=frozenset(besides),
                make=make,
                profile=profile,
                with_fixtures=self.with_fixtures,
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
        """Declare the decorated class as a fault, with its name and docstring."""

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
    """A server whose responses can be changed for the endpoint under test alone."""

    def render(self, payload: object, request: Request) -> Response:
        """Return ``payload`` as a response; those of related endpoints are unchanged."""
        if is_listing(request):
            return self.render_listing(payload, request)
        return super().render(payload, request)

    def render_listing(self, payload: object, request: Request) -> Response:
        """Return the response of the endpoint under test."""
        return super().render(payload, request)
