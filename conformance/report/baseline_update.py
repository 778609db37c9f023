"""Update a baseline file from the current failures; everything that people wrote is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Protocol

import tomlkit
from tomlkit.items import AoT, Array, Table

from conformance.checks.verdict import Kind, Outcome, Verdict
from conformance.contract.model import Contract, Level
from conformance.core import output
from conformance.core.input_files import in_format_of, normalized
from conformance.core.text import clipped, listed
from conformance.errors import UsageError
from conformance.report.baseline import TABLE, Baseline, parse, read
from conformance.report.conclusion import gate
from conformance.report.report import Conclusion, FailOn, Report, binding_levels

TO_DO = "TODO: say why this is known to fail, and where it is tracked"
HEADER = (
    "Known failures, which `conductor-conformance run --baseline` does not count.",
    "In an entry, expires = 2026-12-31 is the last day on which the failure is accepted.",
)
LONGEST = 120
"""Characters of the comment beside a fingerprint; longer descriptions are cut."""


@dataclass(frozen=True, slots=True)
class Update:
    """The new text of a baseline, and the ids of the entries that were changed."""

    text: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refreshed: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the text differs from the old one."""
        return bool(self.added or self.removed or self.refreshed)

    @property
    def summary(self) -> str:
        """The changes as a sentence."""
        parts = [
            f"{word} {listed(ids)}"
            for word, ids in (
                ("added", self.added),
                ("removed", self.removed),
                ("refreshed the fingerprints of", self.refreshed),
            )
            if ids
        ]
        return f"{'; '.join(parts)}."


def updated(
    text: str,
    baseline: Baseline,
    verdicts: Sequence[Verdict],
    contract: Contract,
    *,
    binding: Collection[Level],
) -> Update:
    """Return the baseline updated with the verdicts of a run.

    Failures that count are added. Entries whose requirement passed or is not in the contract are
    removed, together with comments inside them and directly above. If an entry lists fingerprints,
    they are replaced by the current ones. Everything else is kept exactly, including whitespace, a
    byte order mark and the kind of line endings.

    Args:
        text: the text of the file with any line endings; empty if there is no file.
        baseline: the parsed baseline, with the text exactly as the file has it.
        verdicts: the verdicts on the requirements that were selected for the run.
        contract: the contract with all requirements.
        binding: the levels whose failure counts.

    Raises:
        UsageError: the entries are not written as separate ``[[known]]`` tables.
    """
    found = {verdict.requirement.id: verdict for verdict in verdicts}
    everything = {requirement.id for requirement in contract.requirements}
    preamble, tables = _opened(text, baseline)
    removed: set[str] = set()
    refreshed: list[str] = []
    for entry, table in zip(baseline.entries, tables, strict=True):
        verdict = found.get(entry.id)
        if entry.id not in everything or (verdict and verdict.outcome is Outcome.PASSED):
            removed.add(entry.id)
        elif (
            verdict
            and verdict.outcome is Outcome.FAILED
            and entry.fingerprints
            and _refresh(table, verdict.kinds)
        ):
            refreshed.append(entry.id)
    added = [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.FAILED
        and verdict.requirement.level in binding
        and verdict.requirement.id not in {entry.id for entry in baseline.entries}
    ]
    if not added and not removed and not refreshed:
        return Update(text)
    parts = _Parts(preamble)
    for entry, chunk in zip(baseline.entries, _chunks(tables), strict=True):
        parts.add(chunk, keep=entry.id not in removed)
    whole = parts.text
    for verdict in added:
        whole = f"{whole.rstrip()}\n\n{_new(verdict)}".lstrip()
    return Update(
        in_format_of(baseline.text, whole),
        tuple(verdict.requirement.id for verdict in added),
        tuple(entry.id for entry in baseline.entries if entry.id in removed),
        tuple(refreshed),
    )


def updatable(text: str, baseline: Baseline) -> None:
    """Check that a baseline can be updated.

    Raises:
        UsageError: the entries are not written as separate ``[[known]]`` tables.
    """
    _opened(text, baseline)


def _opened(text: str, baseline: Baseline) -> tuple[str, AoT | tuple[()]]:
    """Return the text before the first entry, and the entries."""
    text = normalized(text)
    if not text.strip():
        return "".join(f"# {line}\n" for line in HEADER), ()
    document = tomlkit.parse(text)
    tables = document.get(TABLE)
    if isinstance(tables, AoT):
        before = takewhile(lambda pair: not isinstance(pair[1], AoT), document.body)
        return "".join(item.as_string() for _, item in before), tables
    if baseline.entries:
        raise UsageError(
            f"cannot update the baseline {baseline.file}: write each entry as a table that begins "
            f"with a line [[{TABLE}]]"
        )
    if tables is not None:
        document.remove(TABLE)
    return tomlkit.dumps(document), ()


def _chunks(tables: AoT | tuple[()]) -> Iterator[str]:
    """Yield the text of each entry, including everything up to the next one."""
    if isinstance(tables, AoT):
        for table in tables.body:
            alone = tomlkit.document()
            alone.add(TABLE, AoT([table], parsed=True))
            yield tomlkit.dumps(alone)


