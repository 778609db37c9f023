"""The plan of a run: its parts, and which of them the chosen requirements need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from conformance.contract.query import Query
from conformance.report.run_metadata import Profile


class Part(StrEnum):
    """The parts of a run, in the order of sending; each requirement needs some of them."""

    TURNS = "requests in sequence"
    VIEWS = "documented queries"
    VARIANTS = "equivalent queries"
    CATEGORIES = "unsupported categories"
    MODELS = "models"
    INPUTS = "unusual queries"
    ROUNDS = "concurrent repetition"
    PROBES = "generated queries"
    AGAIN = "repeated differences"
    FRESH = "requests past caches"
    WATCH = "intermittent differences"
    WITNESS = "missing providers"
    STRANGERS = "refused credentials"


LATER = (Part.TURNS, Part.AGAIN, Part.FRESH, Part.WATCH, Part.WITNESS)
ORDER = [part for part in Part if part not in LATER]
"""The order in which parts are sent, after the requests in sequence.

The last round follows at the end, so that what a cache keeps of a refusal is seen.
"""

ROUNDS = {Profile.QUICK: 1, Profile.STANDARD: 3, Profile.THOROUGH: 8}
"""Number of times all documented queries are repeated, concurrently and in changing order."""

PROBES = {Profile.QUICK: 0, Profile.STANDARD: 40, Profile.THOROUGH: 400}
"""Number of generated queries."""

MOST_REQUESTS = {Profile.QUICK: 2000, Profile.STANDARD: 4000, Profile.THOROUGH: 8000}
"""Maximum number of requests including repeats: several times what a working server needs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests of a run.

    ``parts`` are the parts that the selected requirements need, ``probes`` the generated queries,
    ``rounds`` how often documented queries are repeated in an order that ``seed`` determines, and
    ``crossed`` whether every refused credential is tried with every query.
    """

    parts: frozenset[Part]
    probes: Iterable[Query] = ()
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
    "LIFECYCLE": frozenset({Part.VIEWS}),
}
"""The parts whose exchanges the requirements of a family judge, by family."""


def needed_parts(families: Iterable[str], profile: Profile) -> frozenset[Part]:
    """Return the parts of a run that requirements of these families need."""
    parts = frozenset[Part]().union(*(NEEDS.get(family, frozenset(Part)) for family in families))
    return parts - {Part.PROBES} if profile is Profile.QUICK else parts


Progress = Callable[[Part, int, int], None]
"""Called with a part, the number of its requests that are done, and their total."""
