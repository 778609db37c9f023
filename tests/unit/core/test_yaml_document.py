"""YAML is read within limits, as if aliases were replaced by what they refer to."""

from __future__ import annotations

import pytest

from conformance.core.yaml_document import (
    DEEPEST,
    LONGEST_NUMBER,
    MOST_NODES,
    DocumentError,
    read_yaml,
)

BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]\n" for one in range(1, 20)
)
DEEP = "a0: &a0 []\n" + "".join(
    f"a{one}: &a{one} {'[' * 40}*a{one - 1}{']' * 40}\n" for one in range(1, 9)
)


def test_aliases_are_read() -> None:
    assert read_yaml(b"a: &x [1]\nb: *x\nc: &y {d: *x}\ne: *y") == {
        "a": [1],
        "b": [1],
        "c": {"d": [1]},
        "e": {"d": [1]},
    }


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (BOMB, f"more than {MOST_NODES:,} values"),
        ("[" + "0, " * MOST_NODES + "]", f"more than {MOST_NODES:,} values"),
        (DEEP, f"more than {DEEPEST} levels of nesting"),
        ("a: &a [*a]", "found unconstructable recursive node"),
        ("a: *b", "found undefined alias"),
        *(
            (f"a: {number}", f"a number has more than {LONGEST_NUMBER} characters")
            for number in ("9" * 5000, "0x" + "f" * 5000, "1" + ":1" * 30_000, "1." + "0" * 5000)
        ),
    ],
)
def test_what_exceeds_a_limit_is_rejected(text: str, clause: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_yaml(text.encode())
    assert clause in str(caught.value)
    assert caught.value.line.startswith("line ")
