"""A tool in the comparison: how to prepare it, start it and read its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from comparison.processes import Ended

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "benchmarks" / "tools"
"""A folder for each tool, with its configurations and pinned packages."""

PASSED = "passed"
FAILED = "failed"
UNJUDGED = "not judged"

ENDPOINT = "/api/integrations/provider"


class Unavailable(Exception):
    """A tool cannot be run on this machine; the message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server as described to a tool, and the folder for the tool's files.

    ``url`` is any address of the API. ``token`` is ``None`` if none is needed. ``access_key`` is a
    key and a secret, for servers whose users have these instead of a token. If it is not
    ``strict``, breaking a SHOULD does not count.
    """

    url: str
    token: str | None
    access_key: tuple[str, str] | None
    folder: Path
    strict: bool = True

    @property
    def base(self) -> str:
        """The address to which the contract's paths are appended."""
        return self.url.rstrip("/").removesuffix(ENDPOINT).removesuffix("/api")


@dataclass(frozen=True, slots=True)
class Command:
    """The command line of a tool, and additional environment variables."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolVerdict:
    """The verdict of a tool on a server, and the names of its findings if its report has them.

    ``problem`` is the reason why there is no verdict, or empty.
    """

    verdict: str
    found: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An installed tool; ``fingerprint`` changes with its version and its configuration."""

    version: str
    fingerprint: str
    command: Callable[[Target], Command]
    read: Callable[[Path, Ended], ToolVerdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way to use a tool.

    ``name`` identifies it on the command line, ``title`` in the tables; ``shown`` is the command
    that a user would type. ``make_ready`` prepares the tool and writes adapted contracts to the
    given folder; it raises :class:`Unavailable`.
    """

    name: str
    title: str
    shown: str
    make_ready: Callable[[Path], Ready]


def by_exit_code(_folder: Path, ended: Ended) -> ToolVerdict:
    """Return the verdict of a tool whose exit code is 0 or 1."""
    match ended.exit_code:
        case 0:
            return ToolVerdict(PASSED)
        case 1:
            return ToolVerdict(FAILED)
        case _:
            return unjudged(ended)


def unjudged(ended: Ended) -> ToolVerdict:
    """Return the result for a process that ended without a verdict."""
    if ended.exit_code is None:
        return ToolVerdict(UNJUDGED, problem="killed at its deadline")
    return ToolVerdict(UNJUDGED, problem=f"exit code {ended.exit_code}: {ended.last_words}")


def fingerprint(*words: str, files: Iterable[Path] = ()) -> str:
    """Return a digest of words and of file contents, independent of the order of the files."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
