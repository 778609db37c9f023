"""Links in the source of a requirement: to the documents it cites, and to sections of RFCs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from markupsafe import Markup

KIND = re.compile(r"(?:^|(?<=[.;] ))(documentation|standard|reasoning|composition): ")
SECTION = r"[0-9]+(?:\.[0-9]+)*"
RFC = rf"RFC (?P<rfc>[0-9]+)(?:, sections? (?P<sections>{SECTION}(?:(?:, | and ){SECTION})*))?"

_EARLIER_TITLES = {
    "Get Tags of an Integration Provider": "Get Tags from Integration Provider",
    "pages on authentication": "Authentication and Access Keys",
}


def of_earlier(sources: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    """Return the sources for a version before 0.3, which has only titles, from a later version."""
    renamed = {old: sources[new] for old, new in _EARLIER_TITLES.items() if new in sources}
    return {**sources, **renamed}


def cited(source: str, sources: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Markup]]:
    """Yield each part of a source: its kind, such as ``standard``, and its text with links.

    ``sources`` are the cited documents by their titles, each with its ``url``.
    """
    # Without any title, nothing may match.
    titles = "|".join(map(re.escape, sorted(sources, key=len, reverse=True))) or "(?!)"
    found = re.compile(rf"\b(?:(?P<title>{titles})|{RFC})\b")
    first, *parts = KIND.split(source)
    for kind, text in [("", first), *zip(parts[::2], parts[1::2], strict=True)]:
        if text:
            yield kind, Markup().join(_linked(text.strip(), found, sources))


def _linked(
    text: str, found: re.Pattern[str], sources: Mapping[str, Mapping[str, str]]
) -> Iterator[Markup | str]:
    end = 0
    for match in found.finditer(text):
        yield text[end : match.start()]
        title = match["title"]
        yield _link(sources[title]["url"], title) if title else _rfc(match)
        end = match.end()
    yield text[end:]


def _rfc(match: re.Match[str]) -> Markup:
    url = f"https://www.rfc-editor.org/rfc/rfc{match['rfc']}"
    sections = re.findall(SECTION, match["sections"] or "")
    if len(sections) < 2:
        return _link(f"{url}#section-{sections[0]}" if sections else url, match[0])
    # The name of a link that is only a number says what it leads to.
    head = Markup("{}").format(match[0].removesuffix(match["sections"]))
    pieces = re.split(f"({SECTION})", match["sections"])
    return head + Markup().join(
        _link(f"{url}#section-{one}", one, f"RFC {match['rfc']}, section {one}")
        if one in sections
        else one
        for one in pieces
    )


def _link(url: str, text: str, name: str = "") -> Markup:
    label = Markup(' aria-label="{}"').format(name) if name else ""
    return Markup('<a href="{}"{}>{}</a>').format(url, label, text)
