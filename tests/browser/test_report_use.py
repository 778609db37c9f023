"""Using the HTML report: filters, the search, links, copying, the keyboard, paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.canned.reports import LAW
from support.canned.sample_reports import BROKEN, SAMPLES, finding
from support.pages.report_page import saved
from support.pages.watched_page import Watched
from support.processes.children import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Watch = Callable[..., Watched]
HEIGHT = 900
PRINTS = "window.dispatchEvent(new Event('{}'))"


@pytest.fixture
def page(watch: Watch, tmp_path: Path) -> Page:
    """Open the report of a server that breaks some requirements."""
    file = saved(SAMPLES["broken"], tmp_path)
    watched = watch(viewport={"width": 1440, "height": HEIGHT})
    watched.page.goto(file.as_uri())
    return watched.page


def card(page: Page, requirement: str) -> Locator:
    return page.locator(".requirement", has=page.locator(f"#{requirement}"))


def shown(page: Page) -> list[str]:
    """Return the ids of the requirements that are to be seen."""
    return page.locator(".requirement:not([hidden]) > summary > h3").all_inner_texts()


def chip(page: Page, name: str) -> Locator:
    return page.locator(f".chip[data-value='{name}']")


def opened(page: Page, requirement: str) -> bool:
    return card(page, requirement).get_attribute("open") is not None


def in_view(page: Page, requirement: str) -> bool:
    """Whether the line of a requirement is within the window."""
    box = card(page, requirement).locator("summary").first.bounding_box()
    assert box is not None
    return -1 <= box["y"] < HEIGHT - box["height"]


def test_filters_by_outcome_and_level(page: Page) -> None:
    assert len(shown(page)) == len(LAW.requirements)
    chip(page, "failed").click()
    assert shown(page) == ["HTTP-04", "FILTER-01", "ROBUST-01"]
    assert chip(page, "failed").get_attribute("aria-pressed") == "true"
    assert page.locator("#status").inner_text() == f"3 of {len(LAW.requirements)} shown"
    # Families of which nothing is left are gone, too.
    assert page.locator(".family:visible").count() == 3
    chip(page, "not met").click()
    assert shown(page) == ["HTTP-04", "MODEL-03", "FILTER-01", "ROBUST-01"]
    chip(page, "SHOULD").click()
    assert shown(page) == ["MODEL-03"]
    chip(page, "not met").click()
    assert shown(page) == []
    assert page.locator("#status").inner_text() == f"0 of {len(LAW.requirements)} shown"
    page.get_by_role("button", name="Clear filters").click()
    assert len(shown(page)) == len(LAW.requirements)
    assert page.locator("#status").inner_text() == ""
    assert page.locator("#search").evaluate("(field) => field === document.activeElement")


def test_the_search_finds_words_of_whatever_is_told(page: Page) -> None:
    search = page.get_by_role("searchbox")
    search.fill("model apis")
    found = shown(page)
    assert "MODEL-01" in found
    assert "HTTP-01" not in found
    # What is folded is searched, too: the findings, the source.
    search.fill('AI_MODEL "CURL"'.replace('"', ""))
    assert shown(page) == [*BROKEN]
    chip(page, "MUST").click()
    assert shown(page) == [one for one in BROKEN if one != "MODEL-03"]
    search.fill("filter-0")
    assert len(shown(page)) == 9
    search.press("Escape")
    assert search.input_value() == ""
    assert len(shown(page)) > 30
    search.fill("no such word")
    assert shown(page) == []


def test_a_permanent_link_opens_what_it_names(page: Page) -> None:
    address = page.url
    assert not opened(page, "AUTH-03")
    page.goto(f"{address}#AUTH-03")
    wait_until(lambda: opened(page, "AUTH-03") and in_view(page, "AUTH-03"))
    line = card(page, "AUTH-03").locator("summary").first
    assert line.evaluate("(one) => one === document.activeElement")
    # Of a page that is opened with it.
    other = page.context.new_page()
    other.goto(f"{address}#STABLE-02")
    wait_until(lambda: opened(other, "STABLE-02") and in_view(other, "STABLE-02"))
    for nonsense in ("#nothing", "#%", "#%E0%A4%A", "#<b>", "#"):
        other.goto(f"{address}{nonsense}")
        assert len(shown(other)) == len(LAW.requirements)


def test_a_link_leads_there_even_while_a_filter_hides_it(page: Page) -> None:
    chip(page, "passed").click()
    page.get_by_role("searchbox").fill("http")
    assert "FILTER-01" not in shown(page)
    page.locator(".broken a[href='#FILTER-01']").click()
    wait_until(lambda: len(shown(page)) == len(LAW.requirements))
    wait_until(lambda: opened(page, "FILTER-01") and in_view(page, "FILTER-01"))
    # The same link again, though the address does not change by it.
    card(page, "FILTER-01").locator("summary").first.click()
    assert not opened(page, "FILTER-01")
    page.locator(".grid a[href='#FILTER-01']").first.click()
    wait_until(lambda: opened(page, "FILTER-01"))
    # A link to a family does the same, and what is shown already stays filtered.
    chip(page, "failed").click()
    page.get_by_role("link", name="FILTER", exact=True).click()
    assert shown(page) == ["HTTP-04", "FILTER-01", "ROBUST-01"]
    page.get_by_role("link", name="SHAPE", exact=True).click()
    wait_until(lambda: len(shown(page)) == len(LAW.requirements))


def test_the_command_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = card(page, "FILTER-01").locator(".copy").first
    assert button.get_attribute("aria-label") == "Copy the command that reproduces FILTER-01"
    button.click()
    wait_until(lambda: button.inner_text() == "Copied")
    assert page.get_by_role("status").last.inner_text() == "Copied."
    assert page.evaluate("navigator.clipboard.readText()") == finding().curl


def test_the_command_is_copied_without_permission_too(page: Page) -> None:
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: () => Promise.reject(new Error('no'))}})"
    )
    button = card(page, "FILTER-01").locator(".copy").first
    button.click()
    wait_until(lambda: button.inner_text() == "Copied")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Control+V")
    assert page.get_by_role("searchbox").input_value() == finding().curl


def test_the_keyboard_is_enough(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the requirements")
    assert skip.evaluate("(one) => one === document.activeElement")
    box = skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("auth-0/")
    page.keyboard.press("Backspace")
    assert len(shown(page)) == 9
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.value") == "failed"
    page.keyboard.press("Space")
    assert shown(page) == []
    page.keyboard.press("Space")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert not opened(page, "AUTH-01")
    page.keyboard.press("Enter")
    assert opened(page, "AUTH-01")
    page.keyboard.press("Enter")
    assert not opened(page, "AUTH-01")


def test_all_is_opened_and_closed_at_once(page: Page) -> None:
    button = page.locator("#expand")
    chip(page, "not met").click()
    card(page, "MODEL-03").evaluate("(one) => (one.open = false)")
    button.click()
    assert opened(page, "MODEL-03")
    assert not opened(page, "AUTH-01")
    assert button.inner_text() == "Close all"
    button.click()
    assert not opened(page, "MODEL-03")
    card(page, "MODEL-03").locator("summary").first.click()
    wait_until(
        lambda: page.evaluate("document.getElementById('expand').textContent === 'Close all'")
    )


def test_on_paper_what_failed_is_opened_and_closed_again(page: Page) -> None:
    for one in BROKEN:
        card(page, one).evaluate("(one) => (one.open = false)")
    page.emulate_media(media="print")
    page.evaluate(PRINTS.format("beforeprint"))
    assert all(opened(page, one) for one in BROKEN)
    assert not opened(page, "AUTH-01")
    assert page.locator(".finding:visible").count() == 12
    assert not page.locator(".tools").is_visible()
    assert not page.locator(".copy").first.is_visible()
    page.evaluate(PRINTS.format("afterprint"))
    page.emulate_media(media="screen")
    assert not any(opened(page, one) for one in BROKEN)
