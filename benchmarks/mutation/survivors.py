"""The results in words: how many mutants were killed by what, and why the others are equivalent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from mutation.mutants import Change, Mutant
    from mutation.session import Trial

LEAST = 0.97
"""The part of the mutants that has to be killed or equivalent.

Of 150 mutants at most 4 may survive without a reason: each of them is a test to be written, and
there may be few enough of them to do that one after the other.
"""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that no test can kill, and the reason; the fields are those of it and its change."""

    module: str
    function: str
    was: str
    now: str
    why: str

    def is_about(self, mutant: Mutant, change: Change) -> bool:
        """Whether this is the reason of a mutant."""
        here = mutant.module, mutant.function, change.was, change.now
        return (self.module, self.function, self.was, self.now) == here


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant with its last trial and, if it is known as equivalent, the reason."""

    mutant: Mutant
    change: Change
    trial: Trial | None
    why: str

    @property
    def killed(self) -> bool:
        """Whether something noticed it."""
        return self.trial is not None and self.trial.killer is not None


def equivalents(path: Path) -> list[Equivalent]:
    """Read the known equivalent mutants: a list of maps of the fields of ``Equivalent``."""
    return [Equivalent(**entry) for entry in yaml.safe_load(path.read_text("utf-8")) or ()]


def passed(tried: Sequence[Tried]) -> bool:
    """Whether enough mutants are killed or equivalent."""
    return sum(one.killed or bool(one.why) for one in tried) >= LEAST * len(tried)


def block(tried: Sequence[Tried], places: int, stages: Sequence[str]) -> str:
    """Return the results as Markdown."""
    killed = [one for one in tried if one.killed]
    equivalent = [one for one in tried if one.why and not one.killed]
    open_ = [one for one in tried if not one.why and not one.killed]
    by = Counter(one.trial.stage for one in killed if one.trial)
    summary = (
        f"Of {places:,} places, {len(tried)} were changed: {len(killed)} mutants were killed, "
        f"{len(equivalent)} are equivalent and {len(open_)} survived."
    )
    lines = [
        summary,
        "",
        "| killed by | mutants |",
        "| --- | ---: |",
        *(f"| {name} | {by[stage]} |" for stage, name in enumerate(stages)),
    ]
    for title, found in (("Equivalent", equivalent), ("Not killed", open_)):
        if found:
            lines += ["", f"{title}:", "", *map(_line, sorted(found, key=_order))]
    wrong = [one for one in tried if one.why and one.killed]
    lines += [f"- Not equivalent, it was killed: {_line(one)[2:]}" for one in wrong]
    return "\n".join(lines)


def _order(one: Tried) -> tuple[str, tuple[int, int]]:
    return one.mutant.module, one.mutant.place


def _line(one: Tried) -> str:
    place = one.mutant.module.removeprefix("conformance/")
    words = f"- `{place}`, `{one.mutant.function}`: `` {one.change.was} `` → `` {one.change.now} ``"
    return f"{words}. {one.why}" if one.why else words
