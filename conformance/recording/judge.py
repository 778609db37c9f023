"""Judge a recorded run again, without a target: the same checks on the same evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance._version import __version__
from conformance.checks import judging
from conformance.checks.verdict import Outcome, Verdict
from conformance.contract.loader import load
from conformance.contract.model import Contract, Requirement
from conformance.contract.requirement_selection import needing_evidence
from conformance.core.suggestions import choice
from conformance.evidence.statistics import response_times, views
from conformance.recording import reader
from conformance.recording.model import Recording
from conformance.report import conclusion
from conformance.report.baseline import Baseline
from conformance.report.conclusion import GateResult
from conformance.report.report import FailOn, Report
from conformance.report.run_metadata import Ending, RunMetadata


def judge(
    recording: Recording | Path | str,
    *,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    fail_on: FailOn | str = FailOn.MUST,
    require_evidence: bool | Iterable[str] = False,
    baseline: Baseline | None = None,
    contract: Contract | None = None,
) -> Report:
    """Judge a recorded run by the contract; nothing is sent.

    Args:
        recording: the recording, or its file.
        only: ids or families of the requirements to judge; by default those of the run.
        skip: ids or families to leave out; by default those of the run.
        fail_on: the lowest requirement level whose failure makes the target non-conformant.
        require_evidence: whether inconclusive requirements make it non-conformant, too; or the ids
            and families of those that do.
        baseline: known failures, which do not count; entries expire as of the day of the run.
        contract: the contract to judge a file by; by default the shipped one.

    Returns:
        The report, with target, time and requests of the run. If the run could not test its target
        or was interrupted, its conclusion is ``error``, as it was then.

    Raises:
        RecordingError: the file is not a recording that this version can judge.
        UsageError: an argument is invalid, such as an unknown requirement, or the suite has no
            check for a requirement of the contract.
    """
    if not isinstance(recording, Recording):
        recording = reader.read(Path(recording), contract)
    level = choice(FailOn, fail_on, "fail_on")
    evidence = recording.evidence
    law = evidence.contract if evidence is not None else contract or load()
    run = recording.metadata
    chosen = judging.select(
        law,
        only=tuple(only) or _known(law, run.only),
        skip=tuple(skip) or _known(law, run.skip),
    )
    result = conclusion.gate(
        _verdicts(recording, chosen),
        law,
        fail_on=level,
        require_evidence=needing_evidence(law, require_evidence),
        baseline=baseline,
        today=run.started.date(),
        evidence=evidence,
    )
    refusal = evidence.refusal if evidence is not None and not run.reason else None
    result = _concluded(result, run, refusal)
    return result.report(
        run,
        law,
        notes=(_note(recording, law), *result.notes, *run.notes),
        views=() if evidence is None else views(evidence),
        times=None if evidence is None else response_times(evidence),
        refused=refusal is not None,
    )


def _known(contract: Contract, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that this contract still has."""
    known = {*contract.families, *(one.id for one in contract.requirements)}
    return tuple(name for name in names if name.upper() in known)


def _verdicts(recording: Recording, chosen: Sequence[Requirement]) -> tuple[Verdict, ...]:
    run, evidence = recording.metadata, recording.evidence
    if run.ending is Ending.COMPLETE and evidence is not None:
        return judging.judge(evidence, chosen)
    blank = judging.unjudged(chosen, Outcome.ERROR, run.reason)
    if evidence is None:
        return blank
    return judging.only_failures(judging.judge(evidence, chosen), blank)


def _concluded(result: GateResult, run: RunMetadata, refusal: str | None) -> GateResult:
    if run.ending is Ending.CANNOT_TEST:
        return conclusion.untested(result, run.reason)
    if run.ending is Ending.INTERRUPTED:
        return conclusion.interrupted(result, run.reason)
    return result if refusal is None else conclusion.refused(result, refusal)


def _note(recording: Recording, contract: Contract) -> str:
    origin = recording.origin
    made = f"Judged by version {__version__} from a recording that version {origin.version} made"
    if origin.contract_sha256 == contract.sha256:
        return f"{made}, with the same contract (sha256 {contract.sha256[:12]})."
    return (
        f"{made} with contract {origin.contract_version} (sha256 {origin.contract_sha256[:12]}); "
        f"judged with contract {contract.version} (sha256 {contract.sha256[:12]})."
    )
