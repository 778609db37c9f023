"""A real headless browser, which notes what a page must not do.

The browser is Debian's `chromium` (or the one at $CHROMIUM). A test that asks for ``browser`` fails
where there is none: these tests run by `tox -e browser` alone, and there they may not be skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from node_tools import installed
from support.watched_page import Watched, watching

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Tests run as root in containers, and Chromium's own connections are no page's."""

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    collect_ignore_glob = ["test_*.py"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once for all tests of a process."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert executable, "no chromium: apt-get install chromium, or name one in $CHROMIUM"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()


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
