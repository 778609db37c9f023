"""All names are found in one pass through a text."""

from __future__ import annotations

import pytest

from conformance.core.names import Names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("gpt-4", [(0, "gpt-4")]),
        ("a gpt-4o and -x.", [(2, "gpt-4"), (2, "gpt-4o"), (13, "-x")]),
        ("x", []),
        ("xgpt-4 or gpt_4", []),
        ("*** gpt 4", [(4, "gpt 4")]),
    ],
)
def test_names_in_a_text(text: str, found: list[tuple[int, str]]) -> None:
    assert sorted(Names(["gpt-4", "gpt-4o", "gpt 4", "-x", "***"]).found(text)) == found
    assert not [*Names().found(text)]
