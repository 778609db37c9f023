"""Render the result of a self-test as Markdown, for a wiki or the summary of a CI job."""

from __future__ import annotations

from conformance.report.render import templating
from conformance.selftest import parts
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import FaultTrial


def render(matrix: Matrix) -> str:
    """Return the result as GitHub-flavoured Markdown; values from servers stay text."""
    return templating.document(
        "selftest.md", matrix=matrix, parts=parts, declared=_declared, others=_others
    )


def _declared(trial: FaultTrial) -> str:
    return ", ".join(f"not {name}" if name in trial.missed else name for name in trial.breaks)


def _others(trial: FaultTrial) -> str:
    return ", ".join(
        f"{name} (not permitted)" if name in trial.uncalled_for else name
        for name in trial.tripped
        if name not in trial.breaks
    )
