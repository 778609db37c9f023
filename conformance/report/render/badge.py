"""Render the verdict as a badge, in the format of shields.io's endpoint badges."""

from __future__ import annotations

import json

from conformance.checks.verdict import Outcome
from conformance.report.render.parts import Mark, headline, mark
from conformance.report.report import Report

COLOURS = {
    Mark.GOOD: "brightgreen",
    Mark.WARN: "yellow",
    Mark.BAD: "red",
    Mark.TROUBLE: "lightgrey",
}


def render(report: Report) -> str:
    """Return the badge as JSON of shields.io's endpoint schema, version 1."""
    message, tone = headline(report), mark(report)
    broken = sum(
        verdict.outcome is Outcome.FAILED and report.counts_against(verdict)
        for verdict in report.verdicts
    )
    if broken and tone is Mark.BAD:
        message += f" ({broken} broken)"
    label = "Conductor contract" if report.client is None else "Conductor client"
    badge = {"label": label, "message": message, "color": COLOURS[tone]}
    return json.dumps({"schemaVersion": 1, **badge}) + "\n"
