"""Structure and wording that the renderers for people share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.checks.verdict import Finding, Known, Outcome, Verdict
from conformance.core.text import counted
from conformance.report.report import Conclusion, Report

HEADLINES = {
    Conclusion.CONFORMANT: "conformant",
    Conclusion.NON_CONFORMANT: "not conformant",
    Conclusion.ERROR: "not tested",
}
KNOWN = "known to fail"
OPEN = (Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR)
"""Outcomes of requirements that were not decided."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of requirements, and the number of requirements with each outcome."""

    name: str
    numbers: tuple[int, ...]
    """In the order of ``Outcome``; without known failures."""
    known: int = 0


@dataclass(frozen=True, slots=True)
class Undecided:
    """Requirements that neither passed nor failed, all for the same reason."""

    outcome: Outcome
    reason: str
    ids: tuple[str, ...]


def headline(report: Report) -> str:
    """Return the verdict in a few words."""
    if report.interrupted:
        return "interrupted"
    if report.baseline is not None and report.baseline.alone:
        return "baseline does not fit"
    return HEADLINES[report.conclusion]


def families(report: Report) -> tuple[Family, ...]:
    """Return the families in the order of the contract."""
    grouped = groupby(report.verdicts, key=lambda verdict: verdict.requirement.family)
    found = []
    for name, group in grouped:
        verdicts = list(group)
        outcomes = [verdict.outcome for verdict in verdicts if verdict.known is None]
        numbers = tuple(outcomes.count(outcome) for outcome in Outcome)
        found.append(Family(name, numbers, len(verdicts) - len(outcomes)))
    return tuple(found)


def failed(report: Report) -> tuple[Verdict, ...]:
    """Return the failed requirements; those that make the target non-conformant come first.

    Known failures are left out.
    """
    found = [
        verdict
        for verdict in report.verdicts
        if verdict.outcome is Outcome.FAILED and verdict.known is None
    ]
    return tuple(sorted(found, key=lambda verdict: not report.counts_against(verdict)))


def known_failures(report: Report) -> tuple[tuple[str, Known], ...]:
    """Return the ids of the known failures with their baseline entries."""
    return tuple(
        (verdict.requirement.id, verdict.known)
        for verdict in report.verdicts
        if verdict.known is not None
    )


def undecided(report: Report) -> tuple[Undecided, ...]:
    """Return the undecided requirements, grouped by outcome and reason."""
    grouped: dict[tuple[Outcome, str], list[str]] = {}
    for verdict in report.verdicts:
        if verdict.outcome in OPEN:
            key = verdict.outcome, verdict.reason
            grouped.setdefault(key, []).append(verdict.requirement.id)
    return tuple(Undecided(*key, tuple(ids)) for key, ids in grouped.items())


def request_line(finding: Finding) -> str:
    """Return method, path and query of the request, which begin the message."""
    return finding.message.partition(": ")[0]


def total(verdict: Verdict) -> str:
    """Return how many violations a failed requirement has, and how many the JSON report lists."""
    listed = len(verdict.findings)
    if verdict.reason == counted(listed, "violation"):
        return f"{verdict.reason} in total; all are in the JSON report"
    number = verdict.reason.partition(", ")[0]
    return f"{number} in total; {listed} of them are in the JSON report"


def ranges(ids: Sequence[str]) -> Iterator[str]:
    """Yield ids, with three or more consecutive ones as a range such as AUTH-01 to AUTH-08."""
    runs: list[list[str]] = []
    for name in ids:
        family, _, number = name.rpartition("-")
        last_family, _, last = runs[-1][-1].rpartition("-") if runs else ("", "", "")
        neighbours = number.isdigit() and last.isdigit() and int(number) == int(last) + 1
        if family == last_family and neighbours:
            runs[-1].append(name)
        else:
            runs.append([name])
    for run in runs:
        if len(run) > 2:
            yield f"{run[0]} to {run[-1]}"
        else:
            yield from run
