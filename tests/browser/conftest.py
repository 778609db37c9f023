"""A real headless browser, which notes what a page must not do.

The browser is Debian's `chromium` (or the one at $CHROMIUM). A test that asks for ``browser`` fails
where there is none: these tests run by `tox -e browser` alone, and there they may not be skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from headless import launched
from node_tools import installed
from support.pages.watched_page import Watched, watching
from support.repository import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once for all tests of a process."""
    with launched() as browser:
        yield browser


@pytest.fixture
def watch(browser: Browser, axe_installed: None) -> Iterator[Callable[..., Watched]]:
    """Open pages that are watched; the arguments are those of a context of the browser's."""
    contexts = []

    def opened(**arguments: Any) -> Watched:
        context = browser.new_context(**arguments)
        contexts.append(context)
        return watching(context.new_page())

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_installed() -> None:
    """Install axe-core as the lock file says."""
    installed(ROOT / "tools" / "node" / "browser")
