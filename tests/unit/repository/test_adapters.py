"""The adapters of docs/adapters are as short as the documentation says, and its page lists them."""

from __future__ import annotations

import re

import pytest
from support.repository import ROOT

FOLDER = ROOT / "docs" / "adapters"
ADAPTERS = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".md")


def test_the_page_lists_them() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    assert sorted(set(re.findall(r"\]\((.+?)\)", page))) == ADAPTERS
    assert len(ADAPTERS) == 4


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_short_and_follows_the_protocol(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert len(text.splitlines()) <= 25
    for variable in ("CONFORMANCE_CATEGORY", "CONFORMANCE_ACTIVE_ONLY", "CONFORMANCE_ANSWER"):
        assert variable in text
