"""The baseline of a server fits it in every run, whatever queries a run generates."""

from __future__ import annotations

import pytest
from baselines import swept


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["filter-category-ignored", "robust-unknown-parameter-crashes", "robust-repeated-crashes"],
)
def test_a_baseline_fits_runs_with_other_seeds(name: str) -> None:
    assert swept(name, 2) == {}
