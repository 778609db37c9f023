"""The published site in a browser: from a file share and over HTTP, at any width, in any light."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from support.pages.published import proven, written
from support.pages.watched_page import Watched
from support.processes import command
from support.processes.children import wait_until

from conformance.publishing import editions

if TYPE_CHECKING:
    from playwright.sync_api import Page

EDITIONS = editions.read()
LATEST = editions.latest(EDITIONS)
CURRENT = EDITIONS[-1]
"""The version that the fault matrix is of; at times a draft."""
PAGES = ["index.html", "latest/requirements/index.html", "latest/reference/index.html"]
OLD = [f"0.1.0/{page}" for page in ("index.html", "requirements/index.html")]
OLD.append("0.1.0/reference/index.html")
DRAWN = "#reference .opblock"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish the site with the real renderer and a fault matrix."""
    folder = tmp_path_factory.mktemp("published")
    file = written(folder, proven())
    result = command.run("publish", "the site", "--self-test", str(file), cwd=folder)
    assert result.code == 0, result.err
    return folder / "the site"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps silent about it."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """Serve the site on a free port, as a static host would."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def share(site: Path) -> str:
    """Return where the site begins on a file share."""
    return f"{site.as_uri()}/"


@pytest.fixture(params=["share", "served"])
def base(request: pytest.FixtureRequest) -> str:
    """Return where the site begins, on a file share or over HTTP."""
    address: str = request.getfixturevalue(request.param)
    return address


def opened(watched: Watched, base: str, path: str) -> Watched:
    """Open a page, all of which is drawn without a complaint and without asking anyone else."""
    watched.page.goto(base + path)
    if "reference/" in path:
        watched.page.wait_for_selector(f"{DRAWN} .responses-table")
        watched.page.wait_for_selector("#reference .models .json-schema-2020-12-property")
    assert watched.complaints == []
    assert watched.foreign(base) == []
    return watched


@pytest.mark.parametrize("path", [*PAGES, *OLD])
def test_every_page_loads_over_http_too(
    watch: Callable[..., Watched], served: str, path: str
) -> None:
    watched = opened(watch(), served, path)
    assert watched.page.locator("h1").count() == 1
    assert watched.page.locator("main").count() == 1


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", [*PAGES, "0.1.0/index.html", f"{CURRENT.version}/requirements/index.html"]
)
def test_anyone_can_read_it(
    watch: Callable[..., Watched], site: Path, path: str, scheme: str, width: int
) -> None:
    watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
    opened(watched, f"{site.as_uri()}/", path)
    # What is folded is to be read, too.
    watched.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert watched.wider() == 0
    assert watched.violations() == []


def test_the_reference_shows_everything_and_sends_nothing(
    watch: Callable[..., Watched], share: str
) -> None:
    page = opened(watch(), share, "latest/reference/index.html").page
    text = page.locator("#reference").inner_text()
    operation = LATEST.operation
    assert [one for one in ("GET", LATEST.path, operation["summary"]) if one not in text] == []
    for parameter in LATEST.document["components"]["parameters"].values():
        assert parameter["name"] in text
        assert all(str(value) in text for value in parameter["schema"].get("enum", ()))
    for status, response in operation["responses"].items():
        row = page.locator(f'#reference tr.response[data-code="{status}"]')
        assert " ".join(response["description"].split())[:40] in " ".join(row.inner_text().split())
    row = page.locator('#reference tr.response[data-code="200"]')
    content = operation["responses"]["200"]["content"]["application/json"]
    for name, example in content["examples"].items():
        row.get_by_label("Example", exact=True).select_option(name)
        assert json.loads(row.locator(".example").first.inner_text()) == example["value"]
    models = " ".join(page.locator("#reference section.models").inner_text().split())
    for name, schema in LATEST.document["components"]["schemas"].items():
        assert name in models
        for member, described in schema.get("properties", {}).items():
            assert member in models
            words = " ".join(re.sub("[`*]", "", described.get("description", "")).split())
            assert words[:30] in models, f"{name}.{member}"
    # The schema of an answer can be asked for, too, with what it refers to in place.
    row.get_by_role("tab", name="Schema").click()
    row.locator(".json-schema-2020-12-property").first.wait_for()
    assert "modelsCount" in row.inner_text()
    assert page.locator("#reference .errors-wrapper").count() == 0
    for words in ("Try it out", "Execute", "Authorize"):
        assert page.get_by_role("button", name=words).count() == 0


