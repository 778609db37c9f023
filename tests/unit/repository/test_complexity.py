"""Functions that touch text of a target take linear time; at small sizes, with a margin."""

from __future__ import annotations

import complexity
import pytest

STEEP = 1.6
"""Times of milliseconds vary by a half on a busy machine, which moves the slope by 0.3; a quadratic
function has 2."""


@pytest.mark.catalogue
@pytest.mark.parametrize("name", complexity.CASES)
def test_a_function_is_linear(name: str) -> None:
    case = complexity.CASES[name]
    assert complexity.steady_exponent(case, case.size) < STEEP


def test_a_quadratic_function_is_steep() -> None:
    square = complexity.Case(lambda size: size, lambda size: [0] * size * size, 1000)
    assert complexity.exponent(square, square.size) > STEEP
