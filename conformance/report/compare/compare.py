"""The comparison as Python calls it: reports as they are, or by the names of their files."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from conformance.errors import UsageError
from conformance.report.compare.comparison import PAIR, Comparison, compare_sides
from conformance.report.compare.reading import read
from conformance.report.compare.side import Side, side
from conformance.report.report import FailOn, Report

MOST = 50
"""Reports; more are not looked at side by side."""


def compare(
    *reports: Report | str | PathLike[str],
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool = False,
) -> Comparison:
    """Hold reports side by side; of two, the second is held against the first.

    Args:
        reports: two reports or more, each as a ``Report`` or as the name of a JSON report's file.
        fail_on: the least binding level of which a failure is a regression.
        require_evidence: whether a requirement that was passed and is not decided any more is a
            regression, too.

    Raises:
        UsageError: there are fewer than two reports or more than 50, or one cannot be read.
    """
    if len(reports) < PAIR:
        raise UsageError(
            "compare needs at least two reports: the earlier one, and the one that is held "
            "against it; `run --json FILE` writes them"
        )
    if len(reports) > MOST:
        raise UsageError(f"no more than {MOST} reports can be shown side by side; give fewer")
    try:
        level = FailOn(fail_on)
    except ValueError:
        raise UsageError(f"fail_on is one of {', '.join(FailOn)}, not {fail_on!r}") from None
    sides = [_side(report) for report in reports]
    return compare_sides(sides, fail_on=level, require_evidence=require_evidence)


def _side(report: Report | str | PathLike[str]) -> Side:
    return side(report.as_dict()) if isinstance(report, Report) else read(Path(report))
