"""Update a baseline file from the current failures; everything that people wrote is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

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
from conformance.report.report import Conclusion, Report, binding_levels

TO_DO = "TODO: say why this is known to fail, and where it is tracked"
HEADER = (
    "Known failures, which are not counted with `--baseline` and this file.",
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
    def summary(self) -> str:
        """The changes as a sentence; empty if there are none."""
        changes = {
            "added": self.added,
            "removed": self.removed,
            "refreshed": self.refreshed,
        }
        parts = [f"{word} {listed(ids)}" for word, ids in changes.items() if ids]
        return f"{'; '.join(parts)}." if parts else ""


def updated(
    baseline: Baseline,
    verdicts: Sequence[Verdict],
    contract: Contract,
    *,
    binding: Collection[Level],
) -> Update:
    """Return the baseline updated with the verdicts of a run.

    Failures that count are added. Entries whose requirement passed or is not in the contract are
    removed, together with comments inside them and directly above. If an entry lists fingerprints
    or queries, they are replaced by the current ones; fingerprints without queries get them.
    Everything else is kept exactly, including whitespace, a
    byte order mark and the kind of line endings.

    Args:
        baseline: the parsed baseline, with the text exactly as the file has it.
        verdicts: the verdicts on the requirements that were selected for the run.
        contract: the contract with all requirements.
        binding: the levels whose failure counts.

    Raises:
        UsageError: the entries are not written as separate ``[[known]]`` tables.
    """
    found = {verdict.requirement.id: verdict for verdict in verdicts}
    everything = {requirement.id for requirement in contract.requirements}
    preamble, tables = opened(baseline)
    removed: list[str] = []
    refreshed: list[str] = []
    for entry, table in zip(baseline.entries, tables, strict=True):
        verdict = found.get(entry.id)
        outcome = verdict and verdict.outcome
        if entry.id not in everything or outcome is Outcome.PASSED:
            removed.append(entry.id)
        elif verdict and outcome is Outcome.FAILED:
            kinds = {kind.fingerprint: _comment(kind) for kind in verdict.kinds}
            changes = [
                bool(entry.fingerprints) and _refresh(table, "fingerprints", kinds),
                entry.queries is not None
                and _refresh(table, "queries", dict.fromkeys(verdict.queries, "")),
                entry.outdated,
            ]
            if entry.outdated:
                # A new key of the table would follow the comments after the entry.
                trivia = table["fingerprints"].trivia
                trivia.trail = f"\n{_queries(verdict)}{trivia.trail}"
            if any(changes):
                refreshed.append(entry.id)
    listed_already = {entry.id for entry in baseline.entries}
    added = [
        verdict
        for verdict in verdicts
        if verdict.outcome is Outcome.FAILED
        and verdict.requirement.level in binding
        and verdict.requirement.id not in listed_already
    ]
    if not added and not removed and not refreshed:
        return Update(baseline.text)
    gone = set(removed)
    keep = (entry.id not in gone for entry in baseline.entries)
    whole = _joined(preamble, zip(_chunks(tables), keep, strict=True))
    for verdict in added:
        whole = f"{whole.rstrip()}\n\n{_new(verdict)}".lstrip()
    return Update(
        in_format_of(baseline.text, whole),
        tuple(verdict.requirement.id for verdict in added),
        tuple(removed),
        tuple(refreshed),
    )


def opened(baseline: Baseline) -> tuple[str, AoT | tuple[()]]:
    """Return the text before the first entry, and the entries.

    Raises:
        UsageError: the entries are not written as separate ``[[known]]`` tables.
    """
    text = normalized(baseline.text)
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


def _joined(preamble: str, entries: Iterable[tuple[str, bool]]) -> str:
    """Reassemble a file from its entries; those marked with ``False`` are left out.

    Comments and blank lines after an entry stay.
    """
    lines = preamble.splitlines(keepends=True)
    for number, (chunk, keep) in enumerate(entries):
        own = chunk.splitlines(keepends=True)
        if keep:
            lines += own
            continue
        after = list(takewhile(lambda line: not line.strip() or _is_comment(line), own[::-1]))[::-1]
        lead = len(list(takewhile(_is_comment, lines[::-1])))
        # A comment at the very top may describe the whole file.
        if number or lead < len(lines):
            del lines[len(lines) - lead :]
        if not after or not after[0].strip():
            while lines and not lines[-1].strip():
                del lines[-1]
        lines += after
    return "".join(lines)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _new(verdict: Verdict) -> str:
    lines = [
        f"[[{TABLE}]]",
        f'id = "{verdict.requirement.id}"',
        f'reason = "{TO_DO}"',
        "fingerprints = [",
        *(f'  "{kind.fingerprint}", # {_comment(kind)}' for kind in verdict.kinds),
        "]",
        f"{_queries(verdict)}\n",
    ]
    return "\n".join(lines)


def _queries(verdict: Verdict) -> str:
    if not verdict.queries:
        return "queries = []"
    return "\n".join(["queries = [", *(f'  "{wire}",' for wire in verdict.queries), "]"])


def _comment(kind: Kind) -> str:
    return clipped(kind.description, LONGEST)


def _refresh(table: Table, name: str, now: Mapping[str, str]) -> bool:
    """Replace the items of an array by the current ones; unchanged ones keep their lines.

    ``now`` maps each current item to the comment beside it. Returns whether anything changed.
    """
    array = table[name]
    before = [str(one) for one in array] if isinstance(array, Array) else []
    if not isinstance(array, Array) or set(before) == set(now):
        return False
    for place in reversed(range(len(before))):
        if before[place] not in now:
            del array[place]
    for item, comment in now.items():
        if item not in before:
            array.add_line(item, indent="  ", comment=comment or None)
    if "\n" in array.as_string() and not array.as_string().endswith("\n]"):
        array.add_line(indent="")
    return True


def prepared(file: str | None, *, update: bool, dry_run: bool) -> Baseline | None:
    """Read the baseline of a run, and check that it can be written if it is to be updated.

    Raises:
        UsageError: the file cannot be read or updated, or the options contradict each other.
    """
    if file is None:
        if update:
            raise UsageError("--update-baseline needs --baseline FILE")
        return None
    if not file.strip() or file == output.STANDARD_OUTPUT:
        raise UsageError("--baseline needs the name of a file")
    if update and dry_run:
        raise UsageError("--update-baseline and --dry-run exclude each other")
    baseline = read(Path(file), missing_is_empty=update)
    if update:
        output.check([file])
        # A file that cannot be updated is reported before the run, not after it.
        opened(baseline)
    return baseline


def update(
    file: str, report: Report, contract: Contract, *, require_evidence: bool | frozenset[str]
) -> Report:
    """Write the baseline from a run that was judged without it.

    Nothing is written if the run did not complete, or ended after the first response. An entry past
    its date is kept and is still a problem of the report.

    Returns:
        The report with the new baseline applied.

    Raises:
        UsageError: the file cannot be written, or was changed since and cannot be updated any more.
    """
    if report.conclusion is Conclusion.ERROR or report.interrupted or report.refused:
        note = f"The baseline {file} was not written: the run did not judge the server."
        return replace(report, notes=(*report.notes, note))
    baseline = read(Path(file), missing_is_empty=True)
    change = updated(baseline, report.verdicts, contract, binding=binding_levels(report.fail_on))
    if change.summary:
        output.write(file, change.text)
        note = f"The baseline {file} was written: {change.summary}"
        if TO_DO in change.text:
            note += " Replace each TODO in it by the reason why the failure is known."
    else:
        note = f"The baseline {file} is up to date and was not changed."
    result = gate(
        report.verdicts,
        contract,
        fail_on=report.fail_on,
        require_evidence=require_evidence,
        baseline=parse(change.text, file),
        today=report.started.date(),
    )
    return replace(
        report,
        verdicts=result.verdicts,
        conclusion=result.conclusion,
        reason=result.reason,
        baseline=result.baseline,
        notes=(*report.notes, *result.notes, note),
    )
