"""The pictures of the documentation: those that are shown are there, small, and told in words."""

from __future__ import annotations

import re

from support.repository import ROOT

FOLDER = ROOT / "docs" / "pictures"
TEXT = (ROOT / "docs" / "reports.md").read_text("utf-8")
LARGEST = 150_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def shown() -> dict[str, str]:
    """Return the words for each picture that the documentation shows, by its file."""
    markdown = re.findall(r"!\[([^\]]*)\]\(pictures/([^)]+)\)", TEXT)
    html = re.findall(r'<img src="pictures/([^"]+)"[^>]* alt="([^"]*)">', TEXT)
    return {file: words for words, file in markdown} | dict(html)


def test_the_readme_shows_a_failing_report() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    ((words, file),) = re.findall(r"!\[([^\]]*)\]\(docs/pictures/([^)]+)\)", readme)
    assert (FOLDER / file).exists()
    assert len(words) > 20


def test_every_picture_is_shown_with_words() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(shown())
    assert all(len(words) > 20 for words in shown().values())


def test_pictures_are_small() -> None:
    for path in FOLDER.iterdir():
        picture = path.read_bytes()
        assert picture.startswith(SIGNATURE), path.name
        assert len(picture) < LARGEST, path.name
