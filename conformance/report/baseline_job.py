"""What a run does about its baseline: read it before, write it afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from conformance.contract.model import Contract
from conformance.core import output
from conformance.errors import UsageError
from conformance.report.baseline import Baseline, parse, read
from conformance.report.baseline_update import TO_DO, updatable, updated
from conformance.report.gate import gate
from conformance.report.report import Conclusion, FailOn, Report, binding_levels


class Request(Protocol):
    """The options of ``run`` that concern its baseline."""

    @property
    def baseline_file(self) -> str | None:
        """Where the baseline is."""

    @property
    def update_baseline(self) -> bool:
        """Whether it is to be written."""

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be sent."""

    @property
    def fail_on(self) -> str:
        """The least level whose failure counts."""

    @property
    def require_evidence(self) -> bool:
        """Whether missing evidence counts."""


def prepared(request: Request) -> Baseline | None:
    """Return the baseline of a run, made sure that it can be written if it is to be.

    Raises:
        UsageError: it cannot be read, or the options contradict each other.
    """
    file = request.baseline_file
    if file is None:
        if request.update_baseline:
            raise UsageError("--update-baseline needs --baseline and the name of the file")
        return None
    if not file.strip() or file == output.STANDARD_OUTPUT:
        raise UsageError("--baseline needs the name of a file")
    if request.update_baseline and request.dry_run:
        raise UsageError("--update-baseline and --dry-run exclude each other")
    baseline = read(Path(file), missing_is_empty=request.update_baseline)
    if request.update_baseline:
        output.check([file])
        # Whether it can be changed is known before the run, too.
        updatable(_text(baseline), baseline)
    return baseline


def update(request: Request, baseline: Baseline, report: Report, contract: Contract) -> Report:
    """Write the baseline from a run that was judged without it.

    It is not written where the run did not come to its end, or the first answer already was the
    last. An entry past its date stays, and is a problem of the report as ever.

    Returns:
        The report as it is with the new baseline.

    Raises:
        UsageError: the file cannot be written.
    """
    if report.conclusion is Conclusion.ERROR or report.interrupted or report.refused:
        note = f"The baseline {baseline.file} was not written: the run did not judge the server."
        return replace(report, notes=(*report.notes, note))
    fail_on = FailOn(request.fail_on)
    change = updated(
        _text(baseline), baseline, report.verdicts, contract, binding=binding_levels(fail_on)
    )
    if change.changed:
        output.write(baseline.file, change.text)
    passage = gate(
        report.verdicts,
        contract,
        fail_on=fail_on,
        require_evidence=request.require_evidence,
        baseline=parse(change.text, baseline.file),
        today=report.started.date(),
    )
    note = f"The baseline {baseline.file} was written: {change.summary}"
    if TO_DO in change.text:
        note += " Say in it why each failure is known, in place of TODO."
    if not change.changed:
        note = f"The baseline {baseline.file} is up to date, and was not written."
    return replace(
        report,
        verdicts=passage.verdicts,
        conclusion=passage.conclusion,
        reason=passage.reason,
        baseline=passage.reckoning,
        notes=(*report.notes, *passage.notes, note),
    )


def _text(baseline: Baseline) -> str:
    file = Path(baseline.file)
    return file.read_text("utf-8") if file.exists() else ""
