"""The JSON report, as ``spec/report.schema.json`` describes it."""

from __future__ import annotations

import json

from conformance.report.report import Report


def render(report: Report) -> str:
    """Return the report as indented JSON text in ASCII, so that no encoding can spoil it.

    In places as the server calls them may stand what CI servers take for a command (``##vso[…]``),
    and reports are shown in their logs; in JSON it can be spelled otherwise.
    """
    return json.dumps(report.as_dict(), indent=2).replace("##", "#\\u0023") + "\n"
