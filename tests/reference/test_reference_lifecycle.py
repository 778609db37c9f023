"""Test that the faults of LIFECYCLE break what they declare, and that its variations do not.

The life of two providers is followed by a simple client, which shares no code with the suite.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from support.servers.writing_client import LISTING, WritingClient

from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS, Fault
from conformance.reference.faults.lifecycle import LATE
from conformance.reference.variations import VARIATIONS, Variation

ALLOWED = 10.0
"""Seconds until a write must be shown, according to the requirements."""

QUERIES = tuple(product((None, "GIT", "AI_MODEL", "CLOUD"), (True, False)))
TYPES = {"openai": "AI_MODEL", "git": "GIT"}
REAPPEARING = 3.0
"""Seconds that a result must stay right: longer than the fault that comes back after two."""


class Life:
    """Two providers of a server, from their creation to their removal."""

    def __init__(self, client: WritingClient) -> None:
        self._client = client
        self.present: dict[str, tuple[str, bool]] = {}
        self.models: dict[str, int] = {}

    def save(self, name: str, kind: str, *, enabled: bool) -> None:
        body = {
            "type": kind,
            "category": TYPES[kind],
            "description": "made for a test",
            "enabled": enabled,
            "configuration": {"api_key": "not-a-key"},
        }
        assert self._client("POST", f"{LISTING}/{name}", body).ok
        self.present[name] = TYPES[kind], enabled
        self.models.setdefault(name, 0)

    def add_model(self, name: str) -> None:
        body = {"description": "a model", "enabled": True, "configuration": {}}
        assert self._client("POST", f"{LISTING}/{name}/integration/m", body).ok
        self.models[name] += 1

    def remove(self, name: str) -> None:
        assert self._client("DELETE", f"{LISTING}/{name}").ok
        del self.present[name]

    def right(self) -> bool:
        """Whether every result has exactly the providers and counts that it should have."""
        return all(self._shown(*query) == self._expected(*query) for query in QUERIES)

    def _expected(self, category: str | None, active_only: bool) -> dict[str, int]:
        return {
            name: self.models[name]
            for name, (own, enabled) in self.present.items()
            if category in (None, own) and (enabled or not active_only)
        }

    def _shown(self, category: str | None, active_only: bool) -> dict[str, int]:
        query = f"activeOnly={str(active_only).lower()}"
        query += "" if category is None else f"&category={category}"
        listed: list[dict[str, Any]] = self._client("GET", f"{LISTING}?{query}").json()
        return {one["name"]: one["modelsCount"] for one in listed if one["name"] in self.models}


def soon(right: Callable[[], bool], seconds: float, *, stays: float = 0.0) -> bool:
    """Whether the results become right within some seconds, and stay so for some others."""
    began = time.monotonic()
    while not right():
        if time.monotonic() - began > seconds:
            return False
        time.sleep(0.1)
    until = time.monotonic() + stays
    while time.monotonic() < until:
        if not right():
            return False
        time.sleep(0.1)
    return True


def broken(server: ReferenceServer, seconds: float, *, stays: float = 0.0) -> str | None:
    """Return the first requirement that a server breaks for longer than ``seconds``.

    What is removed has to be gone for as many seconds as ``stays``.
    """
    with EmbeddedServer(server) as embedded:
        life = Life(WritingClient(server, embedded.url))
        life.save("new-a", "openai", enabled=True)
        life.save("new-b", "git", enabled=False)
        if not soon(life.right, seconds):
            return "LIFECYCLE-01"
        life.add_model("new-a")
        if not soon(life.right, seconds):
            return "LIFECYCLE-03"
        life.save("new-a", "openai", enabled=False)
        if not soon(life.right, seconds):
            return "LIFECYCLE-02"
        life.remove("new-a")
        life.remove("new-b")
        return None if soon(life.right, seconds, stays=stays) else "LIFECYCLE-04"


def test_the_late_server_is_later_than_allowed() -> None:
    assert LATE > ALLOWED


@pytest.mark.catalogue
@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if one.with_fixtures], ids=lambda fault: fault.name
)
def test_a_fault_breaks_what_it_declares(fault: Fault) -> None:
    # What only time heals has to outlast all of the time allowed; the others are never right.
    seconds = ALLOWED if fault.name.endswith("-late") else 1.0
    assert {broken(fault.make(), seconds, stays=REAPPEARING)} == fault.breaks


@pytest.mark.catalogue
@pytest.mark.parametrize(
    "variation", [one for one in VARIATIONS if one.with_fixtures], ids=lambda one: one.name
)
def test_a_variation_breaks_nothing(variation: Variation) -> None:
    assert broken(variation.make(), ALLOWED) is None


def test_the_server_itself_breaks_nothing() -> None:
    assert broken(ReferenceServer(), ALLOWED) is None


def test_every_requirement_has_two_faults_at_least() -> None:
    declared = [name for fault in FAULTS if fault.with_fixtures for name in fault.breaks]
    for number in range(1, 5):
        assert declared.count(f"LIFECYCLE-0{number}") >= 2
