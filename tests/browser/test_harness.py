"""The harness itself sees what a page must not do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.pages.watched_page import Watched

BAD = """<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1>
<img src="http://127.0.0.1:9/picture.png"><script>console.error("oh"); missing()</script></main>
"""
GOOD = """<!doctype html><html lang="en"><title>Good</title><main><h1>Good</h1></main>"""


def test_a_bad_page_is_found_out(watch: Callable[[], Watched], tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(BAD)
    watched = watch()
    watched.page.goto(file.as_uri())
    assert watched.foreign(file.as_uri()) == ["http://127.0.0.1:9/picture.png"]
    assert any("oh" in complaint for complaint in watched.complaints)
    assert any("missing is not defined" in complaint for complaint in watched.complaints)
    assert any(line.startswith("image-alt") for line in watched.violations())


def test_a_good_page_is_not_blamed(watch: Callable[[], Watched], tmp_path: Path) -> None:
    file = tmp_path / "good.html"
    file.write_text(GOOD)
    watched = watch()
    watched.page.goto(file.as_uri())
    assert watched.foreign(file.as_uri()) == []
    assert watched.complaints == []
    assert watched.violations() == []
