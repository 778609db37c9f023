"""Find dead links in Markdown texts, and ids of requirements that do not exist.

Checks the project's Markdown documents and the descriptions in the files below spec/. Each relative
link must lead to a file of the checkout, each anchor to a heading there (or, as a JSON pointer, to
a place in that document). Links to other hosts are not followed, so this works offline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import yaml
from markdown_it import MarkdownIt

DOCUMENTS = ("*.md", "docs/**/*.md", "spec/*.md")
DESCRIBED = ("spec/*.yaml", "spec/*.json", "conformance/checks/guidance.yaml")
FOREIGN = ("https", "http", "mailto")
MARKDOWN = MarkdownIt()
PROSE = ("description", "summary", "statement", "source", "what", "why", "exchange")
"""The fields of a document that contain Markdown or sentences."""


class Text(NamedTuple):
    """A text and its location: the file, and the place in it."""

    file: Path
    place: str
    markdown: str


def problems(root: Path) -> list[str]:
    """Return a line for each dead link and unknown id below a folder."""
    rules = _document(root / "spec" / "requirements.yaml")
    known = frozenset(requirement["id"] for requirement in rules["requirements"])
    found: list[str] = []
    for text in texts(root):
        found += [f"{text.place}: {problem}" for problem in wrong_links(text, root)]
        found += [f"{text.place}: {problem}" for problem in wrong_ids(text.markdown, known)]
    return found


def texts(root: Path) -> Iterator[Text]:
    """Yield the Markdown documents below a folder, and the prose in its other documents."""
    for file in chain.from_iterable(sorted(root.glob(pattern)) for pattern in DOCUMENTS):
        yield Text(file, str(file.relative_to(root)), file.read_text("utf-8"))
    for file in chain.from_iterable(sorted(root.glob(pattern)) for pattern in DESCRIBED):
        for pointer, prose in _prose(_document(file), ""):
            yield Text(file, f"{file.relative_to(root)}#{pointer}", prose)


def _prose(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, dict | list):
        return
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if key in PROSE and isinstance(child, str):
            yield below, child
        yield from _prose(child, below)


def wrong_links(text: Text, root: Path) -> Iterator[str]:
    """Yield the problem of each dead link of a text, as a clause."""
    for target in targets(text.markdown):
        scheme, _, path, _, fragment = urlsplit(target)
        if scheme in FOREIGN:
            continue
        if scheme:
            yield f"the link {target} has an unsupported scheme"
            continue
        file = (text.file.parent / unquote(path)).resolve() if path else text.file
        if not file.exists() or not file.is_relative_to(root.resolve()):
            yield f"the link {target} does not lead to a file of the checkout"
        elif fragment and not _has_anchor(file, unquote(fragment)):
            yield f"the link {target} does not exist in {file.name}"


def targets(markdown: str) -> Iterator[str]:
    """Yield the targets of the links and pictures of a Markdown text."""
    blocks = MARKDOWN.parse(markdown)
    for token in chain.from_iterable(block.children or () for block in blocks):
        target = token.attrs.get("href", token.attrs.get("src"))
        if target is not None:
            yield str(target)
        elif token.type == "text":
            # An undefined reference stays text.
            yield from (f"[{name}]" for name in re.findall(r"\]\[([^\]]+)\]", token.content))


def anchors(markdown: str) -> set[str]:
    """Return the anchors of the headings of a Markdown document, as code hosts make them."""
    found: dict[str, int] = {}
    tokens = MARKDOWN.parse(markdown)
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            words = "".join(token.content for token in inline.children or ())
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            seen = found.get(name, 0)
            found[name] = seen + 1
            if seen:
                found[f"{name}-{seen}"] = 1
    return set(found)


def wrong_ids(markdown: str, known: frozenset[str]) -> Iterator[str]:
    """Yield a clause for each id in a text with a known family that is not a requirement."""
    families = "|".join(sorted({one.partition("-")[0] for one in known}))
    for found in sorted(set(re.findall(rf"\b(?:{families})-[0-9]+\b", markdown)) - known):
        yield f"there is no requirement {found}"


def _has_anchor(file: Path, fragment: str) -> bool:
    if file.suffix == ".md":
        return fragment in anchors(file.read_text("utf-8"))
    node: Any = _document(file) if file.suffix in (".yaml", ".json") else None
    try:
        for part in fragment.removeprefix("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
    except (LookupError, TypeError, ValueError):
        return False
    return fragment.startswith("/")


@cache
def _document(file: Path) -> Any:
    return yaml.safe_load(file.read_bytes())
