"""Writing a site to its folder: completely or not at all, and only over an earlier site."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.input_files import read_bytes
from conformance.core.text import counted
from conformance.errors import UsageError

CHECKSUMS = "SHA256SUMS"
INDEX = "versions.json"
PUBLISHER = "conductor-conformance publish"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to which a site may be written, and the versions that it contains so far.

    ``path`` has no symbolic links; ``versions`` are the entries of its ``versions.json``.
    """

    given: str
    path: Path
    versions: tuple[Mapping[str, Any], ...]


def prepare(given: str) -> Place:
    """Check a folder before anything is written.

    Raises:
        UsageError: the folder cannot be used, or contains files that this command did not write.
    """
    try:
        path = Path(os.path.realpath(given))
        if path == Path.cwd() or path in Path.cwd().parents:
            raise UsageError(
                f"cannot publish into {given}: it is or contains the current folder, and the "
                "whole folder is replaced; use a folder below, such as ./site"
            )
        if path.exists() and not path.is_dir():
            raise UsageError(f"cannot publish into {given}: it is a file; use a folder")
        versions = _versions(given, path) if path.is_dir() and any(path.iterdir()) else ()
        # Missing folders are created only once the site is built.
        above = next(one for one in path.parents if one.exists())
        if not above.is_dir():
            raise UsageError(f"cannot publish into {given}: {above} is a file; use another folder")
        if not os.access(above, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise _unusable(given, error) from error
    return Place(given, path, versions)


def _versions(given: str, path: Path) -> tuple[Mapping[str, Any], ...]:
    try:
        index = json.loads(read_bytes(path / INDEX))
        ours = index["publisher"] == PUBLISHER
        versions = tuple(
            {name: entry[name] for name in ("version", "sha256", "released")}
            for entry in index["versions"]
        )
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        ours, versions = False, ()
    if not ours:
        raise UsageError(
            f"the folder {given} is not empty and was not written by this command, so it was left "
            "unchanged; use another folder, or empty it first"
        )
    unknown = sorted(_files(path) - _own(path))
    if unknown:
        raise UsageError(
            f"the folder {given} contains {_named(unknown)}, not written by this command; the "
            "whole folder is replaced, so move your own files elsewhere first"
        )
    return versions


def _files(path: Path) -> set[str]:
    return {
        (Path(folder) / name).relative_to(path).as_posix()
        for folder, folders, files in os.walk(path)
        for name in (*files, *(one for one in folders if (Path(folder) / one).is_symlink()))
    }


def _own(path: Path) -> set[str]:
    lines = read_bytes(path / CHECKSUMS).decode("utf-8", "replace").splitlines()
    return {CHECKSUMS, *(line[66:] for line in lines)}


def _named(names: list[str]) -> str:
    more = len(names) - 1
    return names[0] if not more else f"{names[0]} and {counted(more, 'other file')}"


def put(place: Place, tree: Mapping[str, bytes]) -> None:
    """Write all files next to the folder, then replace the folder with them.

    Raises:
        UsageError: a file cannot be written, for example because the disk is full.
    """
    path, work = place.path, None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
        fresh, old = work / "new", work / "old"
        fresh.mkdir()
        for name, content in tree.items():
            file = fresh / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        _swap(path, fresh, old)
    except OSError as error:
        raise _unusable(place.given, error) from error
    finally:
        # The previous site is removed only if the new one has replaced it.
        if work is not None and (path.exists() or not (work / "old").exists()):
            shutil.rmtree(work, ignore_errors=True)


def _swap(path: Path, fresh: Path, old: Path) -> None:
    try:
        if path.is_dir():
            shutil.copymode(path, fresh)
            path.rename(old)
        fresh.rename(path)
    except BaseException:
        # Interrupted between the two renames, or the second one failed: restore the old site.
        if old.exists() and not path.exists():
            with suppress(OSError):
                old.rename(path)
        raise


def _unusable(given: str, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or str(error)
    return UsageError(
        f"cannot publish into {given}: {reason}; make it writable, free disk space, or use "
        "another folder"
    )
