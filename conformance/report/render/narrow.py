"""What is left out of a table where it does not fit, so that no name in it has to be cut."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 3
"""Blanks between two columns."""


def kept(widths: Sequence[int], importance: Sequence[int], room: int) -> list[int]:
    """Return the numbers of the columns to show, from left to right.

    Args:
        widths: of the columns, from left to right.
        importance: the numbers of the columns, the most important one first; that is always shown.
        room: characters of a line.
    """
    chosen: list[int] = []
    taken = -GAP
    for number in importance:
        taken += GAP + widths[number]
        if chosen and taken > room:
            break
        chosen.append(number)
    return sorted(chosen)
