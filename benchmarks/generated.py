"""Parts of documents that commands write: between markers, with the command and the commit.

    <!-- begin: soak power; describes conformance/evidence benchmarks/soak.py; digest 012abc -->
    …
    <!-- end -->

The digest is that of the files described when the part was written. If it differs from theirs now,
the figures are older than the code. That alone is no failure: measuring again may take hours.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import machine

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "docs/*.md")
_BLOCK = re.compile(
    r"<!-- begin: (?P<name>[^;>]+); describes (?P<paths>[^;>]+); digest (?P<digest>\w+) -->\n"
    r"(?P<content>.*?)<!-- end -->",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A generated part; ``paths`` are the files and folders that its figures depend on."""

    name: str
    paths: tuple[str, ...]
    digest: str
    content: str


def blocks(text: str) -> Iterator[Block]:
    """Yield the generated parts of a document."""
    for found in _BLOCK.finditer(text):
        paths = tuple(found["paths"].split())
        yield Block(found["name"], paths, found["digest"], found["content"].strip())


def documented() -> Iterator[tuple[str, Block]]:
    """Yield the generated parts of all documents, with the name of the document."""
    for pattern in DOCUMENTS:
        for path in sorted(ROOT.glob(pattern)):
            for block in blocks(path.read_text("utf-8")):
                yield path.relative_to(ROOT).as_posix(), block


def replaced(text: str, name: str, content: str, written: str | None = None) -> str:
    """Return a document with one generated part replaced.

    ``written`` is the digest of what the part describes, by default that of the files as they are.

    Raises:
        ValueError: the document has no such part.
    """
    found = next((one for one in _BLOCK.finditer(text) if one["name"] == name), None)
    if found is None:
        raise ValueError(f'it has no line "<!-- begin: {name}; describes … -->" with its end')
    written = written or digest(found["paths"].split())
    begin = f"<!-- begin: {name}; describes {found['paths']}; digest {written} -->"
    whole = f"{begin}\n\n{content.strip()}\n\n<!-- end -->"
    return f"{text[: found.start()]}{whole}{text[found.end() :]}"


def write(path: Path, parts: dict[str, str]) -> None:
    """Write generated parts, by name, into a document.

    Raises:
        OSError: the document cannot be read or written.
        ValueError: the document has no such part.
    """
    text = path.read_text("utf-8")
    for name, content in parts.items():
        text = replaced(text, name, content)
    path.write_text(text, "utf-8")


def digest(paths: Sequence[str], root: Path = ROOT) -> str:
    """Return the digest of files and of all Python, YAML and JSON files in folders.

    Raises:
        ValueError: there is no such file.
    """
    content = hashlib.sha256()
    for name in paths:
        path = root / name
        inside = (one for one in path.rglob("*.*") if one.suffix in (".py", ".yaml", ".json"))
        files = [path] if path.is_file() else sorted(inside)
        if not files:
            raise ValueError(f"{name} does not exist")
        for one in files:
            content.update(one.relative_to(root).as_posix().encode() + b"\0" + one.read_bytes())
    return content.hexdigest()[:12]


def measured_by(command: str) -> str:
    """Return a line about a measurement that ends now: the command, date, commit and machine."""
    return f"Measured by `{command}`: {machine()}, commit {commit()}."


def commit() -> str:
    """Return the commit of the checkout; whether something was changed since, too."""
    # The program that the project needs anyway, with constant arguments.
    done = subprocess.run(
        ["git", "describe", "--always", "--exclude=*", "--dirty= with changes"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"
