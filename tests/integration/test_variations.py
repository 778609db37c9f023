"""No legal variation is blamed for anything, and what its data can decide is decided."""

from __future__ import annotations

import pytest

from conformance.reference.variations import VARIATIONS, Variation
from conformance.selftest.server_run import tried


@pytest.mark.catalogue
@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda variation: variation.name)
def test_a_variation_is_not_blamed(variation: Variation) -> None:
    assert [problem.message for problem in tried(variation).problems] == []
