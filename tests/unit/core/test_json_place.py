"""A place is compared in constant time, and its pointer is bounded."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from conformance.core.json_place import LONGEST, ROOT, Place
from conformance.core.text import pointer

PARTS = st.lists(st.text(max_size=5) | st.integers(0, 20), max_size=6)


@given(PARTS, PARTS)
@example(["", "", ""], ["", 0, ""])
def test_places_are_equal_if_their_parts_are(one: list[str | int], other: list[str | int]) -> None:
    assert str(Place.of(*one)) == pointer(*one)
    assert (Place.of(*one) == Place.of(*other)) is (one == other)
    assert len({Place.of(*one), Place.of(*one)}) == 1
    assert Place.of() == ROOT
    assert Place.of(*one) != pointer(*one)


def test_of_a_long_pointer_the_end_is_shown() -> None:
    deep = ROOT
    for _ in range(10_000):
        deep = deep / "abc"
    assert len(str(deep)) == LONGEST
    assert str(deep).startswith("/…")
    assert str(deep / "x~").endswith("/abc/abc/x~0")
    assert len(str(ROOT / ("n" * 200_000))) == LONGEST
