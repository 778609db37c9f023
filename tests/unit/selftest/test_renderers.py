"""Test the renderers of a self-test: complete, and without injected markup."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.hostile_reports import MARKUP
from support.canned.reports import HOSTILE, LAW
from support.canned.trials import fault, matrix, tried_fault, tried_variation
from support.pages import html_page, markdown_page
from support.pages.printed import printed

from conformance.checks.verdict import Outcome
from conformance.core.worker_process import Broken
from conformance.report.render import templating
from conformance.selftest import html, markdown
from conformance.selftest import terminal as selftest_terminal
from conformance.selftest.matrix import Matrix
from conformance.selftest.parts import families
from conformance.selftest.trial import lost

PERMITTED = tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"])
MISSED = tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"])
WRONG = tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"])
LOST = lost(fault("HTTP-02", name="a-lost"), Broken("its process ended"), "quick")
BLAMED = tried_variation("odd-blamed", {"HTTP-01": Outcome.FAILED})
OPEN = tried_variation("odd-open", {"FILTER-05": Outcome.INCONCLUSIVE}, undecided={"FILTER"})
TWO = tried_fault("a-two", ["HTTP-01", "MODEL-01"], ["HTTP-01", "MODEL-01", "MODEL-02"])
NEW = tried_fault("x-new", ["NEW-01"], [])
EVERYTHING = matrix(
    faults=(PERMITTED, MISSED, WRONG, TWO, LOST), variations=(BLAMED, OPEN), whole=False
)


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


def terminal(whole: Matrix, columns: int = 100, *, verbose: bool = True) -> str:
    text = printed(selftest_terminal.render, whole, columns=columns, verbose=verbose)
    assert all(line.isprintable() for line in text.splitlines())
    assert not re.search(r"[ \t]\n", text)
    return text


def page(whole: Matrix) -> html_page.Page:
    text = html.render(whole)
    text.encode("utf-8")
    found = html_page.Page(text)
    found.check()
    assert "script" not in found.tags
    assert found.tags.count("h1") == 1
    return found


def document(whole: Matrix) -> markdown_page.Page:
    """Return the Markdown as it is seen; every row has as many cells as its head."""
    text = markdown.render(whole)
    head = 0
    for line in text.splitlines():
        cells = len(re.split(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        head = head or cells
        assert cells in (0, head), line
        head = cells and head
    found = markdown_page.Page(text)
    found.check()
    return found


FORMATS: list[Callable[[Matrix], str]] = [
    terminal,
    lambda whole: page(whole).text,
    lambda whole: document(whole).text,
]
EVERY = pytest.mark.parametrize("text_of", FORMATS, ids=["terminal", "html", "markdown"])


@EVERY
def test_all_as_declared(text_of: Callable[[Matrix], str]) -> None:
    text = text_of(matrix()).lower()
    assert "passed" in text
    assert "failed" not in text.replace("must failed", "")
    assert f"{len(LAW.requirements)} " in text


@EVERY
def test_every_problem_is_shown(text_of: Callable[[Matrix], str]) -> None:
    words = " ".join(text_of(EVERYTHING).split())
    for problem in EVERYTHING.problems:
        assert problem.message in words
    for row in EVERYTHING.rows():
        assert row.requirement.id in words or row.slowest is None


@EVERY
def test_a_requirement_without_a_fault_and_a_family_without_a_title(
    text_of: Callable[[Matrix], str],
) -> None:
    text = text_of(matrix(faults=(PERMITTED,)))
    assert "HTTP-01" in text
    assert "no fault" in text
    assert "x-new" in text_of(matrix(faults=(NEW,), whole=False))
    (family,) = families(matrix(faults=(NEW,), whole=False))
    assert (family.name, family.title, family.rows) == ("NEW", "not in this contract", ())


def test_the_terminal_shows_numbers_by_requirement() -> None:
    text = terminal(EVERYTHING, verbose=False)
    for line in (
        r"    FILTER-01 +MUST +1 of 1 +1\.2 s  a-found",
        r"    FILTER-02 +MUST +0 of 1 +1 +1\.2 s  a-.*",
        r"    odd +1 of 2 +1\.2 s  odd-blamed",
        r"FAILED  \d problems: 2 of 5 faults caught, 1 of 2 variations accepted: 92\.1 s",
    ):
        assert re.search(f"^{line}$", text, re.MULTILINE), line


def test_the_terminal_shows_each_server_if_asked() -> None:
    text = terminal(EVERYTHING)
    for line in (
        "ok      a-found     1.2 s  FILTER-01 +FILTER-02",
        "FAILED  a-missed    1.2 s  missed FILTER-02 FILTER-03",
        "FAILED  a-wrong     1.2 s  FILTER-04 not permitted HTTP-01",
        "FAILED  a-lost      0.0 s  missed HTTP-02",
        "FAILED  odd-blamed  1.2 s  failed HTTP-01",
        "ok      odd-open    1.2 s  undecided FILTER-05",
    ):
        assert f"\n  {line}\n" in text, text
    # An interruption before the first result.
    none = matrix(faults=(), variations=(), whole=False, interrupted=True, left=("a",))
    assert "INTERRUPTED  1 not tested" in terminal(none)


@pytest.mark.parametrize("columns", [30, 40, 60, 80])
def test_no_name_is_cut_in_a_narrow_terminal(columns: int) -> None:
    name = "filter-active-means-having-models"
    long = tried_fault(name, ["FILTER-06"], ["FILTER-06", "SECRET-01"])
    whole = matrix(faults=(long, PERMITTED, MISSED), variations=(BLAMED, OPEN))
    lines = terminal(whole, columns).splitlines()
    assert max(len(line) for line in lines if name not in line) <= columns
    begun = {line.split()[0] for line in lines if line.startswith("    ")}
    assert {"FILTER-01", "FILTER-06", "SECRET-01", "odd"} <= begun
    assert {"  FILTER", "  SECRET"} <= {*lines}
    assert any(name in line for line in lines)
    # A column that does not fit is left out completely.
    assert not re.search(r"\w…", "\n".join(lines))


def test_an_interruption_is_the_headline() -> None:
    whole = matrix(faults=(PERMITTED,), interrupted=True, left=("b",), whole=False)
    assert "\nINTERRUPTED  1 fault caught, 1 variation accepted, 1 not tested: " in terminal(whole)
    assert "**Interrupted.**" in markdown.render(whole)
    assert "before 1 server was tested." in markdown.render(whole)
    assert "interrupted: 1 server was not tested." in page(whole).text


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, "<b> & 'a' \"b\" {{ g }} {% h %}", "a\nb", ""])
def test_hostile_text_stays_text(text: str) -> None:
    whole = hostile(text)
    terminal(whole)
    for seen in (page(whole).text, document(whole).text):
        assert text in seen or not text.isprintable()


@given(st.text())
def test_any_text_in_markdown(text: str) -> None:
    for made in (templating.plain(text), templating.code(text)):
        assert made.isprintable()
        (line,) = f"{made} ".splitlines()
        assert not re.search(r"(?<!\\)\|", line)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"))))
def test_plain_text_reads_the_same_in_markdown(text: str) -> None:
    cell = f"| a |\n|---|\n| x{templating.plain(text)}x |\n"
    assert markdown_page.Page(cell).text.split() == f"a x{text}x".split()


def test_signs_have_words() -> None:
    seen = page(EVERYTHING)
    for told in (
        *("tripped, as declared", "also tripped, which is permitted"),
        *("not tripped, although declared", "tripped, which is not permitted"),
        # Requirements of other families have no column in this table.
        "✗ trips HTTP-01, which it is not declared to break: ",
        "It is made up. Trips MODEL-01, as declared. Also trips MODEL-02.",
    ):
        assert told in seen.text
    assert "FILTER-02: not tripped, although declared" in seen.titles
