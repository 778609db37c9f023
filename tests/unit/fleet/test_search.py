"""Searching the targets of a fleet; tests/browser/test_fleet_page.py tries the same in the page."""

from __future__ import annotations

import pytest
from support.canned.fleets import SEARCHES, mixed

from conformance.errors import UsageError
from conformance.fleet.search import matching


@pytest.mark.parametrize(("search", "names"), SEARCHES)
def test_a_search(search: str, names: str) -> None:
    assert [one.name for one in matching(mixed().entries, search)] == names.split()


def test_an_outcome_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="no requirement has the outcome 'faild'; did you mean f"):
        matching((), "region:eu -FILTER:faild")
