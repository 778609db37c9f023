"""Render the result of a fleet as Markdown, for a chat, a ticket or the summary of a CI job."""

from __future__ import annotations

from conformance.checks.verdict import Outcome
from conformance.fleet import parts
from conformance.fleet.summary import Fleet
from conformance.report.render import templating
from conformance.report.render.html_parts import SIGNS

GROUPS = 20
"""Groups, and lines of changes, that are shown; code hosts cut long texts."""


def render(fleet: Fleet) -> str:
    """Return the result; everything that a target sent stays text."""
    groups = fleet.groups()
    return templating.document(
        "fleet.md",
        fleet=fleet,
        parts=parts,
        sign=SIGNS[parts.mark(fleet)],
        groups=groups[:GROUPS],
        more=len(groups) - GROUPS,
        undecided=parts.undecided(fleet.requirements(Outcome.INCONCLUSIVE), len(fleet.entries)),
        most=GROUPS,
    )
