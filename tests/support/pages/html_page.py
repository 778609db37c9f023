"""What a browser would make of an HTML page, as far as it can be told without one."""

from __future__ import annotations

import base64
import hashlib
import html.parser

VOID = frozenset({"meta", "col", "br", "input", "link", "hr", "wbr", "img"})


class Page(html.parser.HTMLParser):
    """The elements and the words of a page that must not ask for anything.

    It is an error if an attribute does something but to describe, or if elements are not closed
    in order.
    """

    def __init__(self, text: str, beside: str = "") -> None:
        """Read a page; it may link files in the folder ``beside`` it."""
        super().__init__()
        self.beside = beside
        self.tags: list[str] = []
        self.words: list[str] = []
        self.titles: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.policy = ""
        self.inline: dict[str, str] = {}
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """The words that are to be read, with single blanks."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(given["content"])
        for name, value in attrs:
            assert name not in ("src", "srcset", "style", "action", "background"), name
            assert not name.startswith("on"), name
            if name == "href" and not (self.beside and str(value).startswith(self.beside)):
                assert str(value).startswith("#")
                self.links.append(str(value)[1:])
            if name == "title":
                self.titles.append(str(value))
            if name == "id":
                self.ids.append(str(value))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            kind = self.open[-1]
            self.inline[kind] = self.inline.get(kind, "") + data
        elif self.open:
            self.words.append(data)

    def check(self) -> None:
        """Assert that the page is whole, and that its policy permits what stands in it alone."""
        assert self.open == []
        assert len(self.ids) == len({*self.ids})
        assert {*self.links} <= {*self.ids}
        rules = dict(rule.strip().split(" ", 1) for rule in self.policy.split(";"))
        assert rules.pop("default-src") == rules.pop("base-uri") == "'none'"
        assert rules.pop("form-action") == "'none'"
        permitted = {kind: digest(text) for kind, text in self.inline.items()}
        assert rules == {f"{kind}-src": value for kind, value in permitted.items()}
        for text in self.inline.values():
            assert "url(" not in text
            assert "@import" not in text
            assert "://" not in text


def digest(text: str) -> str:
    """Return a text's digest as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
