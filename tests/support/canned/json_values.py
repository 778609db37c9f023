"""Strategies for JSON values, for property tests."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st


def json_values(
    names: Collection[str] = (), floats: st.SearchStrategy[float] | None = None
) -> st.SearchStrategy[Any]:
    """Return a strategy for any JSON value; fields of its objects often have these names."""
    numbers = st.integers() | (st.floats() if floats is None else floats)
    keys = st.sampled_from(sorted(names)) | st.text(max_size=4) if names else st.text()
    return st.recursive(
        st.none() | st.booleans() | numbers | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )
