"""The HTML report in a browser, as everyone gets to see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.canned.hostile_reports import hostile
from support.canned.sample_reports import SAMPLES
from support.pages.report_page import saved
from support.pages.watched_page import Watched
from support.servers.hostile_values import MARK, TEXTS

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

Watch = Callable[..., Watched]
CROSSED = [("light", 390), ("dark", 1440)]
LOOKS = [
    *((name, "dark", 390) for name in SAMPLES),
    # The largest takes its time, and has nothing that others have not.
    *((name, "light", 1440) for name in SAMPLES if name != "everything"),
    *((name, scheme, width) for name in ("broken", "known") for scheme, width in CROSSED),
]
EVERYTHING = "document.querySelectorAll('details')"


@pytest.mark.parametrize(("name", "scheme", "width"), LOOKS)
def test_anyone_can_read_it(
    watch: Watch, tmp_path: Path, name: str, scheme: str, width: int
) -> None:
    file = saved(SAMPLES[name], tmp_path)
    watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
    watched.page.goto(file.as_uri())
    assert watched.wider() == 0
    watched.page.evaluate(f"{EVERYTHING}.forEach((one) => (one.open = true))")
    assert watched.wider() == 0
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.foreign(file.as_uri()) == []


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_stays_text(watch: Watch, tmp_path: Path, name: str) -> None:
    # A real report has cut it, too.
    file = saved(hostile(TEXTS[name][1][:5000]), tmp_path)
    watched = watch(viewport={"width": 390, "height": 900})
    dialogs: list[str] = []

    def noted(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    watched.page.on("dialog", noted)
    watched.page.goto(file.as_uri())
    watched.page.locator("#expand").click()
    assert MARK in watched.page.locator(".target").inner_text()
    assert MARK in watched.page.locator(".finding .observed").first.inner_text()
    assert watched.page.locator("script").count() == 1
    assert watched.page.locator("img, iframe, object, link").count() == 0
    assert watched.page.locator("a:not([href^='#'])").count() == 0
    assert dialogs == []
    assert watched.wider() == 0
    assert watched.complaints == []
    assert watched.foreign(file.as_uri()) == []


def test_it_reads_without_its_script(watch: Watch, tmp_path: Path) -> None:
    file = saved(SAMPLES["broken"], tmp_path)
    watched = watch(java_script_enabled=False)
    page = watched.page
    page.goto(file.as_uri())
    # What would not work is not there.
    assert not page.locator(".tools").is_visible()
    assert page.locator("button:visible").count() == 0
    # The browser itself opens what is linked to, and what is clicked on.
    card = page.locator(".requirement", has=page.locator("#AUTH-03"))
    assert card.get_attribute("open") is None
    page.goto(f"{file.as_uri()}#AUTH-03")
    assert card.get_attribute("open") is not None
    summary = card.locator("summary").first
    box = summary.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 200
    other = page.locator(".requirement", has=page.locator("#SHAPE-01"))
    other.locator("summary").first.click()
    assert other.locator(".pairs").is_visible()
    assert watched.complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_a_link_shows_its_requirement_on_a_narrow_screen(
    watch: Watch, tmp_path: Path, script: bool
) -> None:
    file = saved(SAMPLES["broken"], tmp_path)
    watched = watch(java_script_enabled=script, viewport={"width": 500, "height": 900})
    watched.page.goto(f"{file.as_uri()}#FILTER-09")
    card = watched.page.locator(".requirement", has=watched.page.locator("#FILTER-09"))
    card.locator(".pairs").wait_for()
    summary, body = (card.locator(part).first.bounding_box() for part in ("summary", ".body"))
    assert summary is not None
    assert body is not None
    assert 0 <= summary["y"] < 200
    assert body["y"] + body["height"] <= 900
    assert watched.wider() == 0


def test_what_failed_is_printed_in_full_in_dark_ink_on_white(watch: Watch, tmp_path: Path) -> None:
    file = saved(SAMPLES["broken"], tmp_path)
    watched = watch(color_scheme="dark", java_script_enabled=False)
    page = watched.page
    page.goto(file.as_uri())
    page.evaluate(f"{EVERYTHING}.forEach((one) => (one.open = false))")
    assert page.locator(".finding:visible").count() == 0
    colours = "getComputedStyle(document.body)[name]"
    dark = page.evaluate(f"name => {colours}", "backgroundColor")
    page.emulate_media(media="print", color_scheme="dark")
    assert dark != "rgb(255, 255, 255)"
    assert page.evaluate(f"name => {colours}", "backgroundColor") == "rgb(255, 255, 255)"
    findings = page.locator(".finding")
    assert findings.count() == 12
    for finding in findings.all():
        box = finding.bounding_box()
        assert box is not None
        assert box["height"] > 50
        assert finding.evaluate("one => one.checkVisibility()") is True
    # What is skipped may have a size all the same.
    passed = page.locator(".requirement.good .body").first
    assert passed.evaluate("one => one.checkVisibility()") is False
