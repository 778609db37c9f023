"""Test the links in the sources of requirements."""

from __future__ import annotations

import re

import pytest

from conformance.publishing.sources import cited, of_earlier

SOURCES = {
    "Get All": {"url": "https://docs.example/all?a=1&b=2"},
    "Get All Models": {"url": "https://docs.example/models"},
}
RFC = "https://www.rfc-editor.org/rfc/rfc"


@pytest.mark.parametrize(
    ("source", "kinds", "links"),
    [
        ("Get All, Response.", [""], ["https://docs.example/all?a=1&amp;b=2"]),
        ("documentation: Get All Models (x).", ["documentation"], ["https://docs.example/models"]),
        ("Get Allowed; the Forget All.", [""], []),
        ("standard: RFC 7519, section 7.2.", ["standard"], [f"{RFC}7519#section-7.2"]),
        ("RFC 3986, section 3.4, and OpenAPI 3.1", [""], [f"{RFC}3986#section-3.4"]),
        ("reasoning: RFC 2119 (MUST).", ["reasoning"], [f"{RFC}2119"]),
        (
            "standard: RFC 8259, sections 2, 6 and 8.1, define it. reasoning: a text.",
            ["standard", "reasoning"],
            [f"{RFC}8259#section-{section}" for section in ("2", "6", "8.1")],
        ),
    ],
)
def test_titles_and_sections_are_links(source: str, kinds: list[str], links: list[str]) -> None:
    parts = list(cited(source, SOURCES))
    assert [kind for kind, _ in parts] == kinds
    told = " ".join(f"{kind}: {text}".removeprefix(": ") for kind, text in parts)
    assert re.sub("<[^>]+>", "", told) == source
    assert re.findall('href="([^"]+)"', told) == links


def test_the_words_of_an_earlier_version_are_linked_too() -> None:
    page = {"url": "https://docs.example/keys"}
    sources = of_earlier({**SOURCES, "Authentication and Access Keys": page})
    source = "documentation: the pages on authentication; composition: RFC 7519, section 7.2."
    assert list(cited(source, sources)) == [
        ("documentation", 'the <a href="https://docs.example/keys">pages on authentication</a>;'),
        ("composition", f'<a href="{RFC}7519#section-7.2">RFC 7519, section 7.2</a>.'),
    ]


def test_without_documents_only_standards_are_links() -> None:
    assert list(cited("a text. RFC 2119", of_earlier({}))) == [
        ("", f'a text. <a href="{RFC}2119">RFC 2119</a>')
    ]


def test_a_number_alone_names_its_section() -> None:
    ((_, text),) = cited("RFC 8259, sections 2 and 8.1", SOURCES)
    assert re.findall('aria-label="([^"]+)">', text) == [
        "RFC 8259, section 2",
        "RFC 8259, section 8.1",
    ]


def test_markup_stays_text() -> None:
    ((_, text),) = cited("<b>Get All</b>", SOURCES)
    assert text == '&lt;b&gt;<a href="https://docs.example/all?a=1&amp;b=2">Get All</a>&lt;/b&gt;'
