"""Structure and wording that the renderers for people share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from conformance.checks.verdict import Finding, Known, Outcome, Verdict
from conformance.core.text import clipped, counted, visible
from conformance.report.report import Conclusion, Qualification, Report

HEADLINES = {
    Conclusion.CONFORMANT: "conformant",
    Conclusion.NON_CONFORMANT: "not conformant",
    Conclusion.ERROR: "not tested",
}
KNOWN = "known to fail"
RESULTS = (*map(str, Outcome), KNOWN)
"""The results of requirements in words; known failures do not count as failed."""
OPEN = (Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR)
"""Outcomes of requirements that were not decided."""
LONGEST = 200
"""Characters of a text in a summary; longer texts are cut."""


ABOUT_SERVERS = ("request", "response")
ABOUT_CLIENTS = ("scenario", "client")
"""What a finding shows first, and what it says of that."""


class Mark(StrEnum):
    """Colours by meaning; the values are classes in ``base.css``."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    TROUBLE = "trouble"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Undecided:
    """Requirements that neither passed nor failed, all for the same reason.

    ``decided_by`` says what would decide them, if that is known.
    """

    outcome: Outcome
    reason: str
    decided_by: str
    ids: tuple[str, ...]


def labels(report: Report) -> tuple[str, str]:
    """Return the labels of the two parts of a finding before what is expected."""
    return ABOUT_SERVERS if report.client is None else ABOUT_CLIENTS


def subject(*, of_client: bool) -> str:
    """Return what was judged, for a title."""
    return f"{'client' if of_client else 'contract'} of GET /api/integrations/provider"


def headline(report: Report) -> str:
    """Return the verdict in a few words."""
    if report.interrupted:
        return "interrupted"
    if report.baseline is not None and report.baseline.alone:
        return "baseline does not fit"
    if report.conclusion is not Conclusion.CONFORMANT:
        return HEADLINES[report.conclusion]
    known, undecided = len(report.known_failures), len(report.undecided)
    match report.qualification:
        case Qualification.NOTHING_JUDGED:
            return "nothing was judged"
        case Qualification.KNOWN_FAILURES:
            more = f" ({undecided} undecided)" if undecided else ""
            return f"passes with {counted(known, 'known failure')}{more}"
        case Qualification.UNDECIDED:
            return f"conformant as far as decided ({undecided} undecided)"
    return HEADLINES[report.conclusion]


def mark(report: Report) -> Mark:
    """Return the colour of the verdict."""
    if report.interrupted or report.conclusion is Conclusion.ERROR:
        return Mark.TROUBLE
    if report.conclusion is not Conclusion.CONFORMANT:
        return Mark.BAD
    return Mark.GOOD if report.qualification is Qualification.NONE else Mark.WARN


def families(report: Report) -> dict[str, Mapping[str, int]]:
    """Return the number of requirements with each result by family, in order."""
    grouped = groupby(report.verdicts, key=lambda verdict: verdict.requirement.family)
    return {name: Counter(map(_result, verdicts)) for name, verdicts in grouped}


def _result(verdict: Verdict) -> str:
    return str(verdict.outcome) if verdict.known is None else KNOWN


def judged(report: Report) -> bool:
    """Return whether any requirement could be judged."""
    return any(verdict.outcome is not Outcome.ERROR for verdict in report.verdicts)


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
    grouped: dict[tuple[Outcome, str, str], list[str]] = {}
    for verdict in report.verdicts:
        if verdict.outcome in OPEN:
            key = verdict.outcome, verdict.reason, verdict.decided_by
            grouped.setdefault(key, []).append(verdict.requirement.id)
    return tuple(Undecided(*key, tuple(ids)) for key, ids in grouped.items())


PLANNING = "conductor-conformance fixtures plan URL"
"""The command that shows which providers would decide what is undecided."""


def may_be_planned(report: Report) -> bool:
    """Whether providers that the suite creates could decide more."""
    return report.fixtures is None and any(group.decided_by for group in unexplained(report))


def unexplained(report: Report) -> tuple[Undecided, ...]:
    """Return the undecided requirements, unless the verdict already gives their only reason."""
    groups = undecided(report)
    return () if len(groups) == 1 and report.conclusion is Conclusion.ERROR else groups


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text as one printable line of bounded length."""
    # Escapes of unprintable characters are longer than the characters.
    return clipped(visible(text[: longest + 1]), longest)


def shortened(finding: Finding) -> Finding:
    """Return a finding with its texts cut; the message is only the request.

    The command is kept as a whole.
    """
    return replace(
        finding,
        message=cut(finding.request_line),
        observed=cut(finding.observed),
        pointer=cut(finding.pointer),
        expected=cut(finding.expected),
    )


def commands(finding: Finding) -> tuple[str, ...]:
    """Return the lines that reproduce a finding: a command and the one to compare it with."""
    other = finding.compared
    return (finding.curl,) if other is None else (finding.curl, "# Compare with:", other.curl)


def frequency(finding: Finding) -> str:
    """Return in how many responses a violation was seen; empty if that says nothing."""
    # What changes of the cluster show is in none of the counted responses.
    if finding.responses < 2 or not finding.seen:
        return ""
    responses = f"{finding.responses:,} responses to this request"
    if finding.seen == finding.responses:
        return f"in all {responses}"
    return f"in at least {finding.seen:,} of {responses}"


def total(verdict: Verdict) -> str:
    """Return how many violations a failed requirement has, and how many the JSON report lists."""
    listed = len(verdict.findings)
    if verdict.reason == counted(listed, "violation"):
        return f"{verdict.reason} in total; all are in the JSON report"
    number = verdict.reason.partition(", ")[0]
    return f"{number} in total; {listed} of them are in the JSON report"


def ranges(ids: Sequence[str]) -> str:
    """List ids, with three or more consecutive ones as a range such as AUTH-01 to AUTH-08."""
    runs: list[list[str]] = []
    for name in ids:
        family, _, number = name.rpartition("-")
        last_family, _, last = runs[-1][-1].rpartition("-") if runs else ("", "", "")
        neighbours = number.isdigit() and last.isdigit() and int(number) == int(last) + 1
        if family == last_family and neighbours:
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)
