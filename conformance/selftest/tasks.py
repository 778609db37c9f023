"""What passes between the self-test and its worker processes, beside the trials themselves."""

from __future__ import annotations

from dataclasses import dataclass

OWN = "own"
"""In place of a profile: each server is judged with its own, the least that can see it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One server to try: its name in the catalogue, the profile or ``OWN``, and the seed."""

    name: str
    profile: str = OWN
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Broken:
    """A trial that came to no end.

    ``reason`` is a clause for a person, such as "its process ended with exit code 3"; ``duration``
    is in seconds.
    """

    reason: str
    duration: float = 0.0
