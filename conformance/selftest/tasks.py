"""Tasks for the worker processes of the self-test, and the result of a failed one."""

from __future__ import annotations

from dataclasses import dataclass

OWN = "own"
"""Used instead of a profile: judge each server with its own, the smallest that detects it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One server to try: its name in the catalogue, the profile (or ``OWN``), and the seed."""

    name: str
    profile: str = OWN
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Broken:
    """A trial that did not complete.

    ``reason`` is a clause such as "its process ended with exit code 3"; ``duration`` is in seconds.
    """

    reason: str
    duration: float = 0.0
