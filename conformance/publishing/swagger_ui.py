"""Swagger UI for the reference page: fetching it, and the contract in the form it needs.

A page opened from a file share may not read files beside it, so the document is embedded as a
script. Swagger UI resolves references by reading the page's own address, which a file share
forbids, too; so references are replaced by what they point to, with its name as the title.
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

PACKAGE = "swagger-ui-dist"
SCRIPT, STYLE = "swagger-ui-bundle.js", "swagger-ui.css"
FILES = (SCRIPT, f"{SCRIPT}.LICENSE.txt", STYLE, "LICENSE", "NOTICE")
LARGEST = 100 * 2**20
"""Bytes that are read of an archive; the real one has a twentieth of that."""
_NODE = ("package.json", "package-lock.json", ".npmrc")


@dataclass(frozen=True, slots=True)
class Renderer:
    """The files by name, as the package has them."""

    version: str
    files: Mapping[str, bytes]


def version() -> str:
    """Return the version that the lock file names."""
    return str(_locked()["version"])


def of_archive(path: Path) -> Renderer:
    """Read the files from the package's archive, as `npm pack` fetches it.

    Raises:
        UsageError: it cannot be read, or is another one than the lock file names.
    """
    fetch = f"`npm pack {PACKAGE}@{version()}` fetches it as {PACKAGE}-{version()}.tgz"
    try:
        raw = input_files.read_bytes(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = input_files.reason(error)
        raise UsageError(f"cannot read the bundle {path}: {reason}; {fetch}") from error
    algorithm, _, expected = str(_locked()["integrity"]).partition("-")
    digest = base64.b64encode(hashlib.new(algorithm, raw).digest()).decode()
    if digest != expected:
        raise UsageError(
            f"the bundle {path} is not {PACKAGE} {version()} as it was published; {fetch}"
        )
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        files = {name: _member(archive, name) for name in FILES}
    return Renderer(version(), files)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(f"package/{name}")
    assert stream is not None  # noqa: S101 - its digest says that it is a file
    return stream.read()


def of_npm(cache: Path, say: Callable[[str], object]) -> Renderer:
    """Return the files from a cache, into which `npm ci` brings them the first time.

    Raises:
        UsageError: node is missing, the package cannot be had, or the cache cannot be written.
    """
    kept = cache / f"{PACKAGE}-{version()}"
    if not kept.is_dir():
        try:
            _fetch(kept, say)
        except npm.NodeError as error:
            raise UsageError(
                f"{error}; or fetch {PACKAGE}-{version()}.tgz on another machine "
                f"(`npm pack {PACKAGE}@{version()}`) and name it with --bundle"
            ) from error
        except OSError as error:
            raise UsageError(
                f"cannot write the cache {cache}: {error.strerror}; make room there, "
                "or name the renderer's archive with --bundle"
            ) from error
    try:
        return Renderer(version(), {name: (kept / name).read_bytes() for name in FILES})
    except OSError as error:
        raise UsageError(
            f"cannot read the cache {kept}: {error.strerror}; remove it, and it is made again"
        ) from error


def _fetch(kept: Path, say: Callable[[str], object]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="publishing-", dir=kept.parent) as name:
        work, ready = Path(name) / PACKAGE, Path(name) / "ready"
        work.mkdir()
        ready.mkdir()
        ours = resources.files("conformance.publishing") / "node"
        for file in _NODE:
            (work / file).write_bytes((ours / file).read_bytes())
        npm.installed(work, say)
        for file in FILES:
            shutil.copyfile(work / "node_modules" / PACKAGE / file, ready / file)
        try:
            # It is there as a whole or not at all.
            ready.replace(kept)
        except OSError:
            # Another process may have been quicker.
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
    """Return a classic script that gives the document, to be shown, to the page."""
    text = json.dumps(shown(document), ensure_ascii=True, separators=(",", ":"))
    # No text in it can end the element that it may be put into.
    text = text.replace("<", "\\u003c")
    return f"window.{VARIABLE} = {text};\n".encode()


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that a reference shows, without references and extensions."""
    result = {name: _resolved(document, document[name], ()) for name in _SHOWN if name in document}
    schemas = document["components"]["schemas"]
    # In the list of schemas each stands once.
    result["components"]["schemas"] = {
        name: {**_resolved(document, schema, tuple(map(_reference, schemas))), "title": name}
        for name, schema in schemas.items()
    }
    return result


def _resolved(document: Mapping[str, Any], node: Any, named: tuple[str, ...]) -> Any:
    """Put what is referred to in place; of ``named`` references only the name and the type."""
    if isinstance(node, list):
        return [_resolved(document, value, named) for value in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        found = _at(document, reference)
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


def _at(document: Mapping[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node
