"""Searching the targets of a fleet; tests/browser/test_fleet_page.py tries the same in the page."""

from __future__ import annotations

import re

import pytest
from support.canned.fleets import SEARCHES, mixed

from conformance.errors import UsageError
from conformance.fleet.search import matching


@pytest.mark.parametrize(("search", "names"), SEARCHES)
def test_a_search(search: str, names: str) -> None:
    assert [one.name for one in matching(mixed().entries, search)] == names.split()


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("region:eu -FILTER:faild", "no requirement has the outcome 'faild'; did you mean failed?"),
        ("outcome:failed", "no target has the outcome 'failed'; write one of conformant, "),
        ("-outcome:error,conformat", "no target has the outcome 'conformat'; did you mean conf"),
        ("exit:2", "no target has the exit code '2'; write one of 0, 1, 3"),
        ("exit:", "no target has the exit code ''"),
    ],
)
def test_what_no_target_can_have(search: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        matching((), search)
