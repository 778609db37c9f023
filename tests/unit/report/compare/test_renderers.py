"""Test the renderers of comparisons: complete, short, and without injected markup."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.canned.comparisons import checked, compare, judged
from support.canned.hostile_reports import hostile
from support.canned.reports import FINDING, HOSTILE, LAW, verdicts
from support.pages.html_page import Page as HtmlPage
from support.pages.markdown_page import Page

from conformance.checks.verdict import Outcome
from conformance.contract.loader import load
from conformance.report.compare import html as compare_html
from conformance.report.compare import markdown as compare_markdown
from conformance.report.compare import terminal as compare_terminal
from conformance.report.compare.comparison import Comparison
from conformance.report.compare.parts import word, words
from conformance.report.render import json as compare_json
from conformance.report.render.console import WIDEST, console_for

FAILED, OPEN = Outcome.FAILED, Outcome.INCONCLUSIVE
ONE, TWO = "0123456789ab", "ba9876543210"
MARKUP = "`](x)**![x](http://h.example/)|\n# a\n```\n</details><script>@team #7 ~~x~~ $y$ _z_"
MOST = 60_000
"""Characters; code hosts accept 65,536 for a comment."""
BEFORE = judged(
    {"HTTP-01": FAILED, "HTTP-02": FAILED, "AUTH-01": FAILED, "STABLE-01": OPEN},
    ways={"HTTP-02": [ONE]},
    known={"AUTH-01": "until 4.2"},
)
AFTER = judged(
    {
        "HTTP-02": FAILED,
        "HTTP-03": FAILED,
        "SHAPE-06": FAILED,
        "FILTER-01": OPEN,
        "FILTER-02": OPEN,
        "AUTH-01": FAILED,
    },
    ways={"HTTP-02": [TWO]},
    later=1,
)
PAIR = compare(BEFORE, AFTER)
MANY = compare(BEFORE, AFTER, judged({"HTTP-01": FAILED}, only=["HTTP", "AUTH"], later=2))


def terminal(whole: Comparison) -> str:
    stream = io.StringIO()
    compare_terminal.render(whole, console_for(stream))
    return stream.getvalue()


TEXTS: list[Callable[[Comparison], str]] = [
    terminal,
    compare_markdown.render,
    compare_html.render,
]


def plain(render: Callable[[Comparison], str], whole: Comparison) -> str:
    """Return the visible words."""
    text = render(whole)
    if render is compare_markdown.render:
        text = Page(text).text
    if render is compare_html.render:
        text = HtmlPage(text).text
    return " ".join(text.split())


def test_the_terminal_shows_changes_of_a_pair() -> None:
    text = terminal(PAIR)
    for expected in (
        "\n  earlier  2026-02-02 03:04 UTC\n           not conformant: 44 passed, 2 failed, 1 inco",
        "\n  later    2026-02-03 03:04 UTC\n           not conformant: 42 passed, 4 failed, 2 inco",
        f"  both     https://conductor.example.com/api, contract {load().version}, profile",
        "\nHTTP-03 newly failing  MUST  passed → failed\n",
        "\nSHAPE-06 newly failing  SHOULD, does not count  passed → failed\n",
        "\nevidence lost  FILTER-01, FILTER-02: passed → inconclusive: a reason\n",
        "\nHTTP-02 failing in another way  MUST  failed → failed\n",
        f"\n  failures  new fingerprint {TWO}; gone fingerprint {ONE}\n",
        "\nAUTH-01 known to fail in one report only  MUST  known to fail → failed\n",
        "\nHTTP-01 newly passing  MUST  failed → passed\n",
        "\nnow decided  STABLE-01: inconclusive → passed\n",
        f"\n  reproduce {FINDING.curl}\n",
        "\nREGRESSION  1 requirement that counts is newly failing: HTTP-03; SHAPE-06 fails now ",
    ):
        assert expected in text
    heads = re.findall(r"^[A-Z]+-\d+ (?:newly|failing|known)", text, re.MULTILINE)
    assert heads[0] == "HTTP-03 newly"
    assert max(map(len, text.splitlines())) <= WIDEST
    assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("render", TEXTS)
def test_uncounted_failures_are_marked(render: Callable[[Comparison], str]) -> None:
    text = plain(render, PAIR)
    assert "1 requirement that counts is newly failing: HTTP-03; SHAPE-06 fails now" in text
    assert text.count("SHOULD, does not count") == 1
    assert "MUST, does not count" not in text
    if render is compare_html.render:
        assert text.count("Newly failing 2, 1 of them not counted") == 2
    mended = plain(render, compare(judged({"HTTP-01": FAILED}), judged({"SHAPE-06": FAILED})))
    assert "SHAPE-06 fails now but does not count. Newly passing: HTTP-01." in mended


def narrow(whole: Comparison) -> list[str]:
    """Return the lines at a width of 80 columns."""
    stream = io.StringIO()
    console = console_for(stream)
    console.width = 80
    compare_terminal.render(whole, console)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("number", [2, 4])
def test_in_a_narrow_terminal_addresses_and_ids_are_whole(number: int) -> None:
    odd = [verdict.requirement.id for verdict in verdicts()][::2]
    urls = [f"http://127.0.0.1:{9300 + one}/api" for one in range(number)]
    reports = [
        judged(dict.fromkeys(odd, OPEN), later=one, target=url) for one, url in enumerate(urls)
    ]
    lines = narrow(compare(*reports))
    assert max(map(len, lines)) <= 80
    for url in urls:
        assert len([line for line in lines if f"{url}, 2026-02-" in line]) == 1
    whose = "both" if number == 2 else "all"
    start = next(place for place, line in enumerate(lines) if line.startswith("passed in"))
    end = next(place for place, line in enumerate(lines) if line.startswith("inconclusive in"))
    told = " ".join(" ".join(lines[end:]).split())
    assert f"inconclusive in {whose} {', '.join(odd)} " in told
    assert len(" ".join(lines[start:end])) > 200
    assert not [line for line in lines if "…" in line]


def test_the_terminal_shows_many_in_a_table() -> None:
    text = terminal(MANY)
    assert re.search(r"^ +1 +2 +3\n +2026-02-02 +2026-02-03 +2026-02-04$", text, re.MULTILINE)
    assert re.search(r"^HTTP-01 +MUST +failed +passed +failed +\w", text, re.MULTILINE)
    assert re.search(r"^HTTP-02 +MUST +failed a +failed b +passed +\w", text, re.MULTILINE)
    assert re.search(r"^AUTH-01 +MUST +known to fail +failed +passed +\w", text, re.MULTILINE)
    assert re.search(r"^STABLE-01 +MUST +inconclusive +passed +not judged +\w", text, re.MULTILINE)
    assert "Reports with the same letter fail in the same way." in text
    number = len(LAW.requirements)
    assert f"The 3 reports differ in 8 of {number} requirements: HTTP-01" in text
    assert "SIDE BY SIDE  The 3 reports" in text


@pytest.mark.parametrize("number", [6, 12, 50])
def test_a_table_of_many_reports_fits_the_terminal(number: int) -> None:
    reports = [(BEFORE, AFTER)[one % 2] for one in range(number)]
    text = terminal(compare(*reports))
    assert max(map(len, text.splitlines())) <= WIDEST
    assert "✗ failed  k known to fail  ? inconclusive" in text or number == 6
    shown = re.findall(r"^HTTP-03 +MUST +(.*)$", text, re.MULTILINE)
    cells = " ".join(shown).split()
    assert len([one for one in cells if one in ("failed", "✗")]) == number // 2


def test_markdown_shows_changes_of_a_pair() -> None:
    text = compare_markdown.render(PAIR)
    assert text.startswith("## ❌ Regression: contract of GET /api/integrations/provider\n")
    heads = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert heads == [
        "Newly failing",
        "Evidence lost",
        "Failing in another way",
        "Known to fail in one report only",
        "Newly passing",
        "Now decided",
    ]
    assert "| HTTP-03 | MUST | passed → failed |" in text
    assert "\n- response: `seen` at `/0/name`\n- expected: other\n" in text
    assert "<summary>40 requirements with the same result in both</summary>" in text


def test_markdown_shows_many_in_a_table() -> None:
    text = compare_markdown.render(MANY)
    assert text.startswith("## ⚖️ Side by side: ")
    assert "| HTTP-02 | MUST | failed a | failed b | passed |" in text
    assert "| STABLE-01 | MUST | inconclusive | passed | not judged |" in text


@pytest.mark.parametrize("render", TEXTS)
@pytest.mark.parametrize("whole", [PAIR, MANY, compare(BEFORE, BEFORE)])
def test_every_requirement_and_note_is_shown(
    render: Callable[[Comparison], str], whole: Comparison
) -> None:
    text = plain(render, whole)
    for row in whole.rows:
        if row.differs:
            assert row.id in text
    for note in whole.notes:
        assert note in text
    assert whole.reason in text


def test_letters_distinguish_kinds_of_failure() -> None:
    (row,) = [row for row in MANY.rows if row.id == "HTTP-02"]
    assert words(row) == ("failed a", "failed b", "passed")
    (row,) = [row for row in MANY.rows if row.id == "AUTH-01"]
    assert words(row) == tuple(map(word, row.cells)) == ("known to fail", "failed", "passed")


def both(text: str) -> list[Comparison]:
    before, after = hostile(text, Outcome.PASSED), hostile(text, FAILED, 1)
    undecided = hostile(text, OPEN)
    return [compare(before, after), compare(before, undecided), compare(before, after, undecided)]


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, "::error::x\n##[error]x", "~~~\n```\n````", ""])
def test_hostile_text_stays_text(text: str) -> None:
    for whole in both(text):
        shown = terminal(whole)
        assert all(line.isprintable() for line in shown.splitlines())
        markdown = compare_markdown.render(whole)
        markdown.encode("utf-8")
        assert all(line.isprintable() for line in markdown.splitlines())
        page = Page(markdown)
        assert not {"a", "img", "script", "em", "h1", "del", "s"} & {*page.tags}
        assert page.tags.count("details") == markdown.count("\n<details>") <= 1
        for rendered in (shown, markdown, compare_json.render(whole)):
            assert not re.search(r"^\s*::|##(\w*)\[", rendered, re.MULTILINE)
        checked(compare_json.render(whole))
        html = HtmlPage(compare_html.render(whole))
        html.check()
        assert not {"script", "img"} & {*html.tags}
        assert html.tags.count("h1") == 1


@given(st.text())
@settings(max_examples=30)
def test_any_text(text: str) -> None:
    whole = compare(hostile(text, OPEN, more=1), hostile(text, FAILED, 1, more=1))
    page = Page(compare_markdown.render(whole))
    assert page.tags.count("table") == 3
    assert page.tags.count("h2") == 1
    terminal(whole).encode("utf-8")
    assert json.loads(compare_json.render(whole)) == checked(compare_json.render(whole))


@pytest.mark.parametrize("text", ["x" * 9_000, "\U000e0001" * 9_000, "|`@#1" * 2_000])
def test_it_is_short_whatever_the_reports_say(text: str) -> None:
    for whole in both(text):
        assert len(compare_markdown.render(whole)) < MOST
        assert len(terminal(whole).splitlines()) < 300


def test_the_page_shows_differences_first() -> None:
    page = HtmlPage(compare_html.render(PAIR))
    page.check()
    assert page.text.index("HTTP-03 MUST") < page.text.index("HTTP-01 MUST")
    assert "Regression 1 requirement that counts is newly failing: HTTP-03; SHAPE" in page.text
    assert f"new fingerprint {TWO}; gone fingerprint {ONE}" in page.text
    many = HtmlPage(compare_html.render(MANY))
    many.check()
    assert "failed a" in many.text
    assert "Differences HTTP-01 MUST ✗ failed ✓ passed ✗ failed" in many.text


@given(st.text())
@settings(max_examples=30)
def test_a_title_is_divided_and_nothing_lost(title: str) -> None:
    assert "".join(compare_html.pieces(title)) == title


def test_the_page_has_no_section_for_nothing() -> None:
    page = HtmlPage(compare_html.render(compare(BEFORE, BEFORE)))
    page.check()
    assert "Nothing changed." in page.text
    assert "Differences" not in page.text
    assert "The same in both" in page.text
