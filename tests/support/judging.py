"""Judging an embedded server over a real socket, as the command would."""

from __future__ import annotations

import conformance
from conformance import AccessKey, Outcome, Report, Target
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.variations.entries import Key


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


def credential_for(server: ReferenceServer, key: Key) -> AccessKey | str | None:
    """Return what a caller of the server has in hand."""
    if key is Key.NONE:
        return None
    if key is Key.ACCESS_KEY:
        return AccessKey(server.key_id, server.key_secret)
    return server.issue_token()
