"""Wording and structure that the renderers of a fleet share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.core.text import counted, listed
from conformance.fleet.summary import Difference, Fleet, Group, State
from conformance.report.render.parts import Mark, ranges

WORDS = {
    State.CONFORMANT: "conformant",
    State.UNDECIDED: "conformant as far as decided",
    State.KNOWN_FAILURES: "passing with known failures",
    State.NOTHING_JUDGED: "nothing judged",
    State.NON_CONFORMANT: "not conformant",
    State.ERROR: "not tested",
}
MARKS = {
    State.CONFORMANT: Mark.GOOD,
    State.UNDECIDED: Mark.WARN,
    State.KNOWN_FAILURES: Mark.WARN,
    State.NOTHING_JUDGED: Mark.WARN,
    State.NON_CONFORMANT: Mark.BAD,
    State.ERROR: Mark.TROUBLE,
}
NAMED = 5
"""Targets that a line names."""


def headline(fleet: Fleet) -> str:
    """Return the result of the fleet in a few words."""
    if fleet.interrupted:
        return "interrupted"
    good = sum(one.exit_code == 0 for one in fleet.entries)
    if good == len(fleet.entries):
        return f"all {counted(good, 'target')} conformant" if good != 1 else "1 target conformant"
    return f"{good:,} of {counted(len(fleet.entries), 'target')} conformant"


def mark(fleet: Fleet) -> Mark:
    """Return the colour of the result: that of the gravest outcome."""
    if fleet.interrupted:
        return Mark.TROUBLE
    states = list(fleet.counts())
    return MARKS[states[-1]] if states else Mark.OTHER


def counts(fleet: Fleet) -> str:
    """Return the number of targets with each outcome, in words."""
    found = [f"{number:,} {WORDS[state]}" for state, number in fleet.counts().items()]
    left = [f"{len(fleet.not_asked):,} not asked"] if fleet.not_asked else []
    return ", ".join([*found, *left]) or "no target"


def what(group: Group) -> str:
    """Return what the targets of a group have in common."""
    if not group.failures:
        return group.reason
    return ranges([one.requirement for one in group.failures])


def undecided(numbers: Mapping[str, int], total: int) -> list[tuple[str, str]]:
    """Return requirements with how many targets do not decide them, equal numbers in one line."""
    by_number: dict[int, list[str]] = {}
    for name, number in numbers.items():
        by_number.setdefault(number, []).append(name)
    return [
        ("all targets" if number == total else counted(number, "target"), ranges(sorted(ids)))
        for number, ids in by_number.items()
    ]


def changes(difference: Difference) -> list[tuple[str, int, list[str]]]:
    """Return what changed: a title, the number of targets, and lines of which.

    Targets with the same requirements share a line.
    """
    every = (
        ("newly failing", difference.newly_failing),
        ("newly not tested", dict.fromkeys(difference.newly_untested, ())),
        ("newly passing", difference.newly_passing),
        ("gone", dict.fromkeys(difference.gone, ())),
        ("new", dict.fromkeys(difference.new, ())),
    )
    return [(title, len(those), list(_alike(those))) for title, those in every if those]


def _alike(changed: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    names: dict[tuple[str, ...], list[str]] = {}
    for name, ids in changed.items():
        names.setdefault(ids, []).append(name)
    for ids, those in sorted(names.items(), key=lambda item: -len(item[1])):
        yield f"{ranges(ids)}: {some(tuple(those))}" if ids else some(tuple(those))


def some(names: tuple[str, ...]) -> str:
    """Return a few names, and how many more there are."""
    return listed(names, NAMED)
