"""Known failures: read the file that lists them, and compare the verdicts of a run with it.

The file is TOML, one table per requirement::

    [[known]]
    id = "MODEL-01"
    reason = "Embeds models until release 4.2, see PLAT-123."
    expires = 2026-12-31
    fingerprints = ["8d3f2a90c417"]
    queries = ["category=EMAIL&activeOnly=true"]

``expires`` is the last day on which the failure is accepted. If an entry lists ``fingerprints``,
only these kinds of failure are known; otherwise, every failure of the requirement is. If it has
``queries``, the failure is known in the responses to these documented queries and in no others.
``spec/baseline.schema.json`` describes the file.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from conformance.checks.verdict import Kind, Known, Outcome, Verdict
from conformance.contract.model import Contract, Level
from conformance.contract.query import Query
from conformance.contract.requirement_selection import command_that_lists
from conformance.core import input_files, own_json
from conformance.core.suggestions import suggestion
from conformance.core.text import clipped, counted, listed, visible
from conformance.core.toml_document import NotToml, read_toml
from conformance.errors import UsageError
from conformance.report.report import Problem, ProblemKind
from conformance.report.spread import named, new_queries

TABLE = "known"
ADVICE = "an entry is a table [[known]] as --update-baseline writes it"
MOST_UNKNOWN = 10
"""Entries for unknown requirements that are reported one by one; the others are summed up."""
LARGEST = 1 << 20
"""Maximum size of a baseline, in bytes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement that is known to fail."""

    id: str
    reason: str
    expires: date | None = None
    fingerprints: tuple[str, ...] = ()
    queries: tuple[str, ...] | None = None

    @property
    def outdated(self) -> bool:
        """Whether an earlier version wrote the entry: with fingerprints, but without queries."""
        return bool(self.fingerprints) and self.queries is None

    def past(self, today: date) -> bool:
        """Whether the entry has expired."""
        return self.expires is not None and today > self.expires

    def new(self, verdict: Verdict) -> tuple[Kind, ...]:
        """Return the kinds of failure of a verdict that the entry does not list."""
        if not self.fingerprints:
            return ()
        return tuple(kind for kind in verdict.kinds if kind.fingerprint not in self.fingerprints)

    def spread(self, verdict: Verdict) -> tuple[str, ...]:
        """Return the documented queries for which the failure of a verdict is not known."""
        return () if self.queries is None else new_queries(self.queries, verdict.queries)

    def covers(self, verdict: Verdict) -> bool:
        """Whether a verdict is a failure that is known as a whole."""
        failed = verdict.outcome is Outcome.FAILED
        return failed and not self.new(verdict) and not self.spread(verdict)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known failures that ``file`` lists; ``text`` is its content, unchanged."""

    file: str
    entries: tuple[Entry, ...] = ()
    text: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class BaselineMatch:
    """Verdicts with ``known`` set for accepted failures, problems of the baseline, and notes."""

    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def read(path: Path, *, missing_is_empty: bool = False) -> Baseline:
    """Read a baseline from a file.

    Args:
        path: the file to read.
        missing_is_empty: return an empty baseline if the file does not exist.

    Raises:
        UsageError: the file cannot be read, or is not a baseline.
    """
    try:
        text = input_files.read_exactly(path, LARGEST)
    except FileNotFoundError as error:
        if missing_is_empty:
            return Baseline(str(path))
        raise UsageError(
            f"there is no baseline {path}; --update-baseline writes one from the current failures"
        ) from error
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the baseline {path}: {input_files.reason(error)}; "
            "give a TOML file that you may read"
        ) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> Baseline:
    """Return the baseline of a text; ``file`` is the name of its file in errors.

    Raises:
        UsageError: the text is not a baseline.
    """
    try:
        # In JSON, a date is a string.
        document = json.loads(json.dumps(read_toml(input_files.normalized(text)), default=str))
    except NotToml as error:
        problem = visible(str(error))
        raise UsageError(f"the baseline {file} is not TOML: {problem}; {ADVICE}") from error
    try:
        own_json.check(document, "baseline.schema.json")
    except own_json.Misfit as misfit:
        raise UsageError(f"the baseline {file}{_place(document, misfit)}; {ADVICE}") from None
    entries: dict[str, Entry] = {}
    for table in document.get(TABLE, ()):
        entry = Entry(
            id=table["id"].strip().upper(),
            reason=table["reason"].strip(),
            expires=date.fromisoformat(table["expires"]) if "expires" in table else None,
            fingerprints=tuple(dict.fromkeys(table.get("fingerprints", ()))),
            queries=tuple(dict.fromkeys(table["queries"])) if "queries" in table else None,
        )
        if entry.id in entries:
            raise UsageError(
                f"the baseline {file} has two entries for {_quoted(entry.id)}; merge them"
            )
        entries[entry.id] = entry
    return Baseline(file, tuple(entries.values()), text)


def _place(document: Mapping[str, Any], misfit: own_json.Misfit) -> str:
    """Say what does not fit, and in which entry: by its id, or by its number."""
    match misfit.path:
        case (str(), int(number), *rest):
            table = document[TABLE][number]
            name = table.get("id") if isinstance(table, dict) else None
            entry = _quoted(name) if isinstance(name, str) else f"number {number + 1}"
            return f", entry {entry}: {own_json.Misfit(rest, misfit.problem)}"
        case _:
            return f": {misfit}"


