"""Read JSON reports, which may have come from anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.core.own_json import FileKind, the_file
from conformance.core.text import clipped
from conformance.errors import UsageError
from conformance.report.compare.side import Side, side

REPORT = FileKind("report", "report.schema.json", "`run --json FILE` writes reports")
"""A report in which every requirement fails with the longest queries has a tenth of the limit."""
MOST_REQUIREMENTS = 1000
LONGEST_ID = 40
"""Characters of an id, which is never cut where it is shown."""
_RECORDING = re.compile(rb'\s*\{\s*"log"\s*:')


def read(path: Path) -> Side:
    """Read from a JSON report what a comparison needs.

    Raises:
        UsageError: the file does not exist, or is not a report that this version can read.
    """
    return parse(REPORT.load(path), str(path))


def parse(raw: bytes, file: str) -> Side:
    """Return what a comparison needs from the bytes of a report; ``file`` names them in errors.

    Raises:
        UsageError: they are not a report that this version can read.
    """
    if _RECORDING.match(raw):
        raise UsageError(
            f"{the_file(file)} is a recording (HAR), not a report; "
            "`judge FILE --json REPORT` makes a report of a recording"
        )
    report = REPORT.decode(raw, file)
    REPORT.check(report, file)
    problem = _unlikely(report["requirements"])
    if problem is not None:
        raise REPORT.wrong(file, problem)
    try:
        return side(report, file)
    except (OverflowError, ValueError) as error:
        raise REPORT.wrong(file, "a time or number in it is too large") from error


def _unlikely(requirements: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what no run writes, although the schema permits it, as a clause."""
    if len(requirements) > MOST_REQUIREMENTS:
        return f"it has more than {MOST_REQUIREMENTS:,} requirements"
    ids: set[str] = set()
    for requirement in requirements:
        name = requirement["id"]
        if len(name) > LONGEST_ID:
            return f"the id {clipped(name, LONGEST_ID)} is too long"
        if name in ids:
            return f"it has {name} twice"
        ids.add(name)
    return None
