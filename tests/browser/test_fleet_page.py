"""The page of a fleet with 1,000 targets, looked at in a browser."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.canned.fleets import (
    SEARCHES,
    entry,
    failing,
    fleet,
    mixed,
    undecided,
    untested,
)
from support.pages.watched_page import Watched

from conformance.fleet import html
from conformance.fleet.summary import Fleet
from conformance.report.report import Report

NUMBER = 1_000
KINDS: tuple[Report | None, ...] = (
    *(None,) * 12,
    *(undecided("STABLE-01", "MODEL-02"),) * 3,
    *(failing("FILTER-01", "FILTER-02", "FILTER-04"),) * 3,
    failing("MODEL-01", way="ba9876543210"),
    untested("the connection was refused: nothing listens there"),
)


def large() -> Fleet:
    """Return a fleet of 1,000 targets, and what changed since an earlier one."""
    regions = ("eu-west", "eu-central", "us-east", "ap-south")
    entries = tuple(
        entry(
            f"conductor-{number:04}",
            KINDS[number % len(KINDS)],
            labels={"region": regions[number % 4], "stage": "prod" if number % 3 else "staging"},
            formats=("json", "html"),
        )
        for number in range(NUMBER)
    )
    now = fleet(*entries)
    before = tuple(
        replace(one, failures=(), state=entries[0].state, results=entries[0].results)
        if place % 7 == 0
        else one
        for place, one in enumerate(entries[10:])
    )
    return now.since(fleet(*before, entry("retired-1")), "fleet-2026-02-01")


@pytest.fixture(scope="module")
def page_of_large() -> str:
    return html.render(large())


@pytest.fixture
def opened(watch: Callable[..., Watched], tmp_path: Path) -> Callable[..., Watched]:
    """Open a page."""

    def opened(text: str, width: int = 1200, scheme: str = "light", to: str = "") -> Watched:
        file = tmp_path / "index.html"
        file.write_text(text, "utf-8")
        watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
        watched.page.goto(file.as_uri() + to)
        return watched

    return opened


def names(watched: Watched) -> list[str]:
    """Return the targets that are shown."""
    rows = watched.page.locator(".fleet tbody tr:visible th")
    return [text.strip() for text in rows.all_inner_texts()]


@pytest.mark.parametrize(("scheme", "width"), [*itertools.product(["light", "dark"], [390, 1200])])
def test_a_thousand_targets(
    opened: Callable[..., Watched], page_of_large: str, scheme: str, width: int
) -> None:
    watched = opened(page_of_large, width, scheme)
    assert watched.wider() == 0
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.foreign("file:") == []
    groups = watched.page.locator(".group")
    # Four ways to fail, whatever the number of targets.
    assert groups.count() == 3
    assert len(names(watched)) == NUMBER


def test_a_search_is_quick(opened: Callable[..., Watched], page_of_large: str) -> None:
    watched = opened(page_of_large)
    field = watched.page.get_by_role("searchbox")
    # Only the script; a person notices a tenth of a second, a busy machine gets five.
    took = field.evaluate(
        """(field, search) => {
            field.value = search;
            const began = performance.now();
            field.dispatchEvent(new Event("input"));
            return performance.now() - began;
        }""",
        "FILTER-04:failed region:eu-west,us-east -stage:staging",
    )
    assert took < 500
    found = names(watched)
    assert 0 < len(found) < NUMBER / 5
    # A link keeps the search.
    again = opened(page_of_large, to=watched.page.evaluate("location.hash"))
    assert names(again) == found
    field.press("Escape")
    assert len(names(watched)) == NUMBER
    assert watched.complaints == []


@pytest.mark.parametrize(("search", "expected"), SEARCHES)
def test_the_page_finds_what_the_terminal_finds(
    opened: Callable[..., Watched], search: str, expected: str
) -> None:
    watched = opened(html.render(mixed()))
    watched.page.keyboard.press("/")
    watched.page.keyboard.insert_text(search)
    assert names(watched) == expected.split()
    assert watched.complaints == []


def test_a_link_opens_its_group(opened: Callable[..., Watched]) -> None:
    result = mixed()
    group = next(one for one in result.groups() if len(one.targets) == 1)
    text = html.render(result).replace(" open>", ">")
    watched = opened(text)
    details = watched.page.locator(f"#group-{group.id}")
    assert details.get_attribute("open") is None
    watched.page.get_by_role("link", name=f"group {group.id}").click()
    assert details.get_attribute("open") is not None


def test_without_its_script(watch: Callable[..., Watched], tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text(html.render(mixed()), "utf-8")
    watched = watch(java_script_enabled=False)
    watched.page.goto(file.as_uri())
    assert watched.page.locator(".tools").is_hidden()
    assert watched.page.locator(".fleet tbody tr:visible").count() == len(mixed().entries)
