"""Look up faults and variations of the reference server by name, pattern or requirement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import TypeVar

from conformance.contract.model import Contract
from conformance.core.suggestions import suggestion
from conformance.errors import UsageError
from conformance.reference.cataloguing import Entry
from conformance.reference.faults import FAULTS, Fault
from conformance.reference.variations import VARIATIONS, Variation

_Entry = TypeVar("_Entry", bound=Entry)

_LISTS = {"fault": "--faults", "variation": "--variations"}


@cache
def by_name() -> dict[str, Fault | Variation]:
    """Return all faults and variations by name."""
    every: tuple[Fault | Variation, ...] = (*FAULTS, *VARIATIONS)
    return {entry.name: entry for entry in every}


@cache
def everything() -> dict[str, Fault | Variation]:
    """Return all that a self-test tries by name: faults, variations, and clients as either."""
    # Imported here, because `list` and shell completion need no clients.
    from conformance.selftest import clients

    return by_name() | {entry.name: entry for entry in clients.entries()}


def subject(entry: Entry) -> str:
    """Return the first word of the name of an entry, such as ``living``."""
    return entry.name.partition("-")[0]


def fault(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UsageError: there is none; the message suggests similar names.
    """
    return _named(name, FAULTS, "fault")


def variation(name: str) -> Variation:
    """Return the variation of that name.

    Raises:
        UsageError: there is none; the message suggests similar names.
    """
    return _named(name, VARIATIONS, "variation")


def _named(name: str, entries: Sequence[_Entry], noun: str) -> _Entry:
    for entry in entries:
        if entry.name == name:
            return entry
    known = [entry.name for entry in entries]
    hint = suggestion(name, known, otherwise=f"see {_listing(noun)}", most=3)
    raise UsageError(f"unknown {noun} {name!r}; {hint}")


def chosen(
    names: Iterable[str], entries: Sequence[_Entry], contract: Contract, noun: str
) -> tuple[_Entry, ...]:
    """Return the entries that match any of the names; all entries if there are no names.

    A name is the name of an entry, its first words, or a shell pattern. The name of a requirement
    or family matches the faults that are declared to break it. Letter case is ignored. ``noun`` is
    the word for the entries in errors, such as "fault".

    Raises:
        UsageError: a name matches nothing.
    """
    wanted: set[str] = set()
    everything = True
    for name in names:
        found = _standing_for(name, entries)
        if not found:
            raise UsageError(_nothing(name, entries, contract, noun))
        wanted |= found
        everything = False
    return tuple(entry for entry in entries if everything or entry.name in wanted)


def _standing_for(name: str, entries: Sequence[Entry]) -> set[str]:
    if any(entry.name == name for entry in entries):
        return {name}
    small = name.lower()
    whole = {entry.name for entry in entries if entry.name.lower() == small}
    return whole or {
        entry.name
        for entry in entries
        if fnmatchcase(entry.name.lower(), small)
        or entry.name.lower().startswith(f"{small}-")
        or (isinstance(entry, Fault) and name.upper() in entry.breaks | entry.families)
    }


def _nothing(name: str, entries: Sequence[Entry], contract: Contract, noun: str) -> str:
    requirements = [requirement.id for requirement in contract.requirements]
    if name.upper() in (*requirements, *contract.families):
        return f"no {noun} is declared to break {name.upper()}; see {_listing(noun)}"
    known = [entry.name for entry in entries] + sorted({subject(entry) for entry in entries})
    if any(isinstance(entry, Fault) for entry in entries):
        known += [*requirements, *contract.families]
    hint = suggestion(name, known, otherwise=f"see {_listing(noun)}", most=3)
    return f"unknown {noun} {name!r}; {hint}"


def _listing(noun: str) -> str:
    commands = [f"`conductor-conformance list {_LISTS[word]}`" for word in noun.split(" or ")]
    return " and ".join(commands)
