"""The HTML pages of the site, and the contract's Markdown as HTML with markup escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from conformance.contract.model import Level
from conformance.core.text import counted
from conformance.publishing import overview, teaching
from conformance.publishing.downloads import Download
from conformance.publishing.editions import Edition
from conformance.report.render import templating
from conformance.selftest import html, parts
from conformance.selftest.matrix import Matrix

# What Swagger UI needs beside its own files: it draws its signs as `data:` pictures.
_POLICY = {"script-src": "'self'", "style-src": "'self'", "img-src": "data:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What all pages know: every version with its files, the latest one, and what is beside them.

    ``schemas`` are the names of the files under ``schemas/``; ``matrix`` is the self-test, if one
    was given.
    """

    editions: Mapping[str, tuple[Edition, Sequence[Download]]]
    latest: Edition
    schemas: Sequence[Download]
    matrix: Matrix | None

    @property
    def released(self) -> int:
        """The number of versions that do not change any more."""
        return sum(edition.released for edition in self.newest_first)

    @property
    def newest_first(self) -> Sequence[Edition]:
        """All versions, as they are listed."""
        return [edition for edition, _ in reversed([*self.editions.values()])]


def landing(shelf: Shelf, edition: Edition, *, here: str, home: str) -> bytes:
    """Return the first page of a version.

    ``here`` leads from the page to the version's folder, ``home`` to the site's; both end with a
    slash or are empty.
    """
    return _page(
        "site_landing.html",
        shelf,
        edition,
        here=here,
        home=home,
        overview=overview,
        downloads=shelf.editions[edition.version][1],
    )


def requirements(shelf: Shelf, edition: Edition) -> bytes:
    """Return the catalogue of requirements of a version."""
    matrix = shelf.matrix
    own = matrix if matrix and matrix.contract_sha256 == edition.sha256 else None
    entries = teaching.entries(edition, own)
    return _page(
        "site_requirements.html",
        shelf,
        edition,
        here="../",
        home="../../",
        styles=("selftest.css",),
        entries={
            family: [entry for entry in entries if entry.requirement.family == family]
            for family in edition.families
        },
        matrix=own,
        tried={} if own is None else {part.name: part for part in parts.families(own)},
        signs=html.SIGNS,
        meanings=html.MEANINGS,
        mark_of=parts.mark,
        verdict=parts.verdict,
        how=parts.how,
    )


def reference(shelf: Shelf, edition: Edition, renderer: str) -> bytes:
    """Return the page in which the renderer, of that version, draws the API reference."""
    return _page(
        "site_reference.html",
        shelf,
        edition,
        here="../",
        home="../../",
        policy=_POLICY,
        overview=overview,
        renderer=renderer,
    )


def _page(
    template: str,
    shelf: Shelf,
    edition: Edition,
    *,
    here: str,
    home: str,
    styles: Sequence[str] = (),
    policy: Mapping[str, str] | None = None,
    **values: Any,
) -> bytes:
    text = templating.page(
        template,
        styles=(*styles, "site.css"),
        policy=policy or {},
        shelf=shelf,
        edition=edition,
        here=here,
        home=home,
        is_latest=edition is shelf.latest,
        levels=[(level, edition.having(level)) for level in Level],
        counted=counted,
        block=block,
        line=line,
        **values,
    )
    return text.encode()


def block(text: str) -> Markup:
    """Return paragraphs, lists and the like."""
    return Markup(_reader().render(text))  # noqa: S704 - the reader lets no markup through


def line(text: str) -> Markup:
    """Return what goes into a line."""
    return Markup(_reader().renderInline(text))  # noqa: S704 - see `block`


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})
