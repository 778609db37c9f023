"""TOML of users is read within limits; what exceeds them is rejected with a clause."""

from __future__ import annotations

import pytest

from conformance.core.toml_document import DEEPEST, MOST_PARTS, NotToml, read_toml

DOTTED = ".".join(["a"] * MOST_PARTS)
LARGEST = 2**63 - 1


def test_a_document_within_the_limits() -> None:
    assert read_toml(f"{DOTTED} = 1\nx = [{LARGEST}, {-LARGEST - 1}, true]")["x"] == [
        LARGEST,
        -LARGEST - 1,
        True,
    ]
    # An address or a version is text, and its dots do not separate keys.
    assert read_toml('x = "1. 2. 3.' + "..." * MOST_PARTS + '"')
    levels = DEEPEST - 1
    assert read_toml("x = " + "[" * levels + "]" * levels)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("nonsense", "Expected '=' after a key in a key/value pair (at end of document)"),
        (f"\n{DOTTED}.b = 1", "a key has more than 32 parts (at line 2)"),
        ("[" + '"a" . ' * 5000 + "b]", "a key has more than 32 parts (at line 1)"),
        (f"x = {LARGEST + 1}", "an integer has more than 64 bits"),
        ("x = [[{a = 0x" + "f" * 9000 + "}]]", "an integer has more than 64 bits"),
        ("x = " + "9" * 5000, "a number or a date is out of range"),
        ("x = 2026-02-30", "Invalid date or datetime"),
        ("x = " + "[" * 100_000, "more than 100 levels of nesting"),
        ("x = " + "[" * DEEPEST + "]" * DEEPEST, "more than 100 levels of nesting"),
        (f"[{DOTTED}]\n{DOTTED} = {{{DOTTED} = {{ x.x.x.x.x = 1 }}}}", "more than 100 levels of"),
    ],
)
def test_what_is_rejected(text: str, clause: str) -> None:
    with pytest.raises(NotToml) as caught:
        read_toml(text)
    assert clause in str(caught.value)
