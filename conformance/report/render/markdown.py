"""Render a report as Markdown, short enough for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.core.text import visible
from conformance.report.render import parts, templating
from conformance.report.render.parts import Mark
from conformance.report.report import Report

DETAILED = 5
"""Number of failed requirements shown with request and response."""
LISTED = 10
"""Number of further ones shown in one line each; of the rest only the ids are shown."""
MOST_GROUPS = 8
MOST_NOTES = 5
LONGEST_COMMAND = 1_500
"""Characters of a command; a longer one is left out, because half a command is useless."""
SIGNS = {Mark.GOOD: "✅", Mark.WARN: "🟡", Mark.BAD: "❌", Mark.TROUBLE: "⚠️"}


def render(report: Report, titles: Mapping[str, str]) -> str:
    """Return the report as GitHub-flavoured Markdown of bounded length.

    Everything that a target sent stays text. ``titles`` maps the names of families to their titles.
    """
    broken = parts.failed(report)
    families = parts.families(report)
    groups = parts.unexplained(report)
    known = parts.known_failures(report)
    return templating.document(
        "report.md",
        report=report,
        parts=parts,
        sign=SIGNS[parts.mark(report)],
        columns=[
            name for name in parts.RESULTS if any(name in counts for counts in families.values())
        ],
        families=families,
        titles=titles,
        known=known[:LISTED],
        more_known=len(known) - LISTED,
        detailed=broken[:DETAILED],
        listed=broken[DETAILED:][:LISTED],
        others=[verdict.requirement.id for verdict in broken[DETAILED:][LISTED:]],
        groups=groups[:MOST_GROUPS],
        more_groups=len(groups) - MOST_GROUPS,
        open=sum(len(group.ids) for group in groups),
        notes=report.notes[:MOST_NOTES],
        longest_command=LONGEST_COMMAND,
        visible=visible,
        cut=parts.cut,
    )
