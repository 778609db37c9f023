"""Render a report in a format by its name, which is that of a module of this room."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from conformance.report.report import Report

_WITH_TITLES = frozenset({"html", "markdown"})
"""Formats that show the titles of families."""


def rendered(name: str, report: Report, titles: Mapping[str, str]) -> str:
    """Return a report in a format; ``titles`` maps the names of families to their titles."""
    # Imported here: completion and --help must stay fast.
    renderer = import_module(f"conformance.report.render.{name}")
    text: str = renderer.render(report, *((titles,) if name in _WITH_TITLES else ()))
    return text