@pytest.mark.parametrize("name", ["FILTER-03", "SECRET-01", "HTTP-01"])
def test_the_link_of_a_requirement_leads_to_it(
    watch: Callable[..., Watched], base: str, name: str
) -> None:
    page = opened(watch(), base, f"latest/requirements/index.html#{name}").page
    target = page.locator(":target")
    assert target.get_attribute("id") == name
    box = target.bounding_box()
    assert box is not None
    height = page.viewport_size["height"] if page.viewport_size else 0
    assert -5 <= box["y"] <= height
    # And it is what one gets by following the link that the requirement shows.
    target.get_by_role("link", name=name).first.click()
    assert page.url.endswith(f"#{name}")


DOWNLOADS_OF_A_PAGE = 10
"""Chromium asks the user before a page starts more downloads than these in a row."""


def test_the_downloads_are_the_files(
    watch: Callable[..., Watched], served: str, site: Path
) -> None:
    page = opened(watch(accept_downloads=True), served, "index.html").page
    selector = "#downloads ~ * a[download], section:has(#downloads) a[download]"
    links = page.locator(selector)
    names = []
    for number in range(links.count()):
        if number == DOWNLOADS_OF_A_PAGE:
            page = opened(watch(accept_downloads=True), served, "index.html").page
            links = page.locator(selector)
        with page.expect_download() as waiting:
            links.nth(number).click()
        download = waiting.value
        path = urlsplit(download.url).path.removeprefix("/")
        assert Path(download.path()).read_bytes() == (site / path).read_bytes()
        names.append(download.suggested_filename)
    assert {"openapi.yaml", "openapi.json", "openapi-3.0.yaml", "report.schema.json"} <= {*names}
    assert len(names) == len({*names}) >= 8


def test_it_can_be_used_by_keyboard(watch: Callable[..., Watched], share: str) -> None:
    page = opened(watch(), share, "latest/requirements/index.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Overview", "Reference", "Requirements", "Versions"} <= {*reached}
    fold = page.locator("#FILTER-03 summary")
    fold.focus()
    page.keyboard.press("Enter")
    assert page.locator("#FILTER-03 details").evaluate("one => one.open")
    page.get_by_role("link", name="Reference").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(DRAWN)


@pytest.mark.parametrize("path", PAGES)
def test_it_can_be_printed(watch: Callable[..., Watched], site: Path, path: str) -> None:
    watched = watch(viewport={"width": 720, "height": 1000})
    opened(watched, f"{site.as_uri()}/", path)
    watched.page.emulate_media(media="print")
    assert watched.wider() == 0
    for hidden in (".bar nav", ".tools", ".copy"):
        assert watched.page.locator(f"{hidden}:visible").count() == 0
    assert watched.page.locator("h1").is_visible()


def test_without_a_script_the_reference_says_where_to_read(
    watch: Callable[..., Watched], site: Path
) -> None:
    page = watch(java_script_enabled=False).page
    page.goto((site / "latest/reference/index.html").as_uri())
    assert (
        page.locator("#reference").inner_text().startswith("The reference is rendered by a script")
    )
    assert "X-Authorization" in page.locator("main").inner_text()


SEARCHED = f"{CURRENT.version}/requirements/index.html"


