"""Test the renderers of a self-test: complete, and without injected markup."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.canned.reports import HOSTILE, LAW
from support.canned.trials import fault, matrix, tried_fault, tried_variation
from support.pages.html_page import Page

from conformance.checks.verdict import Outcome
from conformance.report.render import templating
from conformance.report.render.console import WIDEST, console_for
from conformance.selftest import html, markdown
from conformance.selftest import terminal as selftest_terminal
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import Mark, families, mark
from conformance.selftest.tasks import Broken
from conformance.selftest.trial import lost

PERMITTED = tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"])
MISSED = tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"])
WRONG = tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"])
LOST = lost(fault("HTTP-02", name="a-lost"), Broken("its process ended"), "quick")
BLAMED = tried_variation("odd-blamed", {"HTTP-01": Outcome.FAILED})
OPEN = tried_variation("odd-open", {"FILTER-05": Outcome.INCONCLUSIVE}, undecided={"FILTER"})
TWO = tried_fault("a-two", ["HTTP-01", "MODEL-01"], ["HTTP-01", "MODEL-01", "MODEL-02"])
EVERYTHING = matrix(
    faults=(PERMITTED, MISSED, WRONG, TWO, LOST), variations=(BLAMED, OPEN), whole=False
)
MARKUP = "<script>alert(1)</script> & 'a' \"b\" | `c` *d* [e](https://f) {{ g }} {% h %}"


def hostile(text: str) -> Matrix:
    """Return a result in which every text from a server or catalogue is this text."""
    name = f"http-{text}"
    return matrix(
        faults=(
            tried_fault(name, ["HTTP-01"], ["HTTP-01"], description=text),
            tried_fault(name, ["HTTP-01"], [], description=text, besides=(text,)),
            lost(fault("HTTP-02", name=name, description=text), Broken(text), "quick"),
        ),
        variations=(tried_variation(name, {"HTTP-01": Outcome.FAILED}, description=text),),
        families=dict.fromkeys(LAW.families, text),
        contract_version=text,
        whole=False,
    )


def terminal(whole: Matrix, *, verbose: bool = False) -> str:
    stream = io.StringIO()
    selftest_terminal.render(whole, console_for(stream), verbose=verbose)
    return stream.getvalue()


RENDERERS: list[Callable[[Matrix], str]] = [
    terminal,
    markdown.render,
    html.render,
]


@pytest.mark.parametrize("render", RENDERERS)
def test_all_as_declared(render: Any) -> None:
    text = render(matrix())
    assert "passed" in text.lower()
    assert "failed" not in Page(text).text.lower().replace("must failed", "")
    assert matrix().summary().split(",")[0].split()[0] in text


@pytest.mark.parametrize("render", RENDERERS)
def test_every_problem_is_shown(render: Any) -> None:
    text = render(EVERYTHING)
    if render is html.render:
        text = Page(text).text
    elif render is markdown.render:
        text = rendered(text)
    words = " ".join(text.split())
    for problem in EVERYTHING.problems:
        assert problem.message in words
    for row in EVERYTHING.rows():
        assert row.requirement.id in words or row.slowest is None


def rendered(text: str) -> str:
    """Return the text of rendered Markdown."""
    page = Page(MarkdownIt("gfm-like", {"linkify": False}).render(text))
    return page.text.replace("\u200b", "")


def test_the_terminal_shows_numbers_by_requirement() -> None:
    text = terminal(EVERYTHING)
    assert re.search(r"^    FILTER-01 +MUST +1 of 1 +1\.2 s  a-found$", text, re.MULTILINE)
    assert re.search(r"^    FILTER-02 +MUST +0 of 1 +1 +1\.2 s  a-", text, re.MULTILINE)
    assert re.search(r"^    odd +1 of 2 +1\.2 s  odd-blamed$", text, re.MULTILINE)
    last = "2 of 5 faults caught, 1 of 2 variations accepted: 92.1 s"
    assert f"FAILED  {len(EVERYTHING.problems)} problems: {last}\n" in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert max(map(len, text.splitlines())) <= WIDEST


def test_the_terminal_shows_each_server_if_asked() -> None:
    text = terminal(EVERYTHING, verbose=True)
    for line in (
        "ok      a-found     1.2 s  FILTER-01 +FILTER-02",
        "FAILED  a-missed    1.2 s  missed FILTER-02 FILTER-03",
        "FAILED  a-wrong     1.2 s  FILTER-04 not permitted HTTP-01",
        "FAILED  a-lost      0.0 s  missed HTTP-02",
        "FAILED  odd-blamed  1.2 s  failed HTTP-01",
        "ok      odd-open    1.2 s  undecided FILTER-05",
    ):
        assert f"\n  {line}\n" in text, text


@pytest.mark.parametrize("columns", [30, 40, 60, 80])
def test_no_name_is_cut_in_a_narrow_terminal(columns: int) -> None:
    name = "filter-active-means-having-models"
    whole = matrix(
        faults=(tried_fault(name, ["FILTER-06"], ["FILTER-06", "SECRET-01"]), PERMITTED, MISSED),
        variations=(BLAMED, OPEN),
    )
    stream = io.StringIO()
    console = console_for(stream)
    console.width = columns
    selftest_terminal.render(whole, console, verbose=True)
    lines = stream.getvalue().splitlines()
    assert max(len(line) for line in lines if name not in line) <= columns
    begun = {line.split()[0] for line in lines if line.startswith("    ")}
    assert {"FILTER-01", "FILTER-06", "SECRET-01", "odd"} <= begun
    assert {"  FILTER", "  SECRET"} <= {*lines}
    assert any(name in line for line in lines)
    for line in lines:
        # A column that does not fit is left out completely.
        assert not re.search(r"\w…", line)


def test_an_interruption_is_the_headline() -> None:
    whole = matrix(faults=(PERMITTED,), interrupted=True, left=("b",), whole=False)
    assert "\nINTERRUPTED  1 fault caught, 1 variation accepted, 1 not tested: " in terminal(whole)
    assert "**Interrupted.**" in markdown.render(whole)
    assert "before 1 server was tested." in markdown.render(whole)
    assert "interrupted: 1 server was not tested." in Page(html.render(whole)).text


def test_a_requirement_without_a_fault_stands_out() -> None:
    whole = matrix(faults=(PERMITTED,))
    for text in (terminal(whole), markdown.render(whole), html.render(whole)):
        assert "HTTP-01" in text
        assert "no fault" in text


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, "a\nb", ""])
def test_hostile_text_stays_text(text: str) -> None:
    whole = hostile(text)
    plain = terminal(whole, verbose=True)
    assert all(line.isprintable() for line in plain.splitlines())
    page = html.render(whole)
    page.encode("utf-8")
    seen = Page(page)
    assert "script" not in seen.tags
    assert seen.tags.count("h1") == 1
    document = markdown.render(whole)
    document.encode("utf-8")
    assert all(line.isprintable() for line in document.splitlines())
    shown = Page(MarkdownIt("gfm-like", {"linkify": False}).render(document))
    assert not {"script", "a", "em", "img"} & {*shown.tags}


def test_markup_is_seen_as_it_was_written() -> None:
    whole = hostile(MARKUP)
    assert MARKUP in Page(html.render(whole)).text
    assert MARKUP in rendered(markdown.render(whole))


def test_every_row_of_markdown_has_the_cells_of_its_head() -> None:
    for whole in (EVERYTHING, matrix(), hostile(MARKUP)):
        head = 0
        for line in markdown.render(whole).splitlines():
            cells = len(re.split(r"(?<!\\)\|", line))
            if line.startswith("|"):
                head = head or cells
                assert cells == head, line
            else:
                head = 0


@given(st.text())
def test_any_text_in_markdown(text: str) -> None:
    for made in (templating.plain(text), templating.code(text)):
        assert made.isprintable()
        (line,) = f"{made} ".splitlines()
        assert not re.search(r"(?<!\\)\|", line)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"))))
def test_plain_text_reads_the_same_in_markdown(text: str) -> None:
    cell = f"| a |\n|---|\n| x{templating.plain(text)}x |\n"
    words = rendered(cell)
    assert words.split() == ["a", *f"x{text}x".split()]


def test_the_page_needs_nothing_else() -> None:
    text = html.render(EVERYTHING)
    page = Page(text)
    page.check()
    assert "style" in page.inline
    assert "script" not in page.tags
    assert "://" not in text
    assert "prefers-color-scheme: dark" in text


def test_signs_have_words() -> None:
    page = Page(html.render(EVERYTHING))
    for meaning in html.MEANINGS.values():
        assert meaning in page.text
    assert "FILTER-02: not tripped, although declared" in page.titles
    # Requirements of other families have no column in this table.
    assert "✗ trips HTTP-01, which it is not declared to break: " in page.text
    assert "It is made up. Trips MODEL-01, as declared. Also trips MODEL-02." in page.text


def test_marks() -> None:
    assert mark(PERMITTED, "FILTER-01") is Mark.FOUND
    assert mark(PERMITTED, "FILTER-02") is Mark.OTHER
    assert mark(PERMITTED, "FILTER-03") is None
    assert mark(MISSED, "FILTER-02") is Mark.MISSED
    assert mark(WRONG, "HTTP-01") is Mark.WRONG


def test_a_fault_of_a_family_that_the_contract_does_not_have() -> None:
    whole = matrix(faults=(tried_fault("x-new", ["NEW-01"], []),), whole=False)
    (family,) = families(whole)
    assert (family.name, family.title, family.rows) == ("NEW", "not in this contract", ())
    for render in RENDERERS:
        assert "x-new" in render(whole)
