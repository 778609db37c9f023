"""The checks: pure functions from the evidence of a run to what they observed in it.

One module per family of requirements; importing this package registers all of them.
"""

from conformance.checks import (
    authentication,
    filters,
    http_answers,
    models,
    robustness,
    secrecy,
    shape,
    stability,
)
from conformance.checks.registry import CHECKS, Check

__all__ = [
    "CHECKS",
    "Check",
    "authentication",
    "filters",
    "http_answers",
    "models",
    "robustness",
    "secrecy",
    "shape",
    "stability",
]
