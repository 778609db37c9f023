"""Test the marking of differences between observed and expected texts."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.render.differences import Part, marked


def written(parts: Iterable[Part]) -> str:
    """Return the text with marked parts in <angle brackets>."""
    return "".join(f"<{part.text}>" if part.differs else part.text for part in parts)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        # Variants of one sentence: the differing words are marked.
        (
            '<no> member "name" in provider <number 2>',
            '<the> member "name" in <every> provider',
        ),
        # Different sentences: the differing data is marked.
        ("status <500>", "status <200>"),
        (
            'provider <"openAI"> of category <"AI_MODEL">',
            'only providers of category <"GIT">',
        ),
        (
            '<16> providers, such as <"openAI"> of category <"AI_MODEL">',
            "<[]> or a <4xx> status, for no provider has this category",
        ),
        (
            'provider <"Pinecone">, which it should leave out',
            'all active providers of category <"GIT"> and no others',
        ),
        ("Content-Type: <text/html>; <charset=utf-8>", "<application/json>"),
        # Data in only one of the texts has no counterpart.
        ('"modelsCount" is null', "a non-negative integer"),
        (
            '"status" of provider "Pinecone" is "b", but "a" in the unfiltered list',
            "the same provider in every result",
        ),
        # Equal texts.
        ("as it is", "as it is"),
        ("a string", ""),
    ],
)
def test_what_is_marked(observed: str, expected: str) -> None:
    plain = [text.replace("<", "").replace(">", "") for text in (observed, expected)]
    one, other = marked(*plain)
    assert (written(one), written(other)) == (observed, expected)


@given(st.text(), st.text())
def test_nothing_is_lost(observed: str, expected: str) -> None:
    for text, parts in zip((observed, expected), marked(observed, expected), strict=True):
        assert "".join(part.text for part in parts) == text
        assert all(part.text for part in parts)


@given(st.text())
def test_equal_texts_do_not_differ(text: str) -> None:
    for parts in marked(text, text):
        assert not any(part.differs for part in parts)
