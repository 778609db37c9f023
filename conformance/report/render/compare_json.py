"""A comparison of reports as JSON, as ``spec/compare.schema.json`` describes it."""

from __future__ import annotations

import json

from conformance.report.compare.comparison import Comparison


def render(comparison: Comparison) -> str:
    """Return the comparison as indented JSON text in ASCII, so that no encoding can spoil it.

    What CI servers take for a command (``##vso[…]``) is spelled so that they do not.
    """
    return json.dumps(comparison.as_dict(), indent=2).replace("##", "#\\u0023") + "\n"
