"""Recognisable secrets, and a search for them that no usual encoding hides them from."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from support.processes.command import DEADLINE, environment

AWKWARD = "\"&<+/'%\\>=Q;"
"""What JSON, XML, shells and percent-encoding escape, and letters in either case."""
PIECE = 12
"""Characters of a secret that give it away: half of one is enough to be a leak."""
_RUN = re.compile(r"[0-9a-z]{12,}", re.IGNORECASE)


def secret(name: str, awkward: str = AWKWARD) -> str:
    """Return a secret that no other text holds a piece of."""
    return f"canary-{name}-{awkward}{secrets.token_hex(9)}aB{secrets.token_hex(9)}"


def spellings(value: str) -> dict[str, str]:
    """Return the spellings in which a secret could leave, by their names."""
    in_json = json.dumps(value)[1:-1]
    return {
        "plain": value,
        "percent": quote(value, safe=""),
        "percent in a path": quote(value),
        "percent in a form": re.sub("%..", lambda match: match[0].lower(), quote_plus(value)),
        "json": in_json,
        "json with slashes": in_json.replace("/", r"\/"),
        "json for scripts": "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in value),
        "json in json": json.dumps(in_json)[1:-1],
        "xml": html.escape(value),
        "xml by number": "".join(c if c.isalnum() else f"&#{ord(c)};" for c in value),
        "python": repr(value)[1:-1],
        "base64": base64.b64encode(value.encode()).decode(),
        "base64 for urls": base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
        "basic": base64.b64encode(f"user:{value}".encode()).decode(),
        "other case": value.swapcase(),
        "cut short": value[:-16],
        "its end": value[-16:],
    }


def needles(value: str) -> frozenset[bytes]:
    """Return what to look for in lower case: pieces of a secret, and of its base64."""
    found: set[str] = set()
    for run in _telling(value):
        found |= _windows(run, PIECE)
        for shift in range(3):
            # Whatever stands before it decides how its bytes fall into groups of three.
            text = base64.b64encode(b"-" * shift + run.encode()).decode()[4:-4]
            found |= _windows(text, PIECE + 4)
            found |= _windows(text.replace("+", "-").replace("/", "_"), PIECE + 4)
    assert found, "nothing in it could be told from other text"
    lower = {piece.lower() for piece in found}
    return frozenset({piece.encode() for piece in lower} | {p.encode("utf-16-le") for p in lower})


def traceable_token(issue: Callable[[], str]) -> str:
    """Have tokens issued until the signature of one can be told from other text."""
    return next(token for token in iter(issue, "") if _telling(token.rpartition(".")[2]))


def _telling(value: str) -> list[str]:
    # Others may be a word of the language, which stands in other texts, too.
    return [run for run in _RUN.findall(value) if any(map(str.isdigit, run))]


def _windows(text: str, size: int) -> set[str]:
    """Return pieces that cover a text: side by side, and the last one."""
    last = len(text) - size
    return {text[place : place + size] for place in (*range(0, last + 1, size), last) if place >= 0}


@dataclass(frozen=True)
class Finished:
    """What a process left behind, and how it was called."""

    code: int
    out: bytes
    err: bytes
    title: bytes

    @property
    def text(self) -> str:
        """What a person saw."""
        return (self.out + self.err).decode("utf-8", "replace")


@dataclass
class Aviary:
    """The secrets of a test, the folder that everything happens in, and what was seen."""

    folder: Path
    named: dict[str, str] = field(default_factory=dict)
    planted: set[Path] = field(default_factory=set)
    """Files into which the test itself has written secrets."""
    seen: dict[str, bytes] = field(default_factory=dict)

    def new(self, name: str, awkward: str = AWKWARD) -> str:
        """Return a new secret."""
        self.named[name] = secret(name, awkward)
        return self.named[name]

    def know(self, name: str, value: str) -> str:
        """Take a secret that something else has made, such as a server."""
        self.named[name] = value
        return value

    def file(self, name: str, content: str) -> Path:
        """Plant a file."""
        path = self.folder / name
        path.write_text(content, "utf-8")
        self.planted.add(path)
        return path

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment in which every file of a process lands in the folder."""
        (self.folder / "home").mkdir(exist_ok=True)
        (self.folder / "tmp").mkdir(exist_ok=True)
        (self.folder / "cwd").mkdir(exist_ok=True)
        return environment(
            {
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "tmp"),
                "XDG_CACHE_HOME": str(self.folder / "home" / "cache"),
                **(extra or {}),
            }
        )

    def run(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    ) -> Finished:
        """Run a module of Python with arguments to its end, and keep all that it says."""
        surroundings = self.environment(env)
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=self.folder / "cwd",
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        title = b""
        try:
            while not title and process.poll() is None:
                # Empty for a moment, while the program is being loaded.
                title = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            meanwhile(process)
            out, err = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
        number = len(self.seen) // 2
        self.seen |= {f"stdout {number}": out, f"stderr {number}": err}
        return Finished(process.returncode, out, err, title)

    def leaks(self) -> list[str]:
        """Return which secrets stand where: in what was printed, in files and in their names."""
        wanted = {name: needles(value) for name, value in self.named.items()}
        found = []
        for place, data in (*self.seen.items(), *self._files()):
            lower = data.lower()
            for name, pieces in wanted.items():
                where = min((lower.find(one) for one in pieces if one in lower), default=-1)
                if where >= 0:
                    found.append(f"{name} in {place}")
                    # For whoever has to find out how it got there.
                    sys.stderr.write(f"{found[-1]}: {data[max(0, where - 160) : where + 60]!r}\n")
        return found

    def _files(self) -> Iterable[tuple[str, bytes]]:
        for path in sorted(self.folder.rglob("*")):
            place = str(path.relative_to(self.folder))
            yield f"the name {place}", place.encode("utf-8", "surrogateescape")
            if path in self.planted or not path.is_file():
                continue
            content = path.read_bytes()
            yield place, content
            if content.startswith(b"\x1f\x8b"):
                yield f"{place}, unpacked", gzip.decompress(content)
