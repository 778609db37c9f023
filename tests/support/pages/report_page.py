"""A report as a file that a browser can open."""

from __future__ import annotations

from pathlib import Path

from conformance.report.render import html
from conformance.report.report import Report
from support.canned.reports import LAW


def saved(report: Report, folder: Path) -> Path:
    """Write the page of a report into a folder."""
    file = folder / "report.html"
    file.write_text(html.render(report, LAW.families), "utf-8")
    return file
