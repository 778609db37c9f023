"""What a generated client is tried on: a reference server, and what it must be found to hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.entities import Provider


@dataclass(frozen=True)
class Reference:
    """A running reference server, as the contract's `servers` has it: without `/api`."""

    url: str
    token: str
    providers: tuple[Provider, ...]

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which a program is told of it."""
        return {"CONDUCTOR_URL": self.url, "CONDUCTOR_AUTH_TOKEN": self.token}

    def listed(self, category: str | None = None, *, inactive: bool = False) -> list[str]:
        """Return a line for each provider that a query keeps, as the programs write it."""
        return [
            f"{one.name} {one.type} {one.category} {str(one.enabled).lower()} {one.models_count} "
            f"{','.join(f'{tag.key}={tag.value}' for tag in one.tags) or '-'} "
            f"{one.update_time if one.update_time is not None else '-'} "
            f"{one.configuration.get('endpoint', '-')}"
            for one in self.providers
            if category in (None, one.category) and (one.enabled or inactive)
        ]

    def expected(self) -> list[str]:
        """Return what the programs write of it."""
        everything = self.listed(inactive=True)
        active = set(self.listed())
        return [
            *(f"all {line}" for line in everything),
            *(f"inactive {line}" for line in everything if line not in active),
            *(f"GIT {line}" for line in self.listed("GIT", inactive=True)),
            *(f"active GIT {line}" for line in self.listed("GIT")),
            "listed of another category: 0",
            "refused 401 INVALID_TOKEN",
        ]


@contextmanager
def served(server: ReferenceServer | None = None) -> Iterator[Reference]:
    """Run a reference server, by default the right one."""
    server = server or ReferenceServer()
    with EmbeddedServer(server) as embedded:
        root = embedded.url.removesuffix(server.prefix)
        yield Reference(root, server.issue_token(), server.providers)
