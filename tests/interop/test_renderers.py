"""Swagger UI and Redoc show the operation, its parameters and its schemas, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from headless import launched
from support.pages.watched_page import Watched, watching
from support.repository import ROOT
from support.servers.plain import answering

from conformance.contract.loader import load
from conformance.contract.model import Operator

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

PAGES = Path(__file__).with_name("pages")
CONTRACT = ROOT / "spec" / "openapi.yaml"
DOCUMENT = yaml.safe_load(CONTRACT.read_text("utf-8"))
ENDPOINT = "/api/integrations/provider"
OPERATION = DOCUMENT["paths"][ENDPOINT]["get"]
COMPONENTS = DOCUMENT["components"]
CATEGORIES = next(one.supported for one in load().filters if one.operator is Operator.EQUALS)
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
"""Redoc shows the mark of its makers, from their server; the page is whole without it."""

Open = Callable[[str, bytes], AbstractContextManager[Watched]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture(scope="module")
def show(browser: Browser, node_folder: Path) -> Open:
    """Open a page of ours that renders a document, with no way to any other host."""
    packages = node_folder / "node_modules"
    scripts = {
        "/swagger-ui.css": packages / "swagger-ui-dist" / "swagger-ui.css",
        "/swagger-ui-bundle.js": packages / "swagger-ui-dist" / "swagger-ui-bundle.js",
        "/redoc.standalone.js": packages / "redoc" / "bundles" / "redoc.standalone.js",
    }
    types = {".css": "text/css", ".js": "text/javascript", ".html": "text/html"}

    @contextmanager
    def opened(name: str, document: bytes) -> Iterator[Watched]:
        def respond(_method: str, path: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
            if path == "/openapi.yaml":
                return 200, {"Content-Type": "application/yaml"}, document
            file = scripts.get(path, PAGES / path.lstrip("/"))
            if not file.is_file():
                return 404, {}, b""
            return 200, {"Content-Type": types[file.suffix]}, file.read_bytes()

        def kept(route: Route) -> None:
            if route.request.url.startswith(url):
                route.continue_()
            else:
                route.fulfill(status=200, content_type="image/svg+xml", body="<svg/>")

        with answering(respond) as (url, _), browser.new_context() as context:
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.route(re.compile(".*"), kept)
            watched = watching(page)
            page.goto(f"{url}/{name}")
            yield watched
            assert watched.foreign(url) in ([], [LOGO])

    return opened


def plain(markdown: str) -> str:
    """Return how the first paragraph of a description reads once it is rendered."""
    first = " ".join(markdown.partition("\n\n")[0].split())
    return re.sub(r"[`*]", "", first)


def reads(watched: Watched) -> str:
    return " ".join(watched.page.inner_text("body").split())


def everything() -> list[str]:
    """Return what a reader must find, whatever renders it."""
    parameters = list(COMPONENTS["parameters"].values())
    answers = OPERATION["responses"]
    examples = COMPONENTS["examples"]
    shown = [examples[name] for name in answers["200"]["content"]["application/json"]["examples"]]
    return [
        DOCUMENT["info"]["title"],
        DOCUMENT["info"]["version"],
        ENDPOINT,
        OPERATION["summary"],
        plain(OPERATION["description"]),
        *(parameter["name"] for parameter in parameters),
        *(plain(parameter["description"]) for parameter in parameters),
        *CATEGORIES,
        *answers,
        *(plain(answer["description"]) for answer in answers.values()),
        *(example["summary"] for example in shown),
        *(provider["name"] for provider in examples["allProviders"]["value"]),
    ]


def test_swagger_ui_shows_all_of_it(show: Open) -> None:
    with show("swagger-ui.html", CONTRACT.read_bytes()) as watched:
        page = watched.page
        page.locator(".opblock-body").wait_for()
        assert page.locator(".errors-wrapper").count() == 0
        text = reads(watched)
        assert [part for part in everything() if part not in text] == []
        schemas = page.locator("section.models > div > article")
        for one in schemas.all():
            one.get_by_role("button", name="Expand all").first.click()
        shown = " ".join(" ".join(schemas.all_inner_texts()).split())
        for name, schema in COMPONENTS["schemas"].items():
            assert schema.get("title", name) in shown
            assert [one for one in schema.get("properties", {}) if one not in shown] == []
        assert page.locator(".opblock-body").get_by_role("combobox").count() >= 2
        assert watched.complaints == []


def test_redoc_shows_all_of_it(show: Open) -> None:
    with show("redoc.html", CONTRACT.read_bytes()) as watched:
        page = watched.page
        page.get_by_role("heading", name=OPERATION["summary"]).wait_for()
        text = reads(watched)
        assert [part for part in everything() if part not in text] == []
        page.get_by_role("button", name=re.compile(r"^200 ")).click()
        fields = COMPONENTS["schemas"]["Provider"]["properties"]
        page.get_by_text(plain(fields["name"]["description"])).first.wait_for()
        shown = reads(watched)
        assert [one for one in fields if one not in shown] == []
        assert watched.complaints == []
