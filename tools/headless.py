"""Run Debian's headless chromium, for tests and for pictures of pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Tests run as root in containers. Chromium's background connections must not count as a page's."""
MISSING = "chromium is not installed: apt-get install chromium, or set $CHROMIUM to its path"


def executable() -> str | None:
    """Return the path of the browser, or ``None`` if it is not installed."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser, and close it afterwards.

    Raises:
        FileNotFoundError: the browser is not installed.
    """
    from playwright.sync_api import sync_playwright

    path = executable()
    if path is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
