"""The command ``publish``: make the site and put it into a folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.core.text import counted
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.publishing.editions import Edition
    from conformance.publishing.site_folder import Place
    from conformance.selftest.matrix import Matrix


@click.command()
@click.argument("directory", metavar="DIR")
@click.option(
    "--self-test",
    "self_test_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Show the fault matrix from this result of `self-test --json FILE`.",
)
@click.option(
    "--bundle",
    "bundle_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Use the reference's renderer from this npm archive, if node is not installed.",
)
@click.pass_context
def publish(context: click.Context, /, **options: Any) -> None:
    """Write the contract as a static site into DIR.

    The site has the reference, the requirements, every version and its downloads. It works from a
    file share and loads nothing from other hosts. DIR must be empty, missing, or a site made by
    this command, which is replaced.
    """
    context.exit(execute(PublishRequest(**options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """The arguments of ``conductor-conformance publish``, named like its options."""

    directory: str
    self_test_file: Path | None = None
    bundle_file: Path | None = None


def execute(request: PublishRequest) -> int:
    """Publish the site and return the exit code, which is 0.

    Raises:
        UsageError: an argument makes no sense, the renderer is not available, or the folder cannot
            be written; the folder is then unchanged.
    """
    from conformance.publishing import editions as shelves
    from conformance.publishing import site, site_folder, swagger_ui

    place = site_folder.prepare(request.directory)
    editions = shelves.read()
    check(place, editions)
    matrix = _matrix(request.self_test_file, editions)
    drawn = (
        swagger_ui.of_npm(_cache(), _tell)
        if request.bundle_file is None
        else swagger_ui.of_archive(request.bundle_file)
    )
    tree = site.tree(editions, drawn, matrix)
    site_folder.put(place, tree)
    _report(place, editions, tree)
    return 0


def check(place: Place, editions: Sequence[Edition]) -> None:
    """Check that every link to a released version keeps its target.

    Raises:
        UsageError: the folder has a released version that is unknown here, or that differs.
    """
    known = {edition.version: edition for edition in editions}
    for entry in place.versions:
        version = entry["version"]
        if not entry["released"]:
            continue
        if version not in known:
            raise UsageError(
                f"the folder {place.given} has version {version} of the contract, which "
                "this installation does not know; publish with the newer one, or into another "
                "folder"
            )
        if known[version].sha256 != entry["sha256"]:
            raise UsageError(
                f"the folder {place.given} has version {version} of the contract with another "
                "text, and what is released does not change; raise info.version, or publish into "
                "another folder"
            )


def _matrix(file: Path | None, editions: Sequence[Edition]) -> Matrix | None:
    if file is None:
        return None
    from conformance.selftest import reading

    result = reading.read(file)
    for edition in editions:
        if edition.sha256 == result["contract"]["sha256"]:
            return reading.matrix(result, edition.requirements, edition.families)
    raise UsageError(
        f"the self-test {file} was made by another contract than those that are published "
        f"(version {result['contract']['version']}); run `conductor-conformance self-test` again"
    )


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("conductor-conformance")


def _tell(clause: str) -> None:
    sys.stderr.write(f"publish: {clause}\n")


def _report(place: Place, editions: Sequence[Edition], tree: Mapping[str, bytes]) -> None:
    from conformance.publishing.editions import latest

    last = latest(tuple(editions))
    names = ", ".join(
        edition.version
        + (" (latest)" if edition is last else "" if edition.released else " (draft)")
        for edition in editions
    )
    size = sum(map(len, tree.values())) / 1_000_000
    sys.stdout.write(
        f"Published {names}: {counted(len(tree), 'file')}, {size:.1f} MB\n"
        f"Open {place.path / 'index.html'}\n"
    )
