"""Find released versions of the contract: files in spec/versions, and tags of the repository.

A version is released by its file, ``spec/versions/X.Y.Z.yaml``. If a repository has a tag
``contract-vX.Y.Z`` and no file of that version, spec/openapi.yaml at the tag is the version.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spec_changes import Version

CONTRACT = "spec/openapi.yaml"
VERSIONS = "spec/versions"
TAG = re.compile(r"contract-v(\d+\.\d+\.\d+)")


class NothingReleased(Exception):
    """There is no such released version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A released version: its bytes, and a name for their origin."""

    version: Version
    name: str
    raw: bytes


def last_release(root: Path) -> Release:
    """Return the newest released version of a checkout.

    Raises:
        NothingReleased: no version is released.
    """
    versions = {*_files(root), *_tags(root)}
    if not versions:
        raise NothingReleased(
            f"no version is released: {VERSIONS} is empty and there is no tag contract-vX.Y.Z; "
            "name the file to compare with"
        )
    return release(root, max(versions))


def release(root: Path, version: Version) -> Release:
    """Return a released version of a checkout.

    Raises:
        NothingReleased: the version was not released.
    """
    file = _files(root).get(version)
    if file is not None:
        return Release(version, file.relative_to(root).as_posix(), file.read_bytes())
    tag = _tags(root).get(version)
    if tag is None:
        known = ", ".join(map(str, sorted({*_files(root), *_tags(root)}))) or "none"
        raise NothingReleased(f"{version} is not released; released are {known}")
    return Release(version, f"{tag}:{CONTRACT}", _git(root, "show", f"{tag}:{CONTRACT}"))


def _files(root: Path) -> dict[Version, Path]:
    found = {}
    for file in (root / VERSIONS).glob("*.yaml"):
        try:
            found[Version.parse(file.stem)] = file
        except ValueError:
            continue
    return found


def _tags(root: Path) -> dict[Version, str]:
    found = {}
    # In an unpacked archive git would return the tags of a surrounding repository.
    if (root / ".git").exists():
        for tag in _git(root, "tag", "--list", "contract-v*").decode().split():
            matched = TAG.fullmatch(tag)
            if matched:
                found[Version.parse(matched[1])] = tag
    return found


def _git(root: Path, *words: str) -> bytes:
    """Return the output of git; nothing if it is missing or fails."""
    try:
        # Git made the checkout, and the arguments are our own.
        done = subprocess.run(  # noqa: S603 - see above
            ["git", "-C", str(root), *words],  # noqa: S607 - wherever it is installed
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return b""
    return done.stdout
