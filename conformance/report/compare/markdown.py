"""Render a comparison of reports as Markdown, short enough for a pull request comment."""

from __future__ import annotations

from conformance.report.compare import parts
from conformance.report.compare.comparison import Comparison, Upshot
from conformance.report.render import templating
from conformance.report.render.parts import cut, ranges, subject

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
    legend = parts.legend(comparison)
    differing = [row for row in comparison.rows if row.differs]
    return templating.document(
        "compare.md",
        comparison=comparison,
        parts=parts,
        subject=subject(of_client=parts.of_clients(comparison)),
        sign=SIGNS[comparison.upshot],
        legend=legend,
        any_file=any(entry.file for entry in legend.entries),
        any_fact=any(entry.facts for entry in legend.entries),
        matrix=[] if comparison.is_pair else differing,
        number_alike=len(comparison.rows) - len(differing),
        detailed=DETAILED,
        listed=LISTED,
        most_notes=MOST_NOTES,
        cut=cut,
        ranges=ranges,
    )
