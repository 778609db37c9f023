"""The page of a comparison, looked at in a browser."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from support.canned.comparisons import judged
from support.canned.hostile_reports import hostile
from support.canned.reports import HOSTILE
from support.pages.watched_page import Watched
from support.processes.children import wait_until

from conformance.checks.verdict import Outcome
from conformance.report.compare import html
from conformance.report.compare.comparison import Comparison, compare
from conformance.report.report import Report

FAILED, OPEN, ERROR = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
MARKUP = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
OUTCOMES = (
    {"MODEL-01": FAILED, "FILTER-01": OPEN},
    {"MODEL-01": FAILED, "FILTER-02": FAILED, "FILTER-03": OPEN, "AUTH-01": FAILED},
    {"HTTP-01": ERROR, "HTTP-02": Outcome.NOT_APPLICABLE},
)


def numbered(number: int) -> Report:
    """Return one of many reports."""
    return judged(
        OUTCOMES[number % 3],
        known={"AUTH-01": "until 4.2"},
        ways={"MODEL-01": [f"{number % 3:012x}"]},
        later=number,
        target=f"https://conductor-{number // 4}.staging.example.com/api",
    )


PAIR = compare(numbered(0), numbered(1))
MANY = compare(*map(numbered, range(12)))
COMPARISONS = {
    "pair": PAIR,
    "many": MANY,
    "same": compare(numbered(0), numbered(0)),
    "untold": compare(numbered(0), numbered(2)),
}


@pytest.fixture
def opened(watch: Callable[..., Watched], tmp_path: Path) -> Callable[..., Watched]:
    """Open the page of a comparison."""

    def opened(
        whole: Comparison, width: int = 1440, scheme: str = "light", to: str = ""
    ) -> Watched:
        file = tmp_path / "page.html"
        file.write_text(html.render(whole), "utf-8")
        watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
        watched.page.goto(file.as_uri() + to)
        return watched

    return opened


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        *itertools.product(["pair", "many"], ["light", "dark"], [390, 1440]),
        ("same", "light", 1440),
        ("untold", "dark", 390),
    ],
)
def test_anyone_can_read_it(
    opened: Callable[..., Watched], name: str, scheme: str, width: int
) -> None:
    watched = opened(COMPARISONS[name], width, scheme)
    assert watched.complaints == []
    assert watched.foreign("file:") == []
    assert watched.wider() == 0
    watched.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert watched.wider() == 0
    assert watched.violations() == []


def test_a_wide_table_scrolls_by_itself_and_the_requirement_stays_in_sight(
    opened: Callable[..., Watched],
) -> None:
    page = opened(MANY, 390).page
    region = page.locator(".scroll")
    assert region.evaluate("one => one.scrollWidth > 2 * one.clientWidth")
    first = page.locator(".sides tbody th[scope=row]").first
    before = first.bounding_box()
    last = page.locator(".sides tbody tr").nth(1).locator("td").last
    left = last.bounding_box()
    assert before is not None
    assert left is not None
    assert left["x"] > 390
    # With the keyboard alone.
    region.focus()
    page.keyboard.press("End")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    wait_until(lambda: page.evaluate("document.querySelector('.scroll').scrollLeft > 300"))
    after, right = first.bounding_box(), last.bounding_box()
    assert after is not None
    assert right is not None
    assert after["x"] == before["x"]
    assert right["x"] < left["x"] - 300


def test_what_counts_is_open_and_a_link_opens_what_it_leads_to(
    opened: Callable[..., Watched],
) -> None:
    page = opened(PAIR, to="#FILTER-03").page
    wait_until(
        lambda: page.evaluate("document.getElementById('FILTER-03').closest('details').open")
    )
    first = page.locator("details.requirement").first
    assert first.get_attribute("open") is not None
    assert first.locator("h3").inner_text() == "FILTER-02"
    words = first.locator(".became").inner_text().split()
    assert words == ["✓", "passed", "→", "then", "✗", "failed"]
    closed = page.locator("details.requirement:not([open])").last
    name = closed.locator("h3").inner_text()
    page.locator(f".sides a[href='#{name}']").click()
    wait_until(lambda: page.evaluate(f"document.getElementById('{name}').closest('details').open"))


def test_the_keyboard_gets_everywhere(opened: Callable[..., Watched]) -> None:
    page = opened(PAIR).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    wait_until(lambda: page.evaluate("location.hash === '#requirements'"))
    summary = page.locator("details.requirement > summary").last
    assert not summary.evaluate("one => one.parentElement.open")
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("one => one.parentElement.open")


@pytest.mark.parametrize("text", [MARKUP, HOSTILE, "\u202eevil", "]]>--><!--"])
def test_what_reports_say_stays_text(opened: Callable[..., Watched], text: str) -> None:
    before, after = hostile(text, Outcome.PASSED, more=4), hostile(text, FAILED, 1, more=4)
    for whole in (compare(before, after), compare(before, after, before)):
        watched = opened(whole, 390)
        assert watched.complaints == []
        assert watched.foreign("file:") == []
        assert "owned" not in watched.page.title()[:5]
        assert watched.page.locator("main img, main script").count() == 0
        assert watched.wider() == 0


def test_on_paper_the_whole_table_is_there(opened: Callable[..., Watched]) -> None:
    page = opened(MANY).page
    page.emulate_media(media="print")
    assert page.locator(".scroll").evaluate("one => getComputedStyle(one).overflowX") == "visible"
