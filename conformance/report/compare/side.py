"""One report of a comparison, read from JSON that may have come from anywhere.

Texts are cut to the lengths that runs write.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.checks.verdict import Finding, Outcome
from conformance.contract.model import Level
from conformance.core.own_json import FileKind, the_file
from conformance.core.text import clipped, visible
from conformance.errors import UsageError
from conformance.report.report import Conclusion

REPORT = FileKind("report", "report.schema.json", "`run --json FILE` writes reports")
"""A report in which every requirement fails with the longest queries has a tenth of the limit."""
MOST_REQUIREMENTS = 1000
LONGEST_ID = 40
"""Characters of an id, which is never cut where it is shown."""
LONGEST = 2_000
"""Characters of a text."""
LONGEST_COMMAND = 10_000
"""Characters of a command; a longer one is dropped, because half a command is useless."""
LONGEST_QUERY = 200
"""Characters of a documented query."""
_RECORDING = re.compile(rb'\s*\{\s*"log"\s*:')


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of one requirement in one report.

    ``known`` is the reason from a baseline why the failure does not count. ``fingerprints``
    identify the kinds of failure; they are empty if the report does not list them. ``finding`` is
    the first finding. ``queries`` are the documented queries whose responses violate the
    requirement, out of those that were ``asked``.
    """

    level: Level
    statement: str
    outcome: Outcome
    reason: str
    known: str | None = None
    fingerprints: tuple[str, ...] = ()
    finding: Finding | None = None
    queries: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()

    @property
    def failed(self) -> bool:
        """Whether the requirement failed, as a known failure or not."""
        return self.outcome is Outcome.FAILED

    @property
    def open(self) -> bool:
        """Whether the requirement was not decided."""
        return self.outcome not in (Outcome.PASSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared reports; ``file`` is empty for a report that was not read from a file."""

    file: str
    target: str
    started: datetime
    duration: float
    seed: int
    profile: str
    tool: str
    contract: str
    sha256: str
    conclusion: Conclusion
    reason: str
    interrupted: bool
    requests: int
    run_id: str
    cells: Mapping[str, Cell]
    of_client: bool = False
    """Whether a client was judged, and not a server."""
    misfit: bool = False
    """Whether the baseline does not fit, although all requirements that apply are met or known."""

    @property
    def known(self) -> int:
        """The number of failures that a baseline lists."""
        return sum(cell.failed and cell.known is not None for cell in self.cells.values())

    @property
    def families(self) -> tuple[str, ...]:
        """The families that the report contains, in its order."""
        return tuple(dict.fromkeys(name.rpartition("-")[0] for name in self.cells))

    def counts(self) -> Counter[Outcome]:
        """Return the number of requirements with each outcome; known failures count as failures."""
        return Counter(cell.outcome for cell in self.cells.values())


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


def side(report: Mapping[str, Any], file: str = "") -> Side:
    """Return a report for a comparison from JSON that fits ``spec/report.schema.json``."""
    asked: list[str] = []
    broken: dict[str, list[str]] = {}
    for view in report.get("documentedQueries", ()):
        if view["asked"]:
            asked.append(clipped(visible(view["query"]), LONGEST_QUERY))
            for name in view["broken"]:
                broken.setdefault(name, []).append(asked[-1])
    every = frozenset(asked)
    cells = {
        judged["id"]: replace(
            _cell(judged), queries=tuple(broken.get(judged["id"], ())), asked=every
        )
        for judged in report["requirements"]
    }
    return Side(
        file=file,
        target=clipped(report["target"]["url"], LONGEST),
        started=datetime.fromisoformat(report["started"]),
        duration=float(report["durationSeconds"]),
        seed=int(report["seed"]),
        profile=report["profile"],
        tool=clipped(report["tool"]["version"], LONGEST),
        contract=clipped(report["contract"]["version"], LONGEST),
        sha256=report["contract"]["sha256"],
        conclusion=Conclusion(report["verdict"]),
        reason=clipped(report["reason"], LONGEST),
        interrupted=report["interrupted"],
        requests=int(report["requests"]),
        run_id=report.get("runId", ""),
        cells=cells,
        of_client="client" in report,
        misfit=bool(report.get("baseline", {}).get("problems")) and all(map(_fits, cells.values())),
    )


def _fits(cell: Cell) -> bool:
    """Whether a requirement is met, does not apply or is known to fail."""
    met = cell.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return met or (cell.failed and cell.known is not None)


def _cell(judged: Mapping[str, Any]) -> Cell:
    first = next(iter(judged["findings"]), None)
    known = judged.get("known")
    return Cell(
        level=Level(judged["level"]),
        statement=clipped(judged["statement"], LONGEST),
        outcome=Outcome(judged["outcome"]),
        reason=clipped(judged["reason"], LONGEST),
        known=None if known is None else clipped(known["reason"], LONGEST),
        fingerprints=tuple(judged.get("fingerprints", ())),
        finding=None if first is None else _finding(first),
    )


def _finding(found: Mapping[str, str]) -> Finding:
    names = ("message", "query", "pointer", "observed", "expected")
    message, query, pointer, observed, expected = (clipped(found[name], LONGEST) for name in names)
    command = found["curl"] if len(found["curl"]) <= LONGEST_COMMAND else ""
    return Finding(message, query, command, pointer, observed, expected)


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