def _quoted(name: str) -> str:
    return f"'{visible(clipped(name))}'"


def apply(
    baseline: Baseline,
    verdicts: Sequence[Verdict],
    contract: Contract,
    *,
    binding: Collection[Level],
    today: date,
) -> BaselineMatch:
    """Compare the verdicts of a run with a baseline.

    Args:
        baseline: the known failures.
        verdicts: those of the requirements that were selected for the run.
        contract: the contract, with all requirements.
        binding: the levels whose failure counts.
        today: entries that expire before this day have expired.
    """
    found = {verdict.requirement.id: verdict for verdict in verdicts}
    known: dict[str, Known] = {}
    problems: list[Problem] = []
    ids = {requirement.id for requirement in contract.requirements}
    others = [entry for entry in baseline.entries if entry.id not in ids][MOST_UNKNOWN:]
    summed_up = {entry.id for entry in others}
    for entry in baseline.entries:
        if entry.id in summed_up:
            continue
        verdict = found.get(entry.id)
        problem = _problem(entry, verdict, contract, binding, today)
        if problem is not None:
            problems.append(problem)
        elif verdict is not None and entry.covers(verdict):
            known[entry.id] = Known(entry.reason, entry.expires)
    if others:
        message = (
            f"The baseline lists {counted(len(others), 'further id')} not in the contract; "
            f"see {command_that_lists(contract)}."
        )
        problems.append(Problem(ProblemKind.UNKNOWN, visible(clipped(others[0].id)), message))
    judged = tuple(
        replace(verdict, known=known.get(verdict.requirement.id)) for verdict in verdicts
    )
    return BaselineMatch(judged, tuple(problems), tuple(_notes(baseline, found, contract)))


def _problem(
    entry: Entry,
    verdict: Verdict | None,
    contract: Contract,
    binding: Collection[Level],
    today: date,
) -> Problem | None:
    ids = [requirement.id for requirement in contract.requirements]
    outcome = None if verdict is None else verdict.outcome
    new: tuple[Kind, ...] = ()
    spread: tuple[str, ...] = ()
    if verdict is not None and verdict.requirement.level in binding:
        new, spread = entry.new(verdict), entry.spread(verdict)
    if entry.id not in ids:
        hint = suggestion(entry.id, ids, otherwise=f"see {command_that_lists(contract)}.")
        kind = ProblemKind.UNKNOWN
        message = (
            f"The baseline has an entry for {_quoted(entry.id)}, "
            f"which is not in the contract; {hint}"
        )
    elif outcome is Outcome.PASSED:
        kind = ProblemKind.STALE
        message = (
            f"{entry.id} passes now: remove its entry from the baseline, "
            "or let --update-baseline remove it."
        )
    elif entry.past(today):
        kind = ProblemKind.EXPIRED
        message = (
            f"{entry.id} was accepted as a known failure until {entry.expires}: "
            "fix the failure, or set another date."
        )
    elif outcome is Outcome.FAILED and spread:
        kind = ProblemKind.NEW
        queries = listed([str(Query(wire)) for wire in spread])
        message = (
            f"{entry.id} spread to {named(entry.queries or (), spread)}: "
            f"the baseline does not list it for {queries}."
        )
    elif outcome is Outcome.FAILED and new:
        kind = ProblemKind.NEW
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        message = (
            f"{entry.id} fails in a way that the baseline does not list "
            f"(fingerprint {new[0].fingerprint}{more}): {new[0].description}."
        )
    else:
        return None
    return Problem(kind, visible(clipped(entry.id)), message)


def _notes(baseline: Baseline, found: Mapping[str, Verdict], contract: Contract) -> Iterator[str]:
    ids = {requirement.id for requirement in contract.requirements}
    undecided, unlisted = [], []
    for entry in baseline.entries:
        verdict = found.get(entry.id)
        outcome = None if verdict is None else verdict.outcome
        if entry.id in ids and outcome not in (Outcome.PASSED, Outcome.FAILED):
            undecided.append(entry.id)
        if verdict is None or outcome is not Outcome.FAILED:
            continue
        met = {kind.fingerprint for kind in verdict.kinds}
        gone = [one for one in entry.fingerprints if one not in met]
        if met and gone:
            yield (
                f"{entry.id} no longer fails in {len(gone)} of the "
                f"{counted(len(entry.fingerprints), 'way')} that the baseline lists; "
                "--update-baseline updates the list."
            )
        mended = new_queries(verdict.queries, entry.queries or ())
        if mended:
            yield (
                f"{entry.id} no longer fails for {listed([str(Query(wire)) for wire in mended])}; "
                "--update-baseline removes what is mended from the baseline."
            )
        if entry.outdated:
            unlisted.append(entry.id)
    if unlisted:
        yield (
            f"The baseline does not say for which queries it accepts {listed(unlisted)}, so a "
            "failure that spreads to others is not noticed; --update-baseline adds the queries."
        )
    if undecided:
        failures = counted(len(undecided), "known failure")
        yield f"This run did not decide {failures} of the baseline: {listed(undecided)}."
