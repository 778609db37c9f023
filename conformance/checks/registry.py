"""Register the function that checks each requirement."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from conformance.checks.verdict import Observed
from conformance.evidence.evidence import Evidence

Check = Callable[[Evidence], Observed]

FAMILIES = (
    "authentication",
    "filters",
    "http_answers",
    "lifecycle",
    "models",
    "robustness",
    "secrecy",
    "shape",
    "stability",
)
"""The modules of this package that define checks."""

_CHECKS: dict[str, Check] = {}


def all_checks() -> dict[str, Check]:
    """Return all checks by the id of their requirement.

    The families are imported on demand, because code that needs only ``Verdict`` uses no check.
    """
    for family in FAMILIES:
        import_module(f"conformance.checks.{family}")
    return _CHECKS


def check(requirement_id: str) -> Callable[[Check], Check]:
    """Register the decorated function as the check of a requirement.

    Raises:
        ValueError: the requirement already has a check.
    """

    def register(function: Check) -> Check:
        if requirement_id in _CHECKS:
            raise ValueError(f"{requirement_id} has two checks")
        _CHECKS[requirement_id] = function
        return function

    return register
