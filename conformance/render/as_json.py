"""The JSON report, as ``spec/report.schema.json`` describes it."""

from __future__ import annotations

import json

from conformance.report import Report


def render(report: Report) -> str:
    """Return the report as indented JSON text in ASCII, so that no encoding can spoil it."""
    return json.dumps(report.as_dict(), indent=2) + "\n"
