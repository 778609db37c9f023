"""Known failures: reading the file that lists them, and holding a run against it.

The file is TOML, one table per requirement::

    [[known]]
    id = "MODEL-01"
    reason = "Embeds models until release 4.2, see PLAT-123."
    expires = 2026-12-31
    fingerprints = ["8d3f2a90c417"]

``expires`` is the last day on which the failure is accepted. Where ``fingerprints`` are listed,
only these kinds of failure are known; otherwise every failure of the requirement is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from conformance.checks.verdict import Kind, Known, Outcome, Verdict
from conformance.contract.model import Contract, Level
from conformance.core import input_files
from conformance.core.names import suggestion
from conformance.core.text import clipped, counted, listed, visible
from conformance.errors import UsageError
from conformance.report.report import Problem, ProblemKind

TABLE = "known"
KEYS = ("id", "reason", "expires", "fingerprints")
LARGEST = 1 << 20
"""Bytes; a longer file is no baseline."""
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement that is known to fail."""

    id: str
    reason: str
    expires: date | None = None
    fingerprints: tuple[str, ...] = ()

    def past(self, today: date) -> bool:
        """Whether the last day on which the failure is accepted is over."""
        return self.expires is not None and today > self.expires

    def new(self, verdict: Verdict) -> tuple[Kind, ...]:
        """Return the kinds of failure of a verdict that the entry does not list."""
        if not self.fingerprints:
            return ()
        return tuple(kind for kind in verdict.kinds if kind.fingerprint not in self.fingerprints)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known failures of ``file``, by requirement; ``text`` is what stands there, as it does."""

    file: str
    entries: tuple[Entry, ...] = ()
    text: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class BaselineMatch:
    """Verdicts held against a baseline: which failures are known, and what does not fit."""

    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def read(path: Path, *, missing_is_empty: bool = False) -> Baseline:
    """Read a baseline.

    Raises:
        UsageError: the file cannot be read or says something that a baseline cannot say.
    """
    try:
        text = input_files.read_exactly(path, LARGEST)
    except FileNotFoundError as error:
        if missing_is_empty:
            return Baseline(str(path))
        raise UsageError(
            f"there is no baseline {path}; --update-baseline writes one from what fails now"
        ) from error
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the baseline {path}: {input_files.reason(error)}; "
            "give a TOML file that you may read"
        ) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> Baseline:
    """Return the baseline that a text describes; ``file`` names it in errors.

    Raises:
        UsageError: it says something that a baseline cannot say.
    """
    try:
        document = tomllib.loads(input_files.plain(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"the baseline {file} is not TOML: {visible(str(error))}") from error
    for key in document:
        if key != TABLE:
            raise UsageError(
                f"the baseline {file} has the unknown key {_shown(key)}; "
                f"its entries are tables [[{TABLE}]]"
            )
    tables = document.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(
            f"the baseline {file} has something else than tables under {TABLE}; "
            f"each entry begins with a line [[{TABLE}]]"
        )
    entries: dict[str, Entry] = {}
    for number, table in enumerate(tables, 1):
        entry = _Table(file, number, table).entry()
        if entry.id in entries:
            raise UsageError(
                f"the baseline {file} has two entries for {entry.id}; make one of them"
            )
        entries[entry.id] = entry
    return Baseline(file, tuple(entries.values()), text)


class _Table:
    """One table of the file, on its way to an entry."""

    def __init__(self, file: str, number: int, table: Mapping[str, Any]) -> None:
        self._table = table
        name = table.get("id")
        what = _shown(name) if isinstance(name, str) else f"number {number}"
        self._where = f"the baseline {file}, entry {what}"

    def entry(self) -> Entry:
        for key in self._table:
            if key not in KEYS:
                hint = suggestion(key, KEYS, otherwise=f"known keys are {', '.join(KEYS)}")
                raise UsageError(f"{self._where}: unknown key {_shown(key)}; {hint}")
        return Entry(
            id=self._text("id").upper(),
            reason=self._text("reason"),
            expires=self._date(),
            fingerprints=self._fingerprints(),
        )

    def _text(self, key: str) -> str:
        value = self._table.get(key)
        if value is None:
            what = {"id": "the id of a requirement", "reason": "a reason"}[key]
            raise UsageError(f'{self._where}: {what} is missing; add {key} = "…"')
        if not isinstance(value, str):
            raise UsageError(f"{self._where}: {key} is a text in quotation marks")
        if not value.strip():
            raise UsageError(f"{self._where}: {key} is empty")
        return value.strip()

    def _date(self) -> date | None:
        value = self._table.get("expires")
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = 0
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise UsageError(f"{self._where}: expires is a date such as 2026-12-31")

    def _fingerprints(self) -> tuple[str, ...]:
        value = self._table.get("fingerprints", [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f'{self._where}: fingerprints is a list such as ["8d3f2a90c417"]')
        for item in value:
            if not _FINGERPRINT.fullmatch(item):
                raise UsageError(
                    f"{self._where}: {_shown(item)} is no fingerprint, which are twelve "
                    "hexadecimal digits; the JSON report has those of each failure"
                )
        return tuple(dict.fromkeys(value))


def _shown(name: str) -> str:
    return f"'{visible(clipped(name))}'"


def hold(
    baseline: Baseline,
    verdicts: Sequence[Verdict],
    contract: Contract,
    *,
    binding: Collection[Level],
    today: date,
) -> BaselineMatch:
    """Hold the verdicts of a run against a baseline.

    Args:
        baseline: the known failures.
        verdicts: of the requirements that were chosen for the run.
        contract: has all requirements there are.
        binding: the levels whose failure counts.
        today: entries whose date is before it have expired.

    Returns:
        The verdicts with what is known of them, and whatever does not fit.
    """
    found = {verdict.requirement.id: verdict for verdict in verdicts}
    known: dict[str, Known] = {}
    problems: list[Problem] = []
    for entry in baseline.entries:
        verdict = found.get(entry.id)
        problem = _problem(entry, verdict, contract, binding, today)
        if problem is not None:
            problems.append(problem)
        elif verdict is not None and verdict.outcome is Outcome.FAILED and not entry.new(verdict):
            known[entry.id] = Known(entry.reason, entry.expires)
    held = tuple(replace(verdict, known=known.get(verdict.requirement.id)) for verdict in verdicts)
    return BaselineMatch(held, tuple(problems), tuple(_notes(baseline, found, contract)))


def _problem(
    entry: Entry,
    verdict: Verdict | None,
    contract: Contract,
    binding: Collection[Level],
    today: date,
) -> Problem | None:
    ids = [requirement.id for requirement in contract.requirements]
    if entry.id not in ids:
        hint = suggestion(entry.id, ids, otherwise="see `conductor-conformance list`.")
        return Problem(
            ProblemKind.UNKNOWN,
            visible(clipped(entry.id)),
            f"The baseline has an entry for {_shown(entry.id)}, which matches nothing; {hint}",
        )
    if verdict is not None and verdict.outcome is Outcome.PASSED:
        return Problem(
            ProblemKind.STALE,
            entry.id,
            f"{entry.id} passes now: take its entry out of the baseline, "
            "or let --update-baseline do it.",
        )
    if entry.past(today):
        return Problem(
            ProblemKind.EXPIRED,
            entry.id,
            f"{entry.id} was accepted as a known failure until {entry.expires}, which is over: "
            "mend it, or give the entry another date.",
        )
    if verdict is None or verdict.outcome is not Outcome.FAILED:
        return None
    new = entry.new(verdict)
    if not new or verdict.requirement.level not in binding:
        return None
    return Problem(
        ProblemKind.NEW,
        entry.id,
        f"{entry.id} is known to fail, but not so ({_ways(new)}): {new[0].description}.",
    )


def _ways(new: Sequence[Kind]) -> str:
    more = f" and {len(new) - 1} more" if len(new) > 1 else ""
    return f"fingerprint {new[0].fingerprint}{more}"


def _notes(baseline: Baseline, found: Mapping[str, Verdict], contract: Contract) -> Iterator[str]:
    ids = {requirement.id for requirement in contract.requirements}
    undecided = []
    for entry in baseline.entries:
        verdict = found.get(entry.id)
        if entry.id in ids and (
            verdict is None or verdict.outcome not in (Outcome.PASSED, Outcome.FAILED)
        ):
            undecided.append(entry.id)
        if verdict is not None and verdict.outcome is Outcome.FAILED:
            met = {kind.fingerprint for kind in verdict.kinds}
            gone = [one for one in entry.fingerprints if one not in met]
            if met and gone:
                yield (
                    f"{entry.id} was not met in {len(gone)} of the "
                    f"{counted(len(entry.fingerprints), 'way')} to fail that the baseline lists; "
                    "--update-baseline takes out what is gone."
                )
    if undecided:
        yield (
            f"Whether the known {'failure' if len(undecided) == 1 else 'failures'} of "
            f"{listed(undecided)} {'lasts' if len(undecided) == 1 else 'last'} "
            "was not decided in this run; the baseline's entries for it stay."
        )
