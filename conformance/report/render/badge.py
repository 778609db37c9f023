"""Render the verdict as a badge, in the format of shields.io's endpoint badges."""

from __future__ import annotations

import json

from conformance.checks.verdict import Outcome
from conformance.report.render.parts import headline
from conformance.report.report import Conclusion, Report

LABEL = "Conductor contract"
GREEN, RED, GREY = "brightgreen", "red", "lightgrey"


def render(report: Report) -> str:
    """Return the badge as JSON of shields.io's endpoint schema, version 1."""
    message, colour = _message_and_colour(report)
    badge = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    return json.dumps(badge) + "\n"


def _message_and_colour(report: Report) -> tuple[str, str]:
    message = headline(report)
    if report.interrupted or report.conclusion is Conclusion.ERROR:
        return message, GREY
    if report.conclusion is Conclusion.CONFORMANT:
        return message, GREEN
    broken = sum(
        verdict.outcome is Outcome.FAILED and report.counts_against(verdict)
        for verdict in report.verdicts
    )
    return (f"{message} ({broken} broken)" if broken else message), RED
