"""The command ``publish``: make the site and put it into a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.core.text import counted
from conformance.errors import UsageError, require_extra

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
def publish(directory: str, self_test_file: Path | None, bundle_file: Path | None) -> None:
    """Write the contract as a static site into DIR.

    The site has the reference, the requirements, every version and its downloads. It works from a
    file share and loads nothing from other hosts. DIR must be empty, missing, or a site made by
    this command, which is replaced.
    """
    require_extra("publish", "markdown_it", "this command")
    from conformance.publishing import editions as shelves
    from conformance.publishing import site, site_folder, swagger_ui

    place = site_folder.prepare(directory)
    editions = shelves.read()
    check(place, editions)
    matrix = _matrix(self_test_file, editions)
    if bundle_file is None:
        import platformdirs

        cache = platformdirs.user_cache_path("conductor-conformance")
        renderer = swagger_ui.of_npm(cache, lambda clause: sys.stderr.write(f"publish: {clause}\n"))
    else:
        renderer = swagger_ui.of_archive(bundle_file)
    tree = site.tree(editions, renderer, matrix)
    site_folder.put(place, tree)
    last = shelves.latest(editions)
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
