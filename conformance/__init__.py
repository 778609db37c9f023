"""Judges whether a Conductor server keeps the contract of ``GET /api/integrations/provider``.

    >>> import conformance
    >>> report = conformance.run("https://conductor.example.com")  # doctest: +SKIP
    >>> report.conclusion, report.exit_code  # doctest: +SKIP

The names below are the public interface; they are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from conformance._version import __version__

if TYPE_CHECKING:
    from conformance.baseline import Baseline
    from conformance.baseline import read as read_baseline
    from conformance.comparing.compare import compare
    from conformance.comparing.comparison import Comparison
    from conformance.contract import Contract, Level, Requirement
    from conformance.contract import load as load_contract
    from conformance.credentials import AccessKey, Token
    from conformance.errors import (
        CannotTest,
        ConformanceError,
        ContractError,
        RecordingError,
        UsageError,
    )
    from conformance.exchange import Exchange
    from conformance.judge_recording import judge
    from conformance.plan import Profile
    from conformance.recording import Recorder, Recording
    from conformance.recording_reading import read as read_recording
    from conformance.report import Conclusion, FailOn, Report
    from conformance.runner import embedded_target, run
    from conformance.target import Target
    from conformance.verdict import Finding, Outcome, Verdict

_HOMES = {
    "AccessKey": "credentials",
    "Baseline": "baseline",
    "CannotTest": "errors",
    "Comparison": "comparing.comparison",
    "Conclusion": "report",
    "ConformanceError": "errors",
    "Contract": "contract",
    "ContractError": "errors",
    "Exchange": "exchange",
    "FailOn": "report",
    "Finding": "verdict",
    "Level": "contract",
    "Outcome": "verdict",
    "Profile": "plan",
    "Recorder": "recording",
    "Recording": "recording",
    "RecordingError": "errors",
    "Report": "report",
    "Requirement": "contract",
    "Target": "target",
    "Token": "credentials",
    "UsageError": "errors",
    "Verdict": "verdict",
    "compare": "comparing.compare",
    "embedded_target": "runner",
    "judge": "judge_recording",
    "load_contract": "contract:load",
    "read_baseline": "baseline:read",
    "read_recording": "recording_reading:read",
    "run": "runner",
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
