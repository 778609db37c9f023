"""How the unit tests look for counterexamples: a little each time, and without leaving files."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# Their assertions explain themselves, too.
pytest.register_assert_rewrite("support.contracts", "support.reports", "support.verdicts")

settings.register_profile(
    "unit",
    max_examples=40,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
