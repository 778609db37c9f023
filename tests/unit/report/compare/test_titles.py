"""Test the titles of reports: short, and unique."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.comparisons import judged
from support.canned.reports import HOSTILE

from conformance.report.compare.side import Side, side
from conformance.report.compare.titles import LONGEST, file_names, titles

PLAIN = side(judged().as_dict(), "reports/a.json")
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


def at(**apart: float) -> datetime:
    return NOON + timedelta(**apart)


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("target", ["https://a/api", "https://b/api"], ["https://a/api", "https://b/api"]),
        ("contract", ["0.1.0", "0.2.0"], ["contract 0.1.0", "contract 0.2.0"]),
        ("tool", ["0.1.0", "0.2.0"], ["tool 0.1.0", "tool 0.2.0"]),
        ("tool", ["1", "1", "2"], ["tool 1 (1)", "tool 1 (2)", "tool 2"]),
        ("profile", ["quick", "thorough"], ["quick", "thorough"]),
        ("started", [at(), at(days=1)], ["2026-02-02", "2026-02-03"]),
        ("started", [at(), at(minutes=1)], ["2026-02-02 12:00", "2026-02-02 12:01"]),
        (
            "started",
            [at(), at(seconds=1), at(days=1)],
            ["2026-02-02 12:00:00", "2026-02-02 12:00:01", "2026-02-03 12:00:00"],
        ),
        ("seed", [7, 8], ["seed 7", "seed 8"]),
        ("file", ["r/a.json", "r/b.json"], ["a.json", "b.json"]),
        ("file", ["r/1/a.json", "r/2/a.json"], ["1/a.json", "2/a.json"]),
        ("file", ["", "a.json"], ["report 1", "a.json"]),
        ("seed", [1, 1, 1], ["report 1", "report 2", "report 3"]),
    ],
)
def test_titles(field: str, values: list[Any], expected: list[str]) -> None:
    assert list(titles([replace(PLAIN, **{field: value}) for value in values])) == expected


def test_a_title_has_as_many_features_as_are_needed() -> None:
    sides = [
        replace(PLAIN, target="https://a", seed=1),
        replace(PLAIN, target="https://b", seed=2),
        replace(PLAIN, target="https://a", started=at(days=1)),
    ]
    assert titles(sides[:2]) == ("https://a", "https://b")
    days = ("2026-02-02", "2026-02-02", "2026-02-03")
    targets = ("https://a", "https://b", "https://a")
    assert titles(sides) == tuple(map("{}, {}".format, targets, days))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a.json", "b.json"], ["a.json", "b.json"]),
        (["x/a.json", "y/a.json"], ["x/a.json", "y/a.json"]),
        (["x/1/a.json", "y/1/a.json", "z.json"], ["x/1/a.json", "y/1/a.json", "z.json"]),
        (["a.json", "old/a.json"], ["a.json", "old/a.json"]),
        (["/r/a.json", "a.json"], ["r/a.json", "a.json"]),
        (["a.json", "a.json"], ["a.json", "a.json"]),
        (["./a.json", "a.json"], ["a.json", "a.json"]),
        (["", "a.json"], ["", "a.json"]),
    ],
)
def test_file_names(paths: list[str], expected: list[str]) -> None:
    assert file_names(paths) == expected


TEXTS = st.one_of(st.sampled_from(["x", "x (1)", HOSTILE, "y" * 9_000]), st.text(min_size=1))
SIDES = st.lists(
    st.builds(
        lambda target, tool, file, seed: replace(
            PLAIN, target=target, tool=tool, file=file, seed=seed
        ),
        TEXTS,
        TEXTS,
        st.sampled_from(["", "a.json", "b/a.json", "./a.json", HOSTILE]),
        st.sampled_from([1, 2, 10**3000]),
    ),
    min_size=2,
    max_size=6,
)


@given(SIDES)
def test_no_two_titles_are_alike(sides: list[Side]) -> None:
    found = titles(sides)
    assert len(set(found)) == len(sides)
    assert all(title.isprintable() and 0 < len(title) <= 8 * LONGEST for title in found)
