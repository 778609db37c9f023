"""Text in lines that fit where it is shown."""

from __future__ import annotations

import shutil
import textwrap
from typing import TextIO

WIDTH = 100
"""Characters of a line, at the most, and wherever nothing is known of who reads it."""
NARROWEST = 20
LEAST_BESIDE = 30
"""Characters that are left beside a head; where fewer are, the text begins under it."""
UNDER = " " * 4


def width_of(stream: TextIO) -> int:
    """Return how many characters a line of a stream may have: what its terminal has room for."""
    if not stream.isatty():
        return WIDTH
    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def hanging(head: str, text: str, width: int) -> str:
    """Return a text beside its head, or under it where there is little room; the head stays whole.

    Args:
        head: with the blanks that part it from the text.
        text: of any length.
        width: of a line.
    """
    indent, lines = " " * len(head), []
    if width - len(head) < LEAST_BESIDE:
        lines = [head.rstrip()] if head.strip() else []
        head = indent = UNDER
    lines += textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines)
