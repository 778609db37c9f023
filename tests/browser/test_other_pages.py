"""What else is looked at in a browser: a self-test's page, a recording, and a page that is bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.canned.exchanges import evidence
from support.canned.recordings import written
from support.canned.trials import matrix, tried_fault, tried_variation
from support.pages.watched_page import Watched

from conformance.checks.verdict import Outcome
from conformance.selftest import html
from conformance.selftest.matrix import Matrix

WRONG = matrix(
    faults=(
        tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"]),
        tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"]),
        tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"]),
    ),
    variations=(tried_variation("odd-blamed", {"HTTP-01": Outcome.FAILED}),),
)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("whole", [matrix(), WRONG], ids=["passed", "failed"])
def test_anyone_can_read_a_self_test(
    watch: Callable[..., Watched], tmp_path: Path, whole: Matrix, scheme: str, width: int
) -> None:
    file = tmp_path / "page.html"
    file.write_text(html.render(whole), "utf-8")
    watched = watch(color_scheme=scheme, viewport={"width": width, "height": 900})
    watched.page.goto(file.as_uri())
    assert watched.complaints == []
    assert watched.foreign(file.as_uri()) == []
    assert watched.wider() == 0
    assert watched.violations() == []


def test_a_browser_replays_a_recording(watch: Callable[[], Watched], tmp_path: Path) -> None:
    """It is an archive to others, too."""
    file = tmp_path / "run.har"
    file.write_text(written(evidence()), "utf-8")
    entries = json.loads(file.read_text("utf-8"))["log"]["entries"]
    watched = watch()
    watched.page.context.route_from_har(str(file), not_found="abort")
    assert entries
    for entry in entries:
        answer = watched.page.goto(entry["request"]["url"])
        assert answer is not None
        assert answer.status == entry["response"]["status"]
        assert answer.text() == entry["response"]["content"]["text"]
    assert watched.complaints == []


BAD = """<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1>
<img src="http://127.0.0.1:9/picture.png"><script>console.error("oh"); missing()</script></main>
"""


def test_a_bad_page_is_found_out(watch: Callable[[], Watched], tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(BAD)
    watched = watch()
    watched.page.goto(file.as_uri())
    assert watched.foreign(file.as_uri()) == ["http://127.0.0.1:9/picture.png"]
    assert any("oh" in complaint for complaint in watched.complaints)
    assert any("missing is not defined" in complaint for complaint in watched.complaints)
    assert any(line.startswith("image-alt") for line in watched.violations())
