"""The distribution of response times as a bar chart with a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.core.text import counted
from conformance.evidence.statistics import Times

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 34, 22, 28, 26
GAP = 1.5
"""Space between two bars, in the units of the drawing, like all lengths here."""
MOST_TICKS = 7
APART = 44
"""Least distance of two ticks, so that their labels do not overlap."""
_ENDS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8)
_STEPS = ((1, 2, 5), (1, 3), (1,))


@dataclass(frozen=True, slots=True)
class Bar:
    """The rectangle of a bin, and its tooltip."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A position on a scale, with its label."""

    place: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``WIDTH`` by ``HEIGHT``; ``words`` is its text alternative."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    levels: tuple[Tick, ...]
    lines: tuple[Tick, ...]
    numbers: tuple[tuple[str, str], ...]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM


def chart(times: Times) -> Chart:
    """Return the chart of a distribution."""
    scale = _Scale(times.bins[0].start, times.bins[-1].end)
    most = max(one.count for one in times.bins)
    top = _round_up(most)
    room = HEIGHT - BOTTOM - TOP
    bars = []
    for one in times.bins:
        start, end = scale.place(one.start), scale.place(one.end)
        height = room * one.count / top
        words = f"{duration(one.start)} to {duration(one.end)}: {counted(one.count, 'response')}"
        width = max(end - start - GAP, GAP)
        x, y = _short(start), _short(HEIGHT - BOTTOM - height)
        bars.append(Bar(x, y, _short(width), _short(height), words))
    levels = tuple(
        Tick(_short(HEIGHT - BOTTOM - room * level / top), f"{level:,}")
        for level in dict.fromkeys((top // 2, top))
        if level
    )
    lines = (
        Tick(scale.place(times.median), f"median {duration(times.median)}"),
        Tick(scale.place(times.ninety_ninth), f"99 % {duration(times.ninety_ninth)}"),
    )
    numbers = (
        ("fastest", duration(times.shortest)),
        ("median", duration(times.median)),
        ("90 % within", duration(times.ninetieth)),
        ("99 % within", duration(times.ninety_ninth)),
        ("slowest", duration(times.longest)),
    )
    words = f"{counted(times.count, 'response')}: " + ", ".join(
        f"{name} {value}" for name, value in numbers
    )
    return Chart(tuple(bars), tuple(scale.ticks()), levels, lines, numbers, words)


class _Scale:
    """A logarithmic scale from seconds to horizontal positions in the drawing."""

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = least, most

    def place(self, seconds: float) -> float:
        share = math.log(seconds / self._least) / math.log(self._most / self._least)
        return _short(LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0), 1))

    def ticks(self) -> Iterator[Tick]:
        found: list[float] = []
        for steps in _STEPS:
            found = [
                factor * 10.0**power
                for power in range(-4, 6)
                for factor in steps
                if self._least * 0.999 <= factor * 10.0**power <= self._most * 1.001
            ]
            if len(found) <= MOST_TICKS:
                break
        # The range may contain no round number.
        last = -math.inf
        for seconds in found or [self._least]:
            place = self.place(seconds)
            if place - last >= APART:
                yield Tick(place, duration(seconds))
                last = place


def _round_up(number: int) -> int:
    """Return the next number that suits as the end of a scale and whose half is whole."""
    for power in range(len(str(number)) + 1):
        for step in _ENDS if power else (1, 2, 4, 6, 8):
            end: int = round(step * 10**power)
            if end >= number:
                return end
    raise AssertionError("powers grow beyond any number")


def duration(seconds: float) -> str:
    """Format a duration with three significant digits, in milliseconds or seconds."""
    short = float(f"{seconds:.3g}")
    if short < 1:
        return f"{float(f'{short * 1000:.3g}'):g} ms"
    return f"{short:g} s" if short < 1000 else f"{seconds:,.0f} s"


def _short(number: float) -> float:
    return round(number, 1)
