"""Render the result of a self-test as Markdown, for a wiki or the summary of a CI job."""

from __future__ import annotations

from conformance._version import __version__
from conformance.core.text import counted
from conformance.report.render import templating
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import families, found, how, subjects, verdict
from conformance.selftest.trial import FaultTrial


def render(matrix: Matrix) -> str:
    """Return the result as GitHub-flavoured Markdown; values from servers stay text."""
    text = (
        templating.markdown()
        .get_template("selftest.md")
        .render(
            matrix=matrix,
            version=__version__,
            verdict=f"{verdict(matrix)}.",
            how=how(matrix),
            families=families(matrix),
            subjects=subjects(matrix),
            counted=counted,
            found=found,
            declared=_declared,
            others=_others,
        )
    )
    return text.rstrip("\n") + "\n"


def _declared(trial: FaultTrial) -> str:
    missed = {*trial.missed}
    return ", ".join(f"not {name}" if name in missed else name for name in trial.breaks)


def _others(trial: FaultTrial) -> str:
    wrong = {*trial.uncalled_for}
    return ", ".join(
        f"{name} (not permitted)" if name in wrong else name
        for name in trial.tripped
        if name not in trial.breaks
    )
