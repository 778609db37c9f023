"""The servers to judge: the reference server and the servers of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance.contract import loader as contracts
from conformance.reference import ReferenceServer
from conformance.reference.faults import Fault
from conformance.reference.variations import Variation
from conformance.reference.variations.entries import Key

RIGHT = "right"
FAULT = "fault"
VARIATION = "variation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server to judge; ``kind`` is fault, variation or right, ``group`` its row in the table."""

    name: str
    kind: str
    group: str
    make: Callable[[], ReferenceServer]
    published: Callable[[str], AbstractContextManager[str]] = nullcontext
    key: Key = Key.TOKEN


def right(turn: int) -> Subject:
    """Return the unmodified reference server for the ``turn``-th turn."""
    return Subject(name=f"{RIGHT}-{turn}", kind=RIGHT, group=RIGHT, make=ReferenceServer)


def subjects(faults: Iterable[Fault], variations: Iterable[Variation]) -> Iterator[Subject]:
    """Yield the servers of the catalogue; a fault's group is the first family it breaks.

    Those that only a run with fixtures shows are left out, since none of the tools creates any.
    """
    families = list(contracts.load().families)
    for fault in faults:
        if fault.with_fixtures:
            continue
        first = min(fault.families, key=families.index)
        yield Subject(name=fault.name, kind=FAULT, group=first, make=fault.make)
    for variation in variations:
        if variation.with_fixtures:
            continue
        yield Subject(
            name=variation.name,
            kind=VARIATION,
            group=variation.name.partition("-")[0],
            make=variation.make,
            published=variation.published,
            key=variation.key,
        )


def sampled(everything: Sequence[Subject], only: str | None, step: int) -> list[Subject]:
    """Return every ``step``-th server whose name matches the pattern ``only``."""
    return [one for one in everything if only is None or fnmatchcase(one.name, only)][::step]
