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
    ("sides", "expected"),
    [
        (
            [{"target": "https://a/api"}, {"target": "https://b/api"}],
            ["https://a/api", "https://b/api"],
        ),
        ([{"contract": "0.1.0"}, {"contract": "0.2.0"}], ["contract 0.1.0", "contract 0.2.0"]),
        ([{"tool": "0.1.0"}, {"tool": "0.2.0"}], ["tool 0.1.0", "tool 0.2.0"]),
        ([{"profile": "quick"}, {"profile": "thorough"}], ["quick", "thorough"]),
        ([{"started": at()}, {"started": at(days=1)}], ["2026-02-02", "2026-02-03"]),
        ([{"started": at()}, {"started": at(minutes=1)}], ["2026-02-02 12:00", "2026-02-02 12:01"]),
        (
            [{"started": at()}, {"started": at(seconds=1)}, {"started": at(days=1)}],
            ["2026-02-02 12:00:00", "2026-02-02 12:00:01", "2026-02-03 12:00:00"],
        ),
        ([{"seed": 7}, {"seed": 8}], ["seed 7", "seed 8"]),
        ([{"file": "r/a.json"}, {"file": "r/b.json"}], ["a.json", "b.json"]),
        ([{"file": "r/1/a.json"}, {"file": "r/2/a.json"}], ["1/a.json", "2/a.json"]),
        ([{}, {}, {}], ["report 1", "report 2", "report 3"]),
        # Exactly as many features as needed.
        (
            [{"target": "https://a", "seed": 1}, {"target": "https://b", "seed": 2}],
            ["https://a", "https://b"],
        ),
        (
            [
                {"target": "https://a", "started": at()},
                {"target": "https://a", "started": at(days=1)},
                {"target": "https://b", "started": at()},
            ],
            ["https://a, 2026-02-02", "https://a, 2026-02-03", "https://b, 2026-02-02"],
        ),
        (
            [{"tool": "1"}, {"tool": "1"}, {"tool": "2"}],
            ["tool 1 (1)", "tool 1 (2)", "tool 2"],
        ),
    ],
)
def test_titles(sides: list[dict[str, Any]], expected: list[str]) -> None:
    assert list(titles([replace(PLAIN, **one) for one in sides])) == expected


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


def test_a_report_from_memory_has_a_title_beside_one_from_a_file() -> None:
    assert titles([replace(PLAIN, file=""), replace(PLAIN, file="a.json")]) == (
        "report 1",
        "a.json",
    )


@given(SIDES)
def test_no_two_titles_are_alike(sides: list[Side]) -> None:
    found = titles(sides)
    assert len(set(found)) == len(sides)
    assert all(title.isprintable() and 0 < len(title) <= 8 * LONGEST for title in found)
