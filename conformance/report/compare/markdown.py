"""Render a comparison of reports as Markdown, short enough for a pull request comment."""

from __future__ import annotations

from collections.abc import Sequence

from conformance._version import __version__
from conformance.core.text import counted
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.parts import (
    LABELS,
    ONE_BY_ONE,
    UPSHOTS,
    WAYS,
    LaterResult,
    alike,
    cut,
    differing,
    later_result,
    legend,
    lettered,
    level,
    standing,
    together,
    transition,
    words,
)
from conformance.report.render import templating
from conformance.report.render.parts import ranges

DETAILED = 3
"""Number of requirements of each kind of change shown with request and response."""
LISTED = 20
"""Rows of a table; of further requirements only the ids are shown."""
MOST_NOTES = 6
SIGNS = {
    Upshot.REGRESSION: "❌",
    Upshot.NO_REGRESSION: "✅",
    Upshot.UNTOLD: "⚠️",
    None: "⚖️",
}


def render(comparison: Comparison) -> str:
    """Return the comparison as GitHub-flavoured Markdown of bounded length.

    Everything that comes from a report stays text.
    """
    shown = legend(comparison)
    pair = comparison.is_pair
    text = (
        templating.markdown()
        .get_template("compare.md")
        .render(
            comparison=comparison,
            version=__version__,
            sign=SIGNS[comparison.upshot],
            headline=UPSHOTS[comparison.upshot].capitalize(),
            legend=shown,
            any_file=any(entry.file for entry in shown.entries),
            any_fact=any(entry.facts for entry in shown.entries),
            changes=list(differing(comparison)),
            matrix=[] if pair else [row for row in comparison.rows if row.differs],
            alike=alike(comparison),
            number_alike=sum(not row.differs for row in comparison.rows),
            labels=LABELS,
            one_by_one=ONE_BY_ONE,
            listed=LISTED,
            most_notes=MOST_NOTES,
            shown=_shown,
            together=together,
            transition=transition,
            level=level,
            standing=standing,
            words=words,
            lettered=lettered(comparison),
            ways=WAYS,
            ids=_ids,
            cut=cut,
            counted=counted,
        )
    )
    return text.rstrip("\n") + "\n"


def _shown(rows: Sequence[Row]) -> list[LaterResult]:
    """Return the requirements that are shown with request and response."""
    results = map(later_result, rows[:DETAILED])
    return [result for result in results if result.finding is not None]


def _ids(rows: Sequence[Row]) -> str:
    return cut(", ".join(ranges([row.id for row in rows])))
