"""Find released versions of the contract: files in spec/versions, and tags of the repository.

A version is released by its file, ``spec/versions/X.Y.Z.yaml``; from 0.3, its requirements are in
``X.Y.Z.requirements.yaml`` beside it. If a repository has a tag ``contract-vX.Y.Z`` and no file of
that version, spec/openapi.yaml and spec/requirements.yaml at the tag are the version.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

CONTRACT = "spec/openapi.yaml"
REQUIREMENTS = "spec/requirements.yaml"
VERSIONS = "spec/versions"
TAG = re.compile(r"contract-v(\d+\.\d+\.\d+)")


class Version(NamedTuple):
    """A version of three numbers; the contract has no pre-releases."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Parse a version such as ``0.2.1``.

        Raises:
            ValueError: the text has another form.
        """
        if not re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", text):
            raise ValueError(f"the version {text!r} is not of the form X.Y.Z")
        return cls(*map(int, text.split(".")))

    def raised(self, bumps: Collection[str]) -> Version:
        """Return the lowest version after changes that are ``major``, ``minor`` or ``patch``."""
        major, minor, patch = self
        if "major" in bumps and major:
            return Version(major + 1, 0, 0)
        # Below 1.0.0 the minor number replaces the major number.
        if "major" in bumps or "minor" in bumps:
            return Version(major, minor + 1, 0)
        return Version(major, minor, patch + 1) if bumps else self

    def __str__(self) -> str:
        return ".".join(map(str, self))


class NothingReleased(Exception):
    """There is no such released version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A released version: the bytes of its files, and a name for their origin.

    ``rules`` are those of its requirements, empty before 0.3.
    """

    version: Version
    name: str
    raw: bytes
    rules: bytes


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
        beside = file.with_name(f"{version}.requirements.yaml")
        rules = beside.read_bytes() if beside.exists() else b""
        return Release(version, file.relative_to(root).as_posix(), file.read_bytes(), rules)
    tag = _tags(root).get(version)
    if tag is None:
        known = ", ".join(map(str, sorted({*_files(root), *_tags(root)}))) or "none"
        raise NothingReleased(f"{version} is not released; released are {known}")
    raw, rules = (_git(root, "show", f"{tag}:{file}") for file in (CONTRACT, REQUIREMENTS))
    return Release(version, f"{tag}:{CONTRACT}", raw, rules)


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
