"""The page of a self-test, looked at in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.canned.trials import matrix, tried_fault, tried_variation
from support.pages.watched_page import Watched

from conformance.checks.verdict import Outcome
from conformance.selftest import html
from conformance.selftest.matrix import Matrix

WRONG = matrix(
    faults=(
        tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"]),
        tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"]),
        tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"]),
    ),
    variations=(tried_variation("odd-blamed", {"HTTP-01": Outcome.FAILED}),),
)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("whole", [matrix(), WRONG], ids=["passed", "failed"])
def test_anyone_can_read_it(
    watch: Callable[..., Watched], tmp_path: Path, whole: Matrix, scheme: str, width: int
) -> None:
    file = tmp_path / "page.html"
    file.write_text(html.render(whole), "utf-8")
    watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
    watched.page.goto(file.as_uri())
    assert watched.complaints == []
    assert watched.foreign(file.as_uri()) == []
    assert watched.wider() == 0
    assert watched.violations() == []
