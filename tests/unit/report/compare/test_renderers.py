"""Test the renderers of comparisons: complete, short, and without injected markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.canned.comparisons import checked, judged
from support.canned.hostile_reports import TEXTS, WAYS, hostile
from support.canned.reports import FINDING, LAW
from support.pages import html_page, markdown_page
from support.pages.markdown_page import COMMAND
from support.pages.printed import printed

from conformance.checks.verdict import Outcome
from conformance.report.compare import html, markdown
from conformance.report.compare import terminal as compare_terminal
from conformance.report.compare.comparison import Comparison, compare
from conformance.report.render import json as as_json
from conformance.report.report import (
    BaselineResult,
    ClientRun,
    Conclusion,
    Problem,
    ProblemKind,
)

CLIENT = ClientRun(("python", "main.py"), 31, 31)
FAILED, OPEN = Outcome.FAILED, Outcome.INCONCLUSIVE
TWO, ONE = WAYS
BEFORE = judged(
    {"HTTP-01": FAILED, "HTTP-02": FAILED, "AUTH-01": FAILED, "STABLE-01": OPEN},
    ways={"HTTP-02": [ONE]},
    known={"AUTH-01": "until 4.2"},
)
AFTER = judged(
    dict.fromkeys(("HTTP-02", "HTTP-03", "SHAPE-06", "AUTH-01"), FAILED)
    | {"FILTER-01": OPEN, "FILTER-02": OPEN},
    ways={"HTTP-02": [TWO]},
    later=1,
)
PAIR = compare(BEFORE, AFTER)
MANY = compare(BEFORE, AFTER, judged({"HTTP-01": FAILED}, only=["HTTP", "AUTH"], later=2))
SAME = compare(BEFORE, BEFORE)


def terminal(whole: Comparison, columns: int = 100) -> str:
    text = printed(compare_terminal.render, whole, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert not re.search(r"[ \t]\n", text)
    return text


def words(render: Callable[[Comparison], str], whole: Comparison) -> str:
    """Return the visible words."""
    text = render(whole)
    if render is markdown.render:
        text = markdown_page.Page(text).text
    if render is html.render:
        page = html_page.Page(text)
        page.check()
        text = page.text
    return " ".join(text.split())


EVERY = pytest.mark.parametrize("render", [terminal, markdown.render, html.render])


def test_the_terminal_shows_changes_of_a_pair() -> None:
    text = terminal(PAIR)
    for expected in (
        "\n  earlier  2026-02-02 03:04 UTC\n           not conformant: 57 passed, 2 failed, 1 inco",
        "\n  later    2026-02-03 03:04 UTC\n           not conformant: 55 passed, 4 failed, 2 inco",
        f"  both     https://conductor.example.com/api, contract {LAW.version}, profile",
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
    assert re.findall(r"^[A-Z]+-\d+ \w+", text, re.MULTILINE)[0] == "HTTP-03 newly"


def test_the_terminal_shows_many_in_a_table() -> None:
    text = terminal(MANY)
    for line in (
        r" +1 +2 +3\n +2026-02-02 +2026-02-03 +2026-02-04$",
        r"HTTP-01 +MUST +failed +passed +failed +\w",
        r"HTTP-02 +MUST +failed a +failed b +passed +\w",
        r"AUTH-01 +MUST +known to fail +failed +passed +\w",
        r"STABLE-01 +MUST +inconclusive +passed +not judged +\w",
        r"Reports with the same letter fail in the same way\.",
        rf"SIDE BY SIDE  The 3 reports differ in 8 of {len(LAW.requirements)} requirements: HTTP-0",
    ):
        assert re.search(f"^{line}", text, re.MULTILINE), line


@pytest.mark.parametrize("number", [2, 4])
def test_in_a_narrow_terminal_addresses_and_ids_are_whole(number: int) -> None:
    odd = [requirement.id for requirement in LAW.requirements][::2]
    urls = [f"http://127.0.0.1:{9300 + one}/api" for one in range(number)]
    reports = [
        judged(dict.fromkeys(odd, OPEN), later=one, target=url) for one, url in enumerate(urls)
    ]
    text = terminal(compare(*reports), 80)
    for url in urls:
        assert text.count(f"{url}, 2026-02-") == 1
    whose = "both" if number == 2 else "all"
    assert f"inconclusive in {whose} {', '.join(odd)} " in " ".join(text.split())
    assert "…" not in text


@pytest.mark.parametrize("number", [6, 12, 50])
def test_a_table_of_many_reports_fits_the_terminal(number: int) -> None:
    text = terminal(compare(*[BEFORE, AFTER] * (number // 2)))
    assert "✗ failed  k known to fail  ? inconclusive" in text or number == 6
    cells = " ".join(re.findall(r"^HTTP-03 +MUST +(.*)$", text, re.MULTILINE)).split()
    assert len([one for one in cells if one in ("failed", "✗")]) == number // 2


def test_markdown_shows_changes_of_a_pair() -> None:
    text = markdown.render(PAIR)
    assert text.startswith("## ❌ Regression: contract of GET /api/integrations/provider\n")
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == [
        "Newly failing",
        "Evidence lost",
        "Failing in another way",
        "Known to fail in one report only",
        "Newly passing",
        "Now decided",
    ]
    assert "| HTTP-03 | MUST | passed → failed |" in text
    assert "\n- response: `seen` at `/0/name`\n- expected: other\n" in text
    assert "<summary>53 requirements with the same result in both</summary>" in text


def test_markdown_shows_many_in_a_table() -> None:
    text = markdown.render(MANY)
    assert text.startswith("## ⚖️ Side by side: ")
    assert "| HTTP-02 | MUST | failed a | failed b | passed |" in text
    assert "| STABLE-01 | MUST | inconclusive | passed | not judged |" in text


def test_the_page_shows_differences_first() -> None:
    text = words(html.render, PAIR)
    assert text.index("HTTP-03 MUST") < text.index("HTTP-01 MUST")
    assert "Regression 1 requirement that counts is newly failing: HTTP-03; SHAPE" in text
    assert f"new fingerprint {TWO}; gone fingerprint {ONE}" in text
    assert text.count("Newly failing 2, 1 of them not counted") == 2
    many = words(html.render, MANY)
    assert "failed a" in many
    assert "Differences HTTP-01 MUST ✗ failed ✓ passed ✗ failed" in many
    none = words(html.render, SAME)
    assert "Nothing changed." in none
    assert "Differences" not in none
    assert "The same in both" in none


@EVERY
@pytest.mark.parametrize("whole", [PAIR, MANY, SAME])
def test_every_requirement_and_note_is_shown(
    render: Callable[[Comparison], str], whole: Comparison
) -> None:
    text = words(render, whole)
    for told in (whole.reason, *whole.notes, *(row.id for row in whole.rows if row.differs)):
        assert told in text


@EVERY
def test_uncounted_failures_are_marked(render: Callable[[Comparison], str]) -> None:
    text = words(render, PAIR)
    assert text.count("SHOULD, does not count") == 1
    assert "MUST, does not count" not in text


OF_CLIENTS = compare(
    judged(client=CLIENT, target="python main.py"),
    judged({"HTTP-01": FAILED}, client=CLIENT, target="python main.py", later=1),
)


@EVERY
def test_reports_on_clients_do_not_speak_of_servers(render: Callable[[Comparison], str]) -> None:
    text = words(render, OF_CLIENTS).lower()
    assert re.search(r"\bscenario\b.*\bclient\b.*\bexpected\b", text)
    for wrong in ("response seen", "contract of", "conductor contract", "profile standard"):
        assert wrong not in text


@EVERY
def test_a_baseline_that_does_not_fit_is_no_broken_requirement(
    render: Callable[[Comparison], str],
) -> None:
    problem = Problem(ProblemKind.STALE, "HTTP-01", "It passes now.")
    misfit = BaselineResult("k.toml", (problem,))
    met = judged(conclusion=Conclusion.NON_CONFORMANT, baseline=misfit)
    broken = replace(judged({"HTTP-02": FAILED}, later=1), baseline=misfit)
    text = words(render, compare(met, broken))
    assert text.count("baseline does not fit: ") == 1
    assert text.count("not conformant: ") == 1


def three(text: str) -> list[Comparison]:
    before, after = hostile(text, Outcome.PASSED), hostile(text, FAILED, 1)
    undecided = hostile(text, OPEN)
    return [compare(before, after), compare(before, undecided), compare(before, after, undecided)]


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_stays_text(text: str) -> None:
    for whole in three(text):
        shown, data = printed(compare_terminal.render, whole), as_json.render(whole)
        assert all(line.isprintable() for line in shown.splitlines())
        assert not COMMAND.search(shown)
        assert not COMMAND.search(data)
        checked(data)
        markdown_page.Page(markdown.render(whole)).check()
        page = html_page.Page(html.render(whole))
        page.check()
        assert not {"script", "img"} & {*page.tags}
        assert page.tags.count("h1") == 1


@given(st.text())
@settings(max_examples=30)
def test_any_text(text: str) -> None:
    whole = compare(hostile(text, OPEN, more=1), hostile(text, FAILED, 1, more=1))
    tags = markdown_page.Page(markdown.render(whole)).tags
    assert [tags.count(tag) for tag in ("table", "h1", "h2")] == [3, 0, 1]
    printed(compare_terminal.render, whole).encode("utf-8")
    assert json.loads(as_json.render(whole)) == checked(as_json.render(whole))
    assert "".join(html.pieces(text)) == text


@pytest.mark.parametrize("text", ["x" * 9_000, "\U000e0001" * 9_000, "|`@#1" * 2_000])
def test_it_is_short_whatever_the_reports_say(text: str) -> None:
    for whole in three(text):
        # Code hosts accept 65,536 characters for a comment.
        assert len(markdown.render(whole)) < 60_000
        assert len(printed(compare_terminal.render, whole).splitlines()) < 300
