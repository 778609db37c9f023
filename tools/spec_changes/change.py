"""One change of a contract: what, where, whom it breaks, and the version bump that it demands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from itertools import takewhile
from typing import Any

NONE = "(none)"
"""Shown in place of what is not there."""
LONGEST = 60
"""Characters of a value that are shown."""


class Bump(IntEnum):
    """The part of a semantic version that a change raises, from the least to the greatest."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The name as people write it."""
        return self.name.lower()


class Side(StrEnum):
    """Who may stop working although it kept to the older version."""

    CLIENT = "clients"
    SERVER = "servers"


NOBODY: frozenset[Side] = frozenset()
CLIENTS = frozenset({Side.CLIENT})
SERVERS = frozenset({Side.SERVER})
BOTH = frozenset(Side)


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    ``rule`` names the kind of change in words joined by dashes, ``place`` says where it is in words
    and ``what`` completes it by the values before and after. Whoever is in ``breaks`` may stop
    working; then ``bump`` is MAJOR.
    """

    rule: str
    place: str
    what: str
    breaks: frozenset[Side]
    bump: Bump


class Effect(Enum):
    """What a change does to the values that a schema permits."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"
    """Neither, or it cannot be told."""
    REWORDED = "reworded"
    """The same values are permitted: only the document reads differently."""


class Direction(Enum):
    """Who sends the values that a schema describes."""

    ASKED = "the client"
    ANSWERED = "the server"
    EITHER = "both, or it cannot be told"
    NOBODY = "nobody: no value is ever judged by this schema"


_OPPOSITE = {Effect.NARROWED: Effect.WIDENED, Effect.WIDENED: Effect.NARROWED}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the contract, and what a change there does to clients and servers.

    ``within`` holds the pairs of references that led here, so that schemas which hold themselves
    come to an end.
    """

    words: tuple[str, ...] = ()
    direction: Direction = Direction.EITHER
    negated: bool = False
    within: frozenset[tuple[str, str]] = frozenset()

    @property
    def place(self) -> str:
        """The place in words."""
        return ", ".join(self.words) or "the document"

    def at(self, *words: str, direction: Direction | None = None) -> Spot:
        """Return a place below this one."""
        return Spot((*self.words, *words), direction or self.direction, self.negated, self.within)

    def told(self, rule: str, effect: Effect, what: str = "") -> Change:
        """Return a change here by what it does to the values that are permitted."""
        if self.negated:
            effect = _OPPOSITE.get(effect, effect)
        breaks, bump = _consequences(effect, self.direction)
        return Change(rule, self.place, what, breaks, bump)

    def broken(self, rule: str, what: str = "", breaks: frozenset[Side] = BOTH) -> Change:
        """Return a change here that breaks somebody, unless nobody goes by this place."""
        if self.direction is Direction.NOBODY:
            return self.reworded(rule, what)
        return Change(rule, self.place, what, breaks, Bump.MAJOR)

    def new(self, rule: str, what: str = "") -> Change:
        """Return a change here that breaks nobody, but is more than words."""
        if self.direction is Direction.NOBODY:
            return self.reworded(rule, what)
        return Change(rule, self.place, what, NOBODY, Bump.MINOR)

    def reworded(self, rule: str, what: str = "") -> Change:
        """Return a change here that is only one of words."""
        return Change(rule, self.place, what, NOBODY, Bump.PATCH)


def _consequences(effect: Effect, direction: Direction) -> tuple[frozenset[Side], Bump]:
    if effect is Effect.REWORDED or direction is Direction.NOBODY:
        return NOBODY, Bump.PATCH
    match direction, effect:
        case Direction.ASKED, Effect.NARROWED:
            # What a client was told to send may be refused now.
            return CLIENTS, Bump.MAJOR
        case Direction.ASKED, Effect.WIDENED:
            # Only requests that the older version did not document are new to servers.
            return NOBODY, Bump.MINOR
        case Direction.ANSWERED, Effect.NARROWED:
            # What a server was told to answer may be wrong now.
            return SERVERS, Bump.MAJOR
        case Direction.ANSWERED, Effect.WIDENED:
            # A client may meet what it was told not to expect.
            return CLIENTS, Bump.MAJOR
    return BOTH, Bump.MAJOR


def unique(found: Iterable[Change]) -> tuple[Change, ...]:
    """Return each change once, the greatest first; one met in several ways breaks all of those."""
    merged: dict[tuple[str, str, str], Change] = {}
    for change in found:
        key = (change.rule, change.place, change.what)
        known = merged.get(key, change)
        merged[key] = Change(*key, known.breaks | change.breaks, max(known.bump, change.bump))
    return tuple(
        sorted(merged.values(), key=lambda one: (-one.bump, one.place, one.rule, one.what))
    )


def shown(value: Any, longest: int = LONGEST) -> str:
    """Show a value of the document in one line, cut if it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    text = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def turned(old: Any, new: Any) -> str:
    """Show a value before and after; of long ones the part in which they differ."""
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
    """Yield each key, or those given, under which two mappings differ, with its values shown."""
    for key in sorted({*old, *new} if keys is None else keys):
        before, after = old.get(key, NONE), new.get(key, NONE)
        if canonical(before) != canonical(after):
            yield key, turned(before, after)


def canonical(value: Any) -> str:
    """Return a text that two values share exactly if they are the same JSON."""
    return json.dumps(value, sort_keys=True, default=str)
