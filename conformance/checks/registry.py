"""Which function checks which requirement."""

from __future__ import annotations

from collections.abc import Callable

from conformance.evidence import Evidence
from conformance.verdict import Observed

Check = Callable[[Evidence], Observed]

CHECKS: dict[str, Check] = {}
"""Requirement id to the check that judges it."""


def check(requirement_id: str) -> Callable[[Check], Check]:
    """Register the decorated function as the check of a requirement."""

    def register(function: Check) -> Check:
        if requirement_id in CHECKS:
            raise ValueError(f"{requirement_id} has two checks")
        CHECKS[requirement_id] = function
        return function

    return register
