"""Caveats: reasons why the compared reports are less comparable than they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conformance.core.text import MANY, clipped, counted, listed, visible
from conformance.report.compare.side import Side
from conformance.report.report import Conclusion

LONGEST = 300
"""Characters of a text from a report."""
PAIR = 2


def caveats(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    """Yield one sentence for each caveat; ``names`` are the names of the reports in it."""
    yield from _unfinished(sides, names)
    yield from _contracts(sides, names)
    yield from _unlike(
        sides,
        names,
        "profiles",
        lambda side: side.profile,
        "a more thorough profile can find more",
    )
    yield from _unlike(
        sides,
        names,
        "versions of the tool",
        lambda side: side.tool,
        "findings and their wording can depend on the version",
    )
    yield from _selections(sides, names)
    yield from _same_run(sides, names)
    yield from _order(sides)


def _unfinished(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    for side, name in zip(sides, names, strict=True):
        if side.interrupted:
            yield f"{_begun(name)}: the run was interrupted; what it did not judge is an error."
        elif side.conclusion is Conclusion.ERROR:
            reason = clipped(visible(side.reason[: LONGEST + 1]), LONGEST)
            yield f"{_begun(name)}: the target could not be tested: {reason}"


def _contracts(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    if len({side.contract for side in sides}) > 1:
        yield from _unlike(
            sides,
            names,
            "versions of the contract",
            lambda side: side.contract,
            "a requirement that only one of them contains is not a regression",
        )
    elif len({side.sha256 for side in sides}) > 1:
        yield (
            f"All contracts have the version {visible(clipped(sides[0].contract))}, but the files "
            "differ."
        )


def _unlike(
    sides: Sequence[Side],
    names: Sequence[str],
    what: str,
    value_of: Callable[[Side], str],
    why: str,
) -> Iterator[str]:
    """Yield a sentence that lists which reports have which value, if the values differ."""
    found: dict[str, list[str]] = {}
    for side, name in zip(sides, names, strict=True):
        found.setdefault(visible(clipped(value_of(side))), []).append(name)
    if len(found) > 1:
        whose = "; ".join(f"{value} ({listed(those)})" for value, those in found.items())
        yield f"The {what} differ, and {why}: {whose}."


def _selections(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each report that omits requirements of its contract."""
    for side, name in zip(sides, names, strict=True):
        others = {name for other in sides if other.sha256 == side.sha256 for name in other.cells}
        missing = len(others - side.cells.keys())
        if missing:
            yield (
                f"{_begun(name)}: {counted(missing, 'requirement')} of the same contract "
                f"{'was' if missing == 1 else 'were'} not judged, as with --only or --skip; "
                "a requirement that is not judged is not a regression."
            )


def _same_run(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    runs: dict[str, list[str]] = {}
    for side, name in zip(sides, names, strict=True):
        if side.run_id:
            runs.setdefault(side.run_id, []).append(name)
    for run, those in runs.items():
        if len(those) > 1:
            yield f"{_begun(_together(those))} come from the same run, {run}."


def _order(sides: Sequence[Side]) -> Iterator[str]:
    if len(sides) != PAIR:
        return
    before, after = sides
    if before.target == after.target and before.started > after.started:
        yield (
            "The first report comes from a later run of the same target than the second; "
            "the earlier report should be given first."
        )


def _together(names: Sequence[str]) -> str:
    *others, last = names
    return listed(names) if len(names) > MANY else f"{', '.join(others)} and {last}"


def _begun(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
