"""The compared tools, ours first."""

from __future__ import annotations

from comparison.tool import Tool
from comparison.tools import dredd, ours, portman, schemathesis, specmatic

TOOLS: tuple[Tool, ...] = (
    *ours.TOOLS,
    *schemathesis.TOOLS,
    *dredd.TOOLS,
    *portman.TOOLS,
    *specmatic.TOOLS,
)
BASE = ours.STANDARD.name
"""The tool with which the times of the others are compared."""
