"""The Markdown of the contract as HTML; markup in it stays text."""

from __future__ import annotations

from functools import cache
from typing import Any

from markupsafe import Markup


def block(text: str) -> Markup:
    """Return paragraphs, lists and the like."""
    return Markup(_reader().render(text))  # noqa: S704 - the reader lets no markup through


def line(text: str) -> Markup:
    """Return what goes into a line."""
    return Markup(_reader().renderInline(text))  # noqa: S704 - see `block`


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})
