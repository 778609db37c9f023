"""Short titles that distinguish the reports of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import PurePath

from conformance.report.compare.side import Side
from conformance.report.render.parts import cut

LONGEST = 60
"""Characters of one part of a title."""
PAIR = ("earlier", "later")
_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def titles(sides: Sequence[Side]) -> tuple[str, ...]:
    """Return a unique title for each report.

    A title consists of features that differ among the reports, and of no more than needed: the
    target, the version of the contract, the version of the tool, the profile, the time, the file
    and the seed, in this order. Reports that agree in all of these are numbered.
    """
    found = [""] * len(sides)
    for features in _features(sides):
        pairs = zip(found, features, strict=True)
        longer = [", ".join(filter(None, pair)) for pair in pairs]
        if len({*longer}) > len({*found}):
            found = longer
    return _numbered(found)


def names(sides: Sequence[Side]) -> tuple[str, ...]:
    """Return the names of the reports in sentences."""
    pair = len(sides) == len(PAIR)
    return tuple(f"the {mark} report" if pair else f"report {mark}" for mark in marks(sides))


def marks(sides: Sequence[Side]) -> tuple[str, ...]:
    """Return the shortest names of the reports, for tables."""
    return PAIR if len(sides) == len(PAIR) else tuple(map(str, range(1, len(sides) + 1)))


def _features(sides: Sequence[Side]) -> Iterator[list[str]]:
    features: Sequence[Callable[[Side], str]] = (
        lambda side: cut(side.target, LONGEST),
        lambda side: f"contract {cut(side.contract, LONGEST)}",
        lambda side: f"tool {cut(side.tool, LONGEST)}",
        lambda side: side.profile,
    )
    for feature in features:
        yield [feature(side) for side in sides]
    yield times(sides, _FORMATS)
    yield [cut(name, LONGEST) for name in file_names([side.file for side in sides])]
    yield [f"seed {cut(str(side.seed), LONGEST)}" for side in sides]


def times(sides: Sequence[Side], formats: Sequence[str] = _FORMATS[1:]) -> list[str]:
    """Return the start times in UTC, as precise as needed to distinguish the runs."""
    most = len({side.started for side in sides})
    for form in formats:
        found = [side.started.strftime(form) for side in sides]
        if len(set(found)) == most:
            break
    return found


def file_names(paths: Sequence[str]) -> list[str]:
    """Return the end of each path: its name, and as many folders as needed to distinguish it.

    If a file is given twice, both have the same name.
    """
    parts = [PurePath(path).parts[::-1] for path in paths]
    found = []
    for own, path in zip(parts, paths, strict=True):
        others = [other for other, text in zip(parts, paths, strict=True) if text != path]
        pairs = (zip(own, other, strict=False) for other in others)
        alike = [len(list(takewhile(lambda pair: pair[0] == pair[1], each))) for each in pairs]
        end = own[: max(alike, default=0) + 1][::-1]
        found.append(str(PurePath(*end)) if end else "")
    return found


def _numbered(found: Sequence[str]) -> tuple[str, ...]:
    many = Counter(found)
    met: Counter[str] = Counter()
    taken = {text for text in found if text and many[text] == 1}
    named = []
    for text in found:
        title = text
        # A report without any feature, for example from memory, has an empty title so far.
        while (many[text] > 1 or not text) and (title == text or title in taken):
            met[text] += 1
            title = f"{text} ({met[text]})" if text else f"report {met[text]}"
        taken.add(title)
        named.append(title)
    return tuple(named)
