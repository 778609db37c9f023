"""Looking at a report on a server that was judged over a real socket."""

from __future__ import annotations

from conformance import Outcome, Report


def failed(report: Report, *, binding: bool | None = None) -> set[str]:
    """Return the requirements that failed; only the MUSTs, or only the others, if asked for."""
    return {
        verdict.requirement.id
        for verdict in report.verdicts
        if verdict.outcome is Outcome.FAILED and binding in (None, verdict.binding)
    }


def explained(report: Report) -> str:
    """Return what to show of a report when it is not the one that was expected."""
    lines = [f"{report.conclusion}: {report.reason}"]
    for verdict in report.verdicts:
        if verdict.outcome is not Outcome.PASSED:
            lines.append(f"{verdict.requirement.id} {verdict.outcome}: {verdict.reason}")
            lines += [f"    {finding.message}" for finding in verdict.findings[:2]]
    return "\n".join(lines)
