"""A change of a contract: what, where, whom it breaks, and which version bump it requires."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from itertools import takewhile
from typing import Any

NONE = "(none)"
"""Shown for a missing value."""
LONGEST = 60
"""Maximum number of characters of a value that are shown."""


class Bump(IntEnum):
    """The part of a semantic version that a change raises, in ascending order."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The name in lower case."""
        return self.name.lower()


class Side(StrEnum):
    """Who may stop working although they complied with the older version."""

    CLIENT = "clients"
    SERVER = "servers"


NOBODY: frozenset[Side] = frozenset()
CLIENTS = frozenset({Side.CLIENT})
SERVERS = frozenset({Side.SERVER})
BOTH = frozenset(Side)


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    ``rule`` names the kind of change, ``place`` describes where it is, and ``what`` adds details
    such as the values before and after. The sides in ``breaks`` may stop working; if there are any,
    ``bump`` is MAJOR.
    """

    rule: str
    place: str
    what: str
    breaks: frozenset[Side]
    bump: Bump


class Effect(Enum):
    """The effect of a change on the set of values that a schema permits."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"
    """Neither, or unknown."""
    REWORDED = "reworded"
    """The same values are permitted; only the wording of the document differs."""


class Direction(Enum):
    """Who sends the values that a schema describes."""

    REQUEST = "the client"
    RESPONSE = "the server"
    EITHER = "both, or unknown"
    NOBODY = "nobody: no value is ever validated by this schema"


_OPPOSITE = {Effect.NARROWED: Effect.WIDENED, Effect.WIDENED: Effect.NARROWED}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the contract, and the effect of a change there on clients and servers.

    ``within`` has the pairs of references that led here, so that the comparison of recursive
    schemas ends.
    """

    words: tuple[str, ...] = ()
    direction: Direction = Direction.EITHER
    negated: bool = False
    within: frozenset[tuple[str, str]] = frozenset()

    @property
    def place(self) -> str:
        """Describe the place in words."""
        return ", ".join(self.words) or "the document"

    def at(self, *words: str, direction: Direction | None = None) -> Spot:
        """Return a place below this one."""
        return Spot((*self.words, *words), direction or self.direction, self.negated, self.within)

    def by_effect(self, rule: str, effect: Effect, what: str = "") -> Change:
        """Return a change here, classified by its effect on the permitted values."""
        if self.negated:
            effect = _OPPOSITE.get(effect, effect)
        breaks, bump = _consequences(effect, self.direction)
        return Change(rule, self.place, what, breaks, bump)

    def broken(self, rule: str, what: str = "", breaks: frozenset[Side] = BOTH) -> Change:
        """Return a breaking change here; it is only a rewording if nobody depends on this place."""
        if self.direction is Direction.NOBODY:
            return self.reworded(rule, what)
        return Change(rule, self.place, what, breaks, Bump.MAJOR)

    def new(self, rule: str, what: str = "") -> Change:
        """Return a change here that breaks nobody, but is more than a rewording."""
        if self.direction is Direction.NOBODY:
            return self.reworded(rule, what)
        return Change(rule, self.place, what, NOBODY, Bump.MINOR)

    def reworded(self, rule: str, what: str = "") -> Change:
        """Return a change here that only changes wording."""
        return Change(rule, self.place, what, NOBODY, Bump.PATCH)


def _consequences(effect: Effect, direction: Direction) -> tuple[frozenset[Side], Bump]:
    if effect is Effect.REWORDED or direction is Direction.NOBODY:
        return NOBODY, Bump.PATCH
    match direction, effect:
        case Direction.REQUEST, Effect.NARROWED:
            # Documented requests may be refused now.
            return CLIENTS, Bump.MAJOR
        case Direction.REQUEST, Effect.WIDENED:
            # Servers only get new requests that the older version did not document.
            return NOBODY, Bump.MINOR
        case Direction.RESPONSE, Effect.NARROWED:
            # Documented responses may be wrong now.
            return SERVERS, Bump.MAJOR
        case Direction.RESPONSE, Effect.WIDENED:
            # Clients may get responses that the older version excluded.
            return CLIENTS, Bump.MAJOR
    return BOTH, Bump.MAJOR


def unique(found: Iterable[Change]) -> tuple[Change, ...]:
    """Merge equal changes, with everyone any of them breaks; return the greatest bumps first."""
    merged: dict[tuple[str, str, str], Change] = {}
    for change in found:
        key = (change.rule, change.place, change.what)
        known = merged.get(key, change)
        merged[key] = Change(*key, known.breaks | change.breaks, max(known.bump, change.bump))
    return tuple(
        sorted(merged.values(), key=lambda one: (-one.bump, one.place, one.rule, one.what))
    )


def shown(value: Any, longest: int = LONGEST) -> str:
    """Format a value of the document in one line, shortened if it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    text = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def turned(old: Any, new: Any) -> str:
    """Format a value before and after; for long values only the part that differs."""
    if old == NONE or new == NONE:
        return shown(new) if old == NONE else f"was {shown(old)}"
    if isinstance(old, str) and isinstance(new, str):
        old, new = " ".join(old.split()), " ".join(new.split())
        if max(len(old), len(new)) > LONGEST:
            pairs = zip(old, new, strict=False)
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            begin = old.rfind(" ", 0, max(same - 10, 0)) + 1
            old, new = (f"…{one[begin:]}" if begin else one for one in (old, new))
    return f"{shown(old)} → {shown(new)}"


def differing(
    old: Mapping[str, Any], new: Mapping[str, Any], keys: Collection[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each key (or each of ``keys``) with different values, and the formatted values."""
    for key in sorted({*old, *new} if keys is None else keys):
        before, after = old.get(key, NONE), new.get(key, NONE)
        if canonical(before) != canonical(after):
            yield key, turned(before, after)


def canonical(value: Any) -> str:
    """Return a text that is equal for two values if and only if they are the same JSON."""
    return json.dumps(value, sort_keys=True, default=str)
