"""A recording is an archive to others, too: a browser answers requests from it, as it was told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from support.canned.exchanges import evidence
from support.canned.recordings import written
from support.pages.watched_page import Watched


def test_a_browser_replays_a_recording(watch: Callable[[], Watched], tmp_path: Path) -> None:
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
