"""Judging an embedded server over a real socket, as the command would."""

from __future__ import annotations

import conformance
from conformance import Outcome, Report, Target
from conformance.reference import EmbeddedServer, ReferenceServer


def judged(server: ReferenceServer, *, profile: str = "quick") -> Report:
    """Return the report on a server that is started for it."""
    with (
        EmbeddedServer(server) as embedded,
        # Trouble that does not go away is not waited for.
        Target(embedded.url, credential=server.issue_token(), retry_budget=0.5) as target,
    ):
        return conformance.run(target, profile=profile, seed=1)


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
