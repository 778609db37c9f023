"""The clients of the reference catalogue as entries of the self-test: broken ones, and odd ones."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from conformance.clients import catalogue, run
from conformance.contract.requirement_selection import OF_CLIENTS
from conformance.core import own_process
from conformance.reference.clients.catalogue import CLIENTS, Client
from conformance.reference.faults.entries import Fault
from conformance.reference.server import ReferenceServer
from conformance.reference.variations.entries import Variation
from conformance.report.report import Report

SUBJECT = "client"
TIMEOUT = 10.0
"""Seconds for one scenario: a reference client needs less than one, and some of them hang."""
ONE_IN = 5
MANY = 10
"""Of the requirements with fewer scenarios than this, one in so many is tried on an odd client."""
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
    """A client in which no requirement may fail."""

    client: Client


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
    # Its process breaks, and not the client: the run may end with the first scenario.
    untestable = client.kind == "broken"
    return OddClient(
        name=name,
        description=client.description,
        make=ReferenceServer,
        profile="standard",
        undecided=frozenset({OF_CLIENTS}) if untestable or not client.answers else frozenset(),
        client=client,
        strict=True,
        untestable=untestable,
    )


def entries() -> tuple[BrokenClient | OddClient, ...]:
    """Return all clients of the catalogue as entries."""
    return tuple(map(entry, CLIENTS))


def judged(tried: BrokenClient | OddClient) -> Report:
    """Run a client in the scenarios of the requirements it is tried by, and return the report."""
    return run.judge(
        (*own_process.command("conformance.reference.clients"), tried.client.name),
        only=tried_by(tried),
        jobs=JOBS,
        timeout=TIMEOUT,
        environment=own_process.environment(),
    )


def tried_by(entry: BrokenClient | OddClient) -> list[str]:
    """Return the requirements by which a client is judged.

    They are those that a broken client may break: in other scenarios, most do what the correct one
    does. The correct ones are judged by all. Each other client is judged by a share that depends on
    its name, so that each requirement is tried on several; a process takes a fifth of a second.
    """
    law = catalogue.load()
    if isinstance(entry, BrokenClient):
        return sorted(entry.breaks | entry.besides)
    if entry.client.kind == "correct":
        return list(law.scenarios)
    share = [
        name
        for name, scenarios in law.scenarios.items()
        if len(scenarios) < MANY and zlib.crc32(f"{entry.name} {name}".encode()) % ONE_IN == 0
    ]
    return share or ["CLIENT-01"]
