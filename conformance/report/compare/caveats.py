"""Caveats: reasons why the compared reports are less comparable than they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conformance.core.text import MANY, clipped, counted, listed, visible
from conformance.report.compare.side import Side
from conformance.report.render.parts import cut
from conformance.report.report import Conclusion

LONGEST = 300
"""Characters of a text from a report."""
PAIR = 2
_UNLIKE: tuple[tuple[str, Callable[[Side], str], str], ...] = (
    (
        "versions of the contract",
        lambda side: side.contract,
        "a requirement that only one of them contains is not a regression",
    ),
    ("profiles", lambda side: side.profile, "a more thorough profile can find more"),
    (
        "versions of the tool",
        lambda side: side.tool,
        "findings and their wording can depend on the version",
    ),
)
"""What may differ among reports, and why that matters."""


def caveats(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    """Yield one sentence for each caveat; ``names`` are the names of the reports in it."""
    for side, name in zip(sides, names, strict=True):
        if side.interrupted:
            yield (
                f"{name.capitalize()}: the run was interrupted; what it did not judge is an error."
            )
        elif side.conclusion is Conclusion.ERROR:
            reason = cut(side.reason, LONGEST)
            yield f"{name.capitalize()}: the target could not be tested: {reason}"
    if len({side.contract for side in sides}) == 1 < len({side.sha256 for side in sides}):
        version = visible(clipped(sides[0].contract))
        yield f"All contracts have the version {version}, but the files differ."
    for what, value_of, why in _UNLIKE:
        found = _grouped(sides, names, value_of)
        if len(found) > 1:
            whose = "; ".join(f"{value} ({listed(those)})" for value, those in found.items())
            yield f"The {what} differ, and {why}: {whose}."
    yield from _selections(sides, names)
    for run, those in _grouped(sides, names, lambda side: side.run_id).items():
        if run and len(those) > 1:
            yield f"{_together(those).capitalize()} come from the same run, {run}."
    if len(sides) == PAIR:
        before, after = sides
        if before.target == after.target and before.started > after.started:
            yield (
                "The first report comes from a later run of the same target than the second; "
                "the earlier report should be given first."
            )


def _grouped(
    sides: Sequence[Side], names: Sequence[str], value_of: Callable[[Side], str]
) -> dict[str, list[str]]:
    """Return the names of the reports by a value, which is safe to print."""
    found: dict[str, list[str]] = {}
    for side, name in zip(sides, names, strict=True):
        found.setdefault(visible(clipped(value_of(side))), []).append(name)
    return found


def _selections(sides: Sequence[Side], names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each report that omits requirements of its contract."""
    for side, name in zip(sides, names, strict=True):
        others = {name for other in sides if other.sha256 == side.sha256 for name in other.cells}
        missing = len(others - side.cells.keys())
        if missing:
            yield (
                f"{name.capitalize()}: {counted(missing, 'requirement')} of the same contract "
                f"{'was' if missing == 1 else 'were'} not judged, as with --only or --skip; "
                "a requirement that is not judged is not a regression."
            )


def _together(names: Sequence[str]) -> str:
    *others, last = names
    return listed(names) if len(names) > MANY else f"{', '.join(others)} and {last}"
