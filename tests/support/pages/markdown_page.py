"""What a reader of rendered Markdown would see."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

COMMAND = re.compile(r"^\s*::|##(\w*)\[", re.MULTILINE)
"""What CI servers execute wherever a line of output begins with it or contains it."""


class Page(HTMLParser):
    """The tags, the words and the code of a page that is made of GitHub-flavoured Markdown."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.code: list[str] = []
        self._open: list[str] = []
        self._source = markdown
        self.feed(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))
        self.close()

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\u200b", "").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if "code" in self._open:
            self.code.append(data)

    def check(self) -> None:
        """Assert that the page has no markup but its own, and nothing that is executed."""
        self._source.encode("utf-8")
        assert all(line.isprintable() for line in self._source.splitlines())
        assert not COMMAND.search(self._source)
        assert not {"a", "img", "script", "em", "del", "s"} & {*self.tags}
        assert self.tags.count("details") == self._source.count("\n<details>") <= 1
