"""What a tool is to the comparison: how it is made ready, started, and what its words mean."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from comparison.processes import Ended

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "benchmarks" / "tools"
"""A folder for each tool: its configurations, and its pinned packages."""

PASSED = "passed"
FAILED = "failed"
UNJUDGED = "not judged"

ENDPOINT = "/api/integrations/provider"


class Unavailable(Exception):
    """Why a tool cannot be run on this machine, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a tool is told of a server, and the folder that it works in.

    ``url`` names the API as its owner would. ``token`` is ``None`` where none is needed;
    ``access_key`` is there where a caller has no token, only a key and a secret.
    """

    url: str
    token: str | None
    access_key: tuple[str, str] | None
    folder: Path

    @property
    def base(self) -> str:
        """What the contract's paths are appended to."""
        return self.url.rstrip("/").removesuffix(ENDPOINT).removesuffix("/api")


@dataclass(frozen=True, slots=True)
class Command:
    """The words that start a tool, and what is in its environment besides."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool said of a server: its verdict, and what it found, where its report names that.

    ``problem`` says why there is no verdict.
    """

    verdict: str
    found: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A tool that can be run. ``fingerprint`` changes with its version and its configuration."""

    version: str
    fingerprint: str
    command: Callable[[Target], Command]
    read: Callable[[Path, Ended], Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way to use a tool; ``make_ready`` gets a folder for what it makes of the contract.

    ``name`` is the word of the command line, ``title`` that of the tables, ``shown`` the command
    that a person would type. ``make_ready`` raises :class:`Unavailable`.
    """

    name: str
    title: str
    shown: str
    make_ready: Callable[[Path], Ready]


def by_exit_code(_folder: Path, ended: Ended) -> Said:
    """Return the verdict of a tool that exits with 0 or 1 and nothing else."""
    match ended.exit_code:
        case 0:
            return Said(PASSED)
        case 1:
            return Said(FAILED)
        case _:
            return unjudged(ended)


def unjudged(ended: Ended) -> Said:
    """Return what is said of a process that ended without a verdict."""
    if ended.exit_code is None:
        return Said(UNJUDGED, problem="killed at its deadline")
    return Said(UNJUDGED, problem=f"exit code {ended.exit_code}: {ended.last_words}")


def fingerprint(*words: str, files: Iterable[Path] = ()) -> str:
    """Return a digest of words and of the content of files, in any order of the files."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