class _Parts:
    """Reassemble a file from its entries, without the removed ones."""

    def __init__(self, preamble: str) -> None:
        self._lines = preamble.splitlines(keepends=True)
        self._first = True

    @property
    def text(self) -> str:
        return "".join(self._lines)

    def add(self, chunk: str, *, keep: bool) -> None:
        """Add an entry and the text after it, or with ``keep`` false only the text after it."""
        lines = chunk.splitlines(keepends=True)
        own = len(lines)
        while own and _between(lines[own - 1]):
            own -= 1
        if keep:
            self._lines += lines
        else:
            self._forget_lead()
            if not lines[own:] or not lines[own].strip():
                self._forget_blanks()
            self._lines += lines[own:]
        self._first = False

    def _forget_lead(self) -> None:
        """Drop the comment directly above an entry, unless it may describe the whole file."""
        lead = len(self._lines)
        while lead and self._lines[lead - 1].lstrip().startswith("#"):
            lead -= 1
        if lead or not self._first:
            del self._lines[lead:]

    def _forget_blanks(self) -> None:
        while self._lines and not self._lines[-1].strip():
            del self._lines[-1]


def _between(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _new(verdict: Verdict) -> str:
    table = tomlkit.table()
    table.add("id", verdict.requirement.id)
    table.add("reason", TO_DO)
    table.add("fingerprints", _array(verdict.kinds))
    tables = tomlkit.aot()
    tables.append(table)
    document = tomlkit.document()
    document.add(TABLE, tables)
    return tomlkit.dumps(document)


def _array(kinds: Sequence[Kind]) -> Array:
    array = tomlkit.array()
    for kind in kinds:
        _add(array, kind)
    array.add_line(indent="")
    return array


def _add(array: Array, kind: Kind) -> None:
    array.add_line(kind.fingerprint, indent="  ", comment=clipped(kind.description, LONGEST))


def _refresh(table: Table, kinds: Sequence[Kind]) -> bool:
    """Replace an entry's fingerprints by the current ones; unchanged ones keep their lines.

    Returns whether anything changed.
    """
    array = table["fingerprints"]
    assert isinstance(array, Array)  # noqa: S101 - `parse` has checked it
    now: Mapping[str, Kind] = {kind.fingerprint: kind for kind in kinds}
    before = [str(one) for one in array]
    if set(before) == set(now):
        return False
    for place in reversed(range(len(before))):
        if before[place] not in now:
            del array[place]
    for fingerprint, kind in now.items():
        if fingerprint not in before:
            _add(array, kind)
    if "\n" in array.as_string() and not array.as_string().endswith("\n]"):
        array.add_line(indent="")
    return True


class BaselineOptions(Protocol):
    """The options of ``run`` that concern the baseline."""

    @property
    def baseline_file(self) -> str | None:
        """The path of the baseline, if there is one."""

    @property
    def update_baseline(self) -> bool:
        """Whether to update the baseline."""

    @property
    def dry_run(self) -> bool:
        """Whether requests are only shown, not sent."""

    @property
    def fail_on(self) -> str:
        """The lowest requirement level that fails the run."""

    @property
    def require_evidence(self) -> bool:
        """Whether an inconclusive requirement fails the run."""


def prepared(options: BaselineOptions) -> Baseline | None:
    """Read the baseline of a run, and check that it can be written if it is to be updated.

    Raises:
        UsageError: the file cannot be read or updated, or the options contradict each other.
    """
    file = options.baseline_file
    if file is None:
        if options.update_baseline:
            raise UsageError("--update-baseline needs --baseline FILE")
        return None
    if not file.strip() or file == output.STANDARD_OUTPUT:
        raise UsageError("--baseline needs the name of a file")
    if options.update_baseline and options.dry_run:
        raise UsageError("--update-baseline and --dry-run exclude each other")
    baseline = read(Path(file), missing_is_empty=options.update_baseline)
    if options.update_baseline:
        output.check([file])
        # A file that cannot be updated is reported before the run, not after it.
        updatable(_text(baseline), baseline)
    return baseline


def update(
    options: BaselineOptions, baseline: Baseline, report: Report, contract: Contract
) -> Report:
    """Write the baseline from a run that was judged without it.

    Nothing is written if the run did not complete, or ended after the first response. An entry past
    its date is kept and is still a problem of the report.

    Returns:
        The report with the new baseline applied.

    Raises:
        UsageError: the file cannot be written.
    """
    if report.conclusion is Conclusion.ERROR or report.interrupted or report.refused:
        note = f"The baseline {baseline.file} was not written: the run did not judge the server."
        return replace(report, notes=(*report.notes, note))
    fail_on = FailOn(options.fail_on)
    change = updated(
        _text(baseline), baseline, report.verdicts, contract, binding=binding_levels(fail_on)
    )
    if change.changed:
        output.write(baseline.file, change.text)
    result = gate(
        report.verdicts,
        contract,
        fail_on=fail_on,
        require_evidence=options.require_evidence,
        baseline=parse(change.text, baseline.file),
        today=report.started.date(),
    )
    note = f"The baseline {baseline.file} was written: {change.summary}"
    if TO_DO in change.text:
        note += " Replace each TODO in it by the reason why the failure is known."
    if not change.changed:
        note = f"The baseline {baseline.file} is up to date and was not changed."
    return replace(
        report,
        verdicts=result.verdicts,
        conclusion=result.conclusion,
        reason=result.reason,
        baseline=result.baseline,
        notes=(*report.notes, *result.notes, note),
    )


def _text(baseline: Baseline) -> str:
    file = Path(baseline.file)
    return file.read_text("utf-8") if file.exists() else ""
