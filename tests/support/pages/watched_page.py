"""A page in a browser, and what it did that a page must not do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.repository import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request

AXE = ROOT / "tools/node/browser/node_modules/axe-core/axe.min.js"
SERIOUS = frozenset({"serious", "critical"})


@dataclass
class Watched:
    """A page, what it complained of, and what it asked of anyone."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def foreign(self, own: str) -> list[str]:
        """Return the requests to anything that does not begin with ``own``."""
        inert = ("data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith((own, *inert))]

    def wider(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))

    def violations(self) -> list[str]:
        """Return the serious violations of accessibility that axe-core finds, a line each."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']})"
        )
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: "
            f"{json.dumps([node['target'] for node in one['nodes']][:5])}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]


def watching(page: Page) -> Watched:
    """Watch a page from now on."""
    watched = Watched(page)

    def noted(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watched.complaints.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        watched.requests.append(request.url)

    page.on("console", noted)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("request", asked)
    return watched
