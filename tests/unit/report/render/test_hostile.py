"""Whatever a server, a contract or a baseline says stays text in every format."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.canned.hostile_reports import TEXTS, hostile
from support.canned.reports import LAW
from support.pages import html_page, markdown_page
from support.pages.markdown_page import COMMAND
from support.pages.printed import Terminal, printed
from support.servers.hostile_values import TEXTS as SENT

from conformance.core.text import visible
from conformance.report.render import github, html, junit, markdown, templating, terminal
from conformance.report.render import json as as_json
from conformance.report.report import Report

ANNOTATION = re.compile(r"::(error|warning) title=([^:,\r\n]+)::([^\r\n]*)")
CODES = re.compile(r"\x1b\[[0-9;]*m")
RICH = "[bold]x[/bold] [/] [link=x]y :smile: \\[x]"


def squeezed(text: str) -> str:
    return "".join(text.split())


def check(whole: Report, text: str) -> None:
    """Assert that nothing in any format is more than text."""
    plain = printed(terminal.render, whole, LAW.families)
    shown = CODES.sub("", printed(terminal.render, whole, LAW.families, stream=Terminal()))
    annotations = github.render(whole).splitlines()
    document = as_json.render(whole)
    page = html.render(whole, LAW.families)
    for lines in (plain.splitlines(), shown.splitlines(), annotations, page.split("\n")):
        assert all(line.isprintable() for line in lines)
    # On a terminal, nobody executes commands of a CI server.
    for told in (plain, document):
        assert not COMMAND.search(told)
    assert all(ANNOTATION.fullmatch(line) for line in annotations)
    assert not re.search(r"##(?=\w*\[)", "".join(annotations))
    assert len(annotations) <= 10
    assert max(map(len, annotations)) < 4_000
    read = markdown_page.Page(markdown.render(whole, LAW.families))
    read.check()
    assert [read.tags.count(tag) for tag in ("table", "h1", "h2")] == [1, 0, 1]
    seen = html_page.Page(page)
    seen.check()
    assert seen.tags.count("script") == 1
    assert not {"img", "b-", "iframe", "base", "link", "form-"} & {*seen.tags}
    assert " ".join(visible(text).split()) in seen.text.replace(" ,", ",")
    xml = junit.render(whole)
    # Characters that XML documents must not contain, even escaped (XML 1.0, section 2.2).
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", xml)
    assert {one.tag for one in ET.fromstring(xml).iter()} <= {  # noqa: S314 - made here
        *("testsuites", "testsuite", "properties", "property", "testcase"),
        *("failure", "error", "skipped", "system-out"),
    }
    assert document.isascii()
    assert json.loads(document)["target"]["url"] == whole.target


@pytest.mark.parametrize("text", [*TEXTS, RICH, *(text[:2000] for _, text in SENT.values())])
def test_hostile_text_stays_text(text: str) -> None:
    check(hostile(text, number=len(text) % 2, more=1), text)


@given(st.text())
@settings(max_examples=30)
def test_any_text_stays_text(text: str) -> None:
    check(hostile(text, number=1, more=0), text)


def test_markup_is_not_interpreted_on_a_terminal() -> None:
    assert squeezed(RICH) in squeezed(printed(terminal.render, hostile(RICH), LAW.families))


@pytest.mark.parametrize("before", range(0, 100, 7))
def test_no_wrapped_line_begins_like_a_command_for_a_ci_server(before: int) -> None:
    whole = hostile("a" * before + " ::error::x" * 20, more=0)
    lines = printed(terminal.render, whole, LAW.families).splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert any(line.lstrip().startswith("\\u003a:") for line in lines)


@pytest.mark.parametrize("text", ["x" * 9_000, "\U000e0001" * 9_000, "|`@#1" * 2_000])
def test_markdown_is_short_whatever_the_server_says(text: str) -> None:
    made = markdown.render(hostile(text), LAW.families)
    # Code hosts accept 65,536 characters for a comment.
    assert len(made) < 40_000
    assert "too long for this page" in markdown_page.Page(made).text


@pytest.mark.parametrize("text", ["@octocat", "a @org/team", "see #12", "me@example.com"])
def test_mentions_and_references_are_disabled_in_markdown(text: str) -> None:
    page = markdown_page.Page(markdown.render(hostile(text, more=0), LAW.families))
    bare = "".join(page.words)
    for code in page.code:
        bare = bare.replace(code, "", 1)
    assert not re.search(r"@\w|#\d", bare)


@given(st.text("`~ a\n"))
def test_no_text_ends_its_fence_in_markdown(text: str) -> None:
    block = templating.fenced([text], "sh")
    page = markdown_page.Page(f"before\n\n{block}\n\nafter\n")
    assert page.tags == ["p", "pre", "code", "p"]
