"""Check whether a Conductor server conforms to the contract of its provider listing endpoint.

The endpoint is ``GET /api/integrations/provider``.

    >>> import conformance
    >>> report = conformance.run("https://conductor.example.com")  # doctest: +SKIP
    >>> report.conclusion, report.exit_code  # doctest: +SKIP

The names in ``__all__`` are the public interface. Each is imported when it is first used, so that
importing the package stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from conformance._version import __version__

if TYPE_CHECKING:
    from conformance.checks.verdict import Finding, Outcome, Verdict
    from conformance.contract.loader import load as load_contract
    from conformance.contract.model import Contract, Level, Requirement
    from conformance.errors import (
        CannotTest,
        ConformanceError,
        ContractError,
        RecordingError,
        UsageError,
    )
    from conformance.evidence.exchange import Exchange
    from conformance.recording.judge import judge
    from conformance.recording.model import Recording
    from conformance.recording.reader import read as read_recording
    from conformance.recording.recorder import Recorder
    from conformance.report.baseline import Baseline
    from conformance.report.baseline import read as read_baseline
    from conformance.report.compare.comparison import Comparison, compare
    from conformance.report.report import Conclusion, FailOn, Report
    from conformance.report.run_metadata import Profile
    from conformance.runner.run import run
    from conformance.runner.targets import embedded_target
    from conformance.target.credentials import AccessKey, Token
    from conformance.target.target import Target

_HOMES = {
    "AccessKey": "target.credentials",
    "Baseline": "report.baseline",
    "CannotTest": "errors",
    "Comparison": "report.compare.comparison",
    "Conclusion": "report.report",
    "ConformanceError": "errors",
    "Contract": "contract.model",
    "ContractError": "errors",
    "Exchange": "evidence.exchange",
    "FailOn": "report.report",
    "Finding": "checks.verdict",
    "Level": "contract.model",
    "Outcome": "checks.verdict",
    "Profile": "report.run_metadata",
    "Recorder": "recording.recorder",
    "Recording": "recording.model",
    "RecordingError": "errors",
    "Report": "report.report",
    "Requirement": "contract.model",
    "Target": "target.target",
    "Token": "target.credentials",
    "UsageError": "errors",
    "Verdict": "checks.verdict",
    "compare": "report.compare.comparison",
    "embedded_target": "runner.targets",
    "judge": "recording.judge",
    "load_contract": "contract.loader:load",
    "read_baseline": "report.baseline:read",
    "read_recording": "recording.reader:read",
    "run": "runner.run",
}

__all__ = [
    "AccessKey",
    "Baseline",
    "CannotTest",
    "Comparison",
    "Conclusion",
    "ConformanceError",
    "Contract",
    "ContractError",
    "Exchange",
    "FailOn",
    "Finding",
    "Level",
    "Outcome",
    "Profile",
    "Recorder",
    "Recording",
    "RecordingError",
    "Report",
    "Requirement",
    "Target",
    "Token",
    "UsageError",
    "Verdict",
    "__version__",
    "compare",
    "embedded_target",
    "judge",
    "load_contract",
    "read_baseline",
    "read_recording",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), attribute or name)
