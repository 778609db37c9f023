"""Building the whole site: the content of every file by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources

from conformance.contract.loader import default_path
from conformance.publishing import downloads, pages, swagger_ui
from conformance.publishing.downloads import Download
from conformance.publishing.editions import Edition, latest
from conformance.publishing.site_folder import CHECKSUMS, INDEX, PUBLISHER
from conformance.publishing.swagger_ui import Renderer
from conformance.selftest.matrix import Matrix

LATEST = "latest"
_SCHEMAS = {
    "baseline.schema.json": "JSON Schema of a baseline of known failures",
    "client-answer.schema.json": "JSON Schema of the answer of a client's adapter",
    "compare.schema.json": "JSON Schema of a comparison of reports",
    "fixtures.schema.json": "JSON Schema of the receipt of a run with fixtures",
    "fleet.schema.json": "JSON Schema of the summary of a fleet",
    "recording.schema.json": "JSON Schema of the recording of a run",
    "report.schema.json": "JSON Schema of the report of a run",
    "self-test.schema.json": "JSON Schema of the result of a self-test",
}


def tree(
    editions: Sequence[Edition], renderer: Renderer, matrix: Matrix | None
) -> Mapping[str, bytes]:
    """Return the files by path, sorted. Equal arguments give equal bytes.

    Raises:
        ContractError: a version cannot be converted to OpenAPI 3.0.3.
    """
    last = latest(tuple(editions))
    contents = pages.SiteContents(
        editions={edition.version: (edition, downloads.of(edition)) for edition in editions},
        latest=last,
        schemas=tuple(_schemas()),
        matrix=matrix,
    )
    files = {
        "index.html": pages.landing(contents, last, here=f"{LATEST}/", home=""),
        INDEX: downloads.as_json(_index(contents)),
        **{f"schemas/{one.name}": one.content for one in contents.schemas},
        **{f"assets/swagger-ui/{name}": content for name, content in renderer.files.items()},
        **{f"assets/{name}": _asset(f"site_{name}") for name in ("reference.js", "reference.css")},
    }
    for edition, _ in contents.editions.values():
        own = _edition(contents, edition, renderer)
        files |= {f"{edition.version}/{name}": content for name, content in own.items()}
        if edition is last:
            files |= {f"{LATEST}/{name}": content for name, content in own.items()}
    files[CHECKSUMS] = downloads.checksums(files)
    return dict(sorted(files.items()))


def _edition(
    contents: pages.SiteContents, edition: Edition, renderer: Renderer
) -> dict[str, bytes]:
    files = {one.name: one.content for one in contents.editions[edition.version][1]}
    return {
        **files,
        CHECKSUMS: downloads.checksums(files),
        "index.html": pages.landing(contents, edition, here="", home="../"),
        "requirements/index.html": pages.requirements(contents, edition),
        "reference/index.html": pages.reference(contents, edition, renderer.version),
        "reference/contract.js": swagger_ui.script(edition.document),
    }


def _index(contents: pages.SiteContents) -> object:
    return {
        "publisher": PUBLISHER,
        "latest": contents.latest.version,
        "versions": [
            {
                "version": edition.version,
                "sha256": edition.sha256,
                "released": edition.released,
                "requirements": len(edition.requirements),
                "path": f"{edition.version}/",
            }
            for edition, _ in contents.editions.values()
        ],
    }


def _schemas() -> Iterator[Download]:
    for file in sorted(default_path().parent.glob("*.schema.json")):
        what = _SCHEMAS.get(file.name, f"JSON Schema: {file.name.partition('.')[0]}")
        yield Download(file.name, what, file.read_bytes())


def _asset(name: str) -> bytes:
    return (resources.files("conformance.report.render") / "templates" / name).read_bytes()
