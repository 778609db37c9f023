"""Swagger UI for the reference page: fetching it, and preparing the contract for it.

A page opened from a file share may not read files next to it, so the document is embedded as a
script. Swagger UI resolves references by reading the page's own URL, which a file share does not
allow either. References are therefore replaced by their targets, with the name as the title.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from conformance.core import input_files
from conformance.errors import UsageError
from conformance.publishing import npm
from conformance.publishing.editions import referenced

PACKAGE = "swagger-ui-dist"
SCRIPT, STYLE = "swagger-ui-bundle.js", "swagger-ui.css"
FILES = (SCRIPT, f"{SCRIPT}.LICENSE.txt", STYLE, "LICENSE", "NOTICE")
LARGEST = 100 * 2**20
"""Maximum bytes of an archive; the real one has a twentieth of that."""
_NODE = ("package.json", "package-lock.json", ".npmrc")


@dataclass(frozen=True, slots=True)
class Renderer:
    """The files of the Swagger UI package, by name."""

    version: str
    files: Mapping[str, bytes]


def version() -> str:
    """Return the version in the lock file."""
    return str(_locked()["version"])


def of_archive(path: Path) -> Renderer:
    """Read the files from the package's archive, as downloaded by `npm pack`.

    Raises:
        UsageError: the archive cannot be read, or is not the one in the lock file.
    """
    fetch = f"`npm pack {PACKAGE}@{version()}` downloads it as {PACKAGE}-{version()}.tgz"
    try:
        raw = input_files.read_bytes(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = input_files.reason(error)
        raise UsageError(f"cannot read the bundle {path}: {reason}; {fetch}") from error
    algorithm, _, expected = str(_locked()["integrity"]).partition("-")
    digest = base64.b64encode(hashlib.new(algorithm, raw).digest()).decode()
    if digest != expected:
        raise UsageError(f"the bundle {path} is not the published {PACKAGE} {version()}; {fetch}")
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        files = {name: _member(archive, name) for name in FILES}
    return Renderer(version(), files)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(f"package/{name}")
    assert stream is not None  # noqa: S101 - the digest guarantees that it is a file
    return stream.read()


def of_npm(cache: Path, report: Callable[[str], object]) -> Renderer:
    """Return the files from a cache, which `npm ci` fills the first time.

    Raises:
        UsageError: node is missing, the package cannot be installed, or the cache is not writable.
    """
    kept = cache / f"{PACKAGE}-{version()}"
    if not kept.is_dir():
        try:
            _fetch(kept, report)
        except npm.NodeError as error:
            raise UsageError(
                f"{error}; or download {PACKAGE}-{version()}.tgz on another machine "
                f"(`npm pack {PACKAGE}@{version()}`) and pass it with --bundle"
            ) from error
        except OSError as error:
            raise UsageError(
                f"cannot write the cache {cache}: {error.strerror}; free disk space, "
                f"or pass the archive of {PACKAGE} with --bundle"
            ) from error
    try:
        return Renderer(version(), {name: (kept / name).read_bytes() for name in FILES})
    except OSError as error:
        raise UsageError(
            f"cannot read the cache {kept}: {error.strerror}; remove it, and it is created again"
        ) from error


def _fetch(kept: Path, report: Callable[[str], object]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="publishing-", dir=kept.parent) as name:
        work, ready = Path(name) / PACKAGE, Path(name) / "ready"
        work.mkdir()
        ready.mkdir()
        ours = resources.files("conformance.publishing") / "node"
        for file in _NODE:
            (work / file).write_bytes((ours / file).read_bytes())
        npm.installed(work, report)
        for file in FILES:
            shutil.copyfile(work / "node_modules" / PACKAGE / file, ready / file)
        try:
            # The rename makes the cache complete or leaves it missing.
            ready.replace(kept)
        except OSError:
            # Another process may have filled the cache first.
            if not kept.is_dir():
                raise


def _locked() -> Mapping[str, Any]:
    lock = resources.files("conformance.publishing") / "node" / "package-lock.json"
    entry: Mapping[str, Any] = json.loads(lock.read_text("utf-8"))["packages"][
        f"node_modules/{PACKAGE}"
    ]
    return entry


VARIABLE = "CONTRACT"
_SHOWN = ("openapi", "info", "servers", "security", "tags", "paths", "components")


def script(document: Mapping[str, Any]) -> bytes:
    """Return a classic script that assigns the prepared document to a variable of the page."""
    text = json.dumps(shown(document), ensure_ascii=True, separators=(",", ":"))
    # So no text in it can end a surrounding script element.
    text = text.replace("<", "\\u003c")
    return f"window.{VARIABLE} = {text};\n".encode()


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts for the reference page, without references and extensions."""
    result = {name: _resolved(document, document[name], ()) for name in _SHOWN if name in document}
    schemas = document["components"]["schemas"]
    # In the list of schemas each schema is expanded only once.
    result["components"]["schemas"] = {
        name: {**_resolved(document, schema, tuple(map(_reference, schemas))), "title": name}
        for name, schema in schemas.items()
    }
    return result


def _resolved(document: Mapping[str, Any], node: Any, named: tuple[str, ...]) -> Any:
    """Replace references by their targets; those in ``named`` only by a name and a type."""
    if isinstance(node, list):
        return [_resolved(document, value, named) for value in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        found = referenced(document, reference)
        name = reference.rpartition("/")[2]
        if reference in named:
            kind = {"type": found["type"]} if "type" in found else {}
            return {"title": name, **kind, "description": f"See {name}."}
        resolved = _resolved(document, found, (*named, reference))
        return {**resolved, "title": name} if reference == _reference(name) else resolved
    return {
        key: _resolved(document, value, named)
        for key, value in node.items()
        if not str(key).startswith("x-")
    }


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"