def found(page: Page) -> list[str]:
    """Return the identifiers of the requirements that are shown."""
    return page.locator(".requirement:visible h3 .self").all_inner_texts()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("filter-03", {"FILTER-03"}),
        ("FILTER-", {one.id for one in CURRENT.requirements if one.family == "FILTER"}),
        ("secret settings", {"SECRET-01"}),
        (
            "  Should AUTH- ",
            {
                one.id
                for one in CURRENT.requirements
                if (one.family, one.level) == ("AUTH", "SHOULD")
            },
        ),
        ("no-such-word", set()),
    ],
)
def test_the_search_finds_requirements(
    watch: Callable[..., Watched], share: str, typed: str, expected: set[str]
) -> None:
    watched = opened(watch(), share, SEARCHED)
    page = watched.page
    page.get_by_role("searchbox").fill(typed)
    assert {*found(page)} == expected
    total = len(CURRENT.requirements)
    assert page.locator("#status").inner_text() == f"{len(expected)} of {total} shown"
    assert page.locator(".family:visible").count() == len(
        {one.partition("-")[0] for one in expected}
    )
    assert watched.violations() == []
    assert watched.complaints == []


def test_the_search_goes_by_keyboard_and_gives_way_to_links(
    watch: Callable[..., Watched], base: str
) -> None:
    page = opened(watch(), base, f"{SEARCHED}#AUTH-01").page
    every = [one.id for one in CURRENT.requirements]
    assert found(page) == every
    page.keyboard.press("/")
    page.keyboard.type("http-01")
    assert found(page) == ["HTTP-01"]
    page.keyboard.press("Escape")
    assert found(page) == every
    assert page.locator("#status").inner_text() == ""
    page.keyboard.type("http-01")
    page.keyboard.press("Enter")
    assert found(page) == ["HTTP-01"]
    page.get_by_role("navigation", name="Families").get_by_role("link", name="AUTH").click()
    wait_until(lambda: found(page) == every)
    box = page.locator("#AUTH").bounding_box()
    assert box is not None
    assert -5 <= box["y"] <= 100
    page.keyboard.press("/")
    page.keyboard.type("http-01")
    # The address is the same as before.
    page.get_by_role("navigation", name="Families").get_by_role("link", name="AUTH").click()
    wait_until(lambda: found(page) == every)


def test_code_is_copied(watch: Callable[..., Watched], base: str) -> None:
    watched = opened(watch(permissions=["clipboard-read", "clipboard-write"]), base, SEARCHED)
    page = watched.page
    button = page.locator("#FILTER-03 .copy").last
    assert button.get_attribute("aria-label") == "Copy the command for FILTER-03"
    button.focus()
    page.keyboard.press("Enter")
    wait_until(lambda: button.inner_text() == "Copied")
    copied = "conductor-conformance run URL --only FILTER-03"
    assert page.evaluate("navigator.clipboard.readText()") == copied
    assert page.get_by_role("status").last.inner_text() == "Copied."
    page.goto(f"{base}index.html")
    page.get_by_role("button", name="Copy the request without parameters").click()
    wait_until(lambda: page.get_by_text("Copied", exact=True).count() == 1)
    request = page.evaluate("navigator.clipboard.readText()")
    assert request.startswith("curl -H")
    assert request.endswith(LATEST.path)
    assert watched.violations() == []
    assert watched.complaints == []


def test_without_a_clipboard_nothing_offers_to_copy(
    watch: Callable[..., Watched], share: str
) -> None:
    watched = watch()
    watched.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.queryCommandSupported = () => false;"
    )
    page = opened(watched, share, SEARCHED).page
    assert page.locator(".copy").count() == 0
    assert page.get_by_role("searchbox").is_visible()


def test_without_a_script_the_requirements_are_whole(
    watch: Callable[..., Watched], share: str
) -> None:
    page = opened(watch(java_script_enabled=False), share, SEARCHED).page
    assert found(page) == [one.id for one in CURRENT.requirements]
    assert page.locator("button:visible, input:visible").count() == 0
