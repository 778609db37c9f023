"""What a reader of rendered Markdown would see."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt


class Page(HTMLParser):
    """The tags, the words and the code of a page that is made of GitHub-flavoured Markdown."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.code: list[str] = []
        self._open: list[str] = []
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
