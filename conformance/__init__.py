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
    from conformance.contract.filter_oracle import FilterOracle
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
    from conformance.target.credentials import AccessKey, Token, TokenCommand
    from conformance.target.target import Target

_HOMES = {
    "checks.verdict": ("Finding", "Outcome", "Verdict"),
    "contract.filter_oracle": ("FilterOracle",),
    "contract.loader": ("load_contract",),
    "contract.model": ("Contract", "Level", "Requirement"),
    "errors": ("CannotTest", "ConformanceError", "ContractError", "RecordingError", "UsageError"),
    "evidence.exchange": ("Exchange",),
    "recording.judge": ("judge",),
    "recording.model": ("Recording",),
    "recording.reader": ("read_recording",),
    "recording.recorder": ("Recorder",),
    "report.baseline": ("Baseline", "read_baseline"),
    "report.compare.comparison": ("Comparison", "compare"),
    "report.report": ("Conclusion", "FailOn", "Report"),
    "report.run_metadata": ("Profile",),
    "runner.run": ("run",),
    "runner.targets": ("embedded_target",),
    "target.credentials": ("AccessKey", "Token", "TokenCommand"),
    "target.target": ("Target",),
}
_OTHER_NAMES = {"load_contract": "load", "read_baseline": "read", "read_recording": "read"}

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
    "FilterOracle",
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
    "TokenCommand",
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
    for module, names in _HOMES.items():
        if name in names:
            home = import_module(f"{__name__}.{module}")
            return getattr(home, _OTHER_NAMES.get(name, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
