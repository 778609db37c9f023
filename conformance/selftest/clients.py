"""The clients of the reference catalogue as entries of the self-test: broken ones, and odd ones."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clients import run
from conformance.core import own_process
from conformance.reference.clients.catalogue import CLIENTS, Client
from conformance.reference.faults.entries import Fault
from conformance.reference.server import ReferenceServer
from conformance.reference.variations.entries import Variation
from conformance.report.report import Report

SUBJECT = "client"
FAMILY = "CLIENT"
TIMEOUT = 10.0
"""Seconds for one scenario: a reference client needs less than one, and some of them hang."""
JOBS = 2
"""Scenarios of one client at once. Several clients are judged at once as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenClient(Fault):
    """A client that breaks requirements; none but those that it declares may fail."""

    client: Client

    def permits(self, requirement: str) -> bool:
        """Whether this requirement may fail."""
        return requirement in self.breaks | self.besides


@dataclass(frozen=True, slots=True, kw_only=True)
class OddClient(Variation):
    """A client in which no requirement may fail.

    If it is ``unjudgeable``, its process breaks and not the client: nothing has to be decided, and
    the run may end with the first scenario.
    """

    client: Client
    unjudgeable: bool = False


def entry(client: Client) -> BrokenClient | OddClient:
    """Return a client of the catalogue as an entry."""
    name = f"{SUBJECT}-{client.name}"
    if client.trips:
        return BrokenClient(
            name=name,
            description=client.description,
            make=ReferenceServer,
            profile="standard",
            breaks=frozenset(client.trips),
            besides=frozenset(client.may_trip),
            client=client,
        )
    unjudgeable = client.kind == "broken"
    return OddClient(
        name=name,
        description=client.description,
        make=ReferenceServer,
        profile="standard",
        undecided=frozenset({FAMILY}) if unjudgeable or not client.answers else frozenset(),
        client=client,
        unjudgeable=unjudgeable,
    )


def entries() -> tuple[BrokenClient | OddClient, ...]:
    """Return all clients of the catalogue as entries."""
    return tuple(map(entry, CLIENTS))


def judged(tried: BrokenClient | OddClient) -> Report:
    """Run a client in every scenario, and return the report on it."""
    command = (*own_process.command("conformance.reference.clients"), tried.client.name)
    return run.judge(command, jobs=JOBS, timeout=TIMEOUT, environment=own_process.environment())
