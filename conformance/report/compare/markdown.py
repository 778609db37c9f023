"""A comparison of reports as Markdown: short enough for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from conformance._version import __version__
from conformance.core.text import counted
from conformance.report.compare.changes import Change
from conformance.report.compare.comparison import Comparison, Row, Upshot
from conformance.report.compare.parts import (
    LABELS,
    ONE_BY_ONE,
    UPSHOTS,
    WAYS,
    alike,
    cut,
    differing,
    kinds,
    legend,
    level,
    standing,
    together,
    transition,
    word,
    words,
)
from conformance.report.render import templating
from conformance.report.render.parts import asked, ranges

DETAILED = 3
"""Requirements of a kind of change shown with what was asked and answered."""
LISTED = 20
"""Rows of a table; of further ones only the ids."""
MOST_NOTES = 6
SIGNS = {
    Upshot.REGRESSION: "❌",
    Upshot.NO_REGRESSION: "✅",
    Upshot.UNTOLD: "⚠️",
    None: "⚖️",
}
_EXPLAINED = frozenset({Change.NEWLY_FAILING, Change.OTHER_FAILURE})


def render(comparison: Comparison) -> str:
    """Return the comparison as GitHub-flavoured Markdown, in which whatever a report says is text.

    Its length is bounded, whatever the reports say.
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
            kinds=kinds,
            words=words,
            lettered=_lettered(comparison),
            ways=WAYS,
            asked=asked,
            ids=_ids,
            cut=cut,
            counted=counted,
        )
    )
    return text.rstrip("\n") + "\n"


def _shown(kind: Change, rows: Sequence[Row]) -> list[Row]:
    """Return the requirements of which it is told what was asked and answered."""
    if kind not in _EXPLAINED:
        return []
    return [row for row in rows[:DETAILED] if row.latest.finding is not None]


def _lettered(comparison: Comparison) -> bool:
    return any(words(row) != tuple(map(word, row.cells)) for row in comparison.rows)


def _ids(rows: Sequence[Row]) -> str:
    return cut(", ".join(ranges([row.id for row in rows])))
