"""The parts of a run, and which of them are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.contract.query import Query
from conformance.report.run_metadata import Profile


class Part(StrEnum):
    """The parts of a run; each requirement needs some of them."""

    TURNS = "one after the other"
    VIEWS = "documented queries"
    VARIANTS = "the same in other words"
    CATEGORIES = "unsupported categories"
    MODELS = "models"
    INPUTS = "unusual queries"
    ROUNDS = "repeated at once"
    PROBES = "generated queries"
    AGAIN = "differences again"
    WATCH = "answers that come and go"
    STRANGERS = "refused credentials"


ROUNDS = {Profile.QUICK: 1, Profile.STANDARD: 3, Profile.THOROUGH: 8}
"""How often all documented queries are asked again, several at once and in changing order."""

PROBES = {Profile.QUICK: 0, Profile.STANDARD: 40, Profile.THOROUGH: 400}
"""Generated queries."""

MOST_REQUESTS = {Profile.QUICK: 2000, Profile.STANDARD: 4000, Profile.THOROUGH: 8000}
"""Requests that a run may send, repeats included: several times what a server in order needs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks.

    ``parts`` are the parts that the selected requirements need, ``probes`` the generated queries
    (empty without probing), ``rounds`` how often documented queries are repeated in an order that
    ``seed`` decides, ``crossed`` whether every refused credential is tried on every query.
    """

    parts: frozenset[Part]
    probes: Sequence[Query] = ()
    rounds: int = 1
    seed: int = 0
    crossed: bool = False


_LISTED = frozenset({Part.VIEWS, Part.MODELS, Part.ROUNDS, Part.PROBES})
NEEDS = {
    "HTTP": frozenset(Part),
    "SHAPE": _LISTED,
    "MODEL": _LISTED,
    "FILTER": frozenset(Part) - {Part.STRANGERS},
    "AUTH": frozenset({Part.VIEWS, Part.STRANGERS}),
    "ROBUST": frozenset(
        {Part.VIEWS, Part.CATEGORIES, Part.MODELS, Part.INPUTS, Part.PROBES, Part.STRANGERS}
    ),
    "STABLE": frozenset({Part.TURNS, Part.VIEWS, Part.VARIANTS, Part.ROUNDS}),
    "SECRET": frozenset({Part.VIEWS}),
}
"""Family to the parts whose exchanges its requirements judge."""


def needed_parts(families: Iterable[str], profile: Profile) -> frozenset[Part]:
    """Return the parts of a run that requirements of these families need."""
    parts = frozenset[Part]().union(*(NEEDS.get(family, frozenset(Part)) for family in families))
    return parts - {Part.PROBES} if profile is Profile.QUICK else parts


Progress = Callable[[Part, int, int], None]
"""Called with a part, how many of its requests are answered, and how many it has."""
