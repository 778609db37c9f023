"""Rendering the HTML pages of the site, and the contract's Markdown with markup escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from conformance.checks import guidance
from conformance.contract.model import Level
from conformance.core.text import counted
from conformance.publishing import overview, sources
from conformance.publishing.downloads import Download
from conformance.publishing.editions import Edition
from conformance.report.render import templating
from conformance.selftest import html, parts
from conformance.selftest.matrix import Matrix

# Swagger UI needs `data:` images for its icons, besides its own files.
_POLICY = {"script-src": "'self'", "style-src": "'self'", "img-src": "data:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContents:
    """The data of all pages: every version with its files, the latest one, and shared files.

    ``schemas`` are the files under ``schemas/``. ``matrix`` is the result of the self-test, if any.
    """

    editions: Mapping[str, tuple[Edition, Sequence[Download]]]
    latest: Edition
    schemas: Sequence[Download]
    matrix: Matrix | None

    @property
    def released(self) -> int:
        """The number of released versions."""
        return sum(edition.released for edition in self.newest_first)

    @property
    def newest_first(self) -> Sequence[Edition]:
        """All versions, the newest first."""
        return [edition for edition, _ in reversed([*self.editions.values()])]


def landing(contents: SiteContents, edition: Edition, *, here: str, home: str) -> bytes:
    """Return the landing page of a version.

    ``here`` is the path from the page to the folder of the version, ``home`` to that of the site.
    Both are empty or end with a slash.
    """
    return _page(
        "site_landing.html",
        contents,
        edition,
        here=here,
        home=home,
        scripts=("copy.js",),
        overview=overview,
        downloads=contents.editions[edition.version][1],
    )


def requirements(contents: SiteContents, edition: Edition) -> bytes:
    """Return the page with the requirements of a version."""
    from conformance.reference.faults import FAULTS

    matrix = contents.matrix
    own = matrix if matrix and matrix.contract_sha256 == edition.sha256 else None
    return _page(
        "site_requirements.html",
        contents,
        edition,
        here="../",
        home="../../",
        styles=("selftest.css",),
        scripts=("search.js", "requirements.js", "copy.js", "site_requirements.js"),
        entries={
            family: [one for one in edition.requirements if one.family == family]
            for family in edition.families
        },
        all_guidance=guidance.all_guidance(),
        how_checked=guidance.how_checked,
        needed=guidance.needed,
        faults={
            one.id: [fault for fault in FAULTS if one.id in fault.breaks]
            for one in edition.requirements
        },
        trials={} if own is None else {trial.name: trial for trial in own.faults},
        matrix=own,
        tried={} if own is None else {part.name: part for part in parts.families(own)},
        cited=sources.cited,
        cited_sources=edition.sources or sources.of_earlier(contents.newest_first[0].sources),
        signs=html.SIGNS,
        meanings=html.MEANINGS,
        mark_of=parts.mark,
        verdict=parts.verdict,
        how=parts.how,
    )


def reference(contents: SiteContents, edition: Edition, renderer: str) -> bytes:
    """Return the page with the API reference; ``renderer`` is the version of Swagger UI."""
    return _page(
        "site_reference.html",
        contents,
        edition,
        here="../",
        home="../../",
        policy=_POLICY,
        overview=overview,
        renderer=renderer,
    )


def _page(
    template: str,
    contents: SiteContents,
    edition: Edition,
    *,
    here: str,
    home: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    policy: Mapping[str, str] | None = None,
    **values: Any,
) -> bytes:
    text = templating.page(
        template,
        styles=(*styles, "site.css"),
        scripts=scripts,
        policy=policy or {},
        contents=contents,
        edition=edition,
        here=here,
        home=home,
        is_latest=edition is contents.latest,
        levels=[(level, edition.having(level)) for level in Level],
        counted=counted,
        block=block,
        line=line,
        **values,
    )
    return text.encode()


def block(text: str) -> Markup:
    """Render Markdown blocks, such as paragraphs and lists."""
    return Markup(_parser().render(text))  # noqa: S704 - the parser escapes markup


def line(text: str) -> Markup:
    """Render inline Markdown."""
    return Markup(_parser().renderInline(text))  # noqa: S704 - see `block`


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})
