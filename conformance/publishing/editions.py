"""All versions of the contract, with their changelog entries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract import requirements
from conformance.contract.loader import REQUIREMENTS, beside, default_path
from conformance.contract.model import Level, Measure, Requirement
from conformance.core.yaml_document import DocumentError, at, read_yaml
from conformance.errors import ContractError

VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of the contract.

    ``raw`` is the content of its OpenAPI document, and ``rules`` that of its requirements, empty
    before 0.3. ``sources`` are documents that requirements cite, by title, each with ``url`` and
    ``what``. ``changes`` is its changelog entry in Markdown, or ``""``. A version that is not
    ``released`` is a draft and may still change.
    """

    version: str
    released: bool
    raw: bytes
    rules: bytes
    document: Mapping[str, Any]
    requirements: tuple[Requirement, ...]
    families: Mapping[str, str]
    measures: Mapping[str, Measure]
    sources: Mapping[str, Mapping[str, str]]
    changes: str

    @property
    def sha256(self) -> str:
        """The SHA-256 digest of its files, by which reports identify the contract."""
        return hashlib.sha256(self.raw + self.rules).hexdigest()

    @property
    def files(self) -> tuple[str, ...]:
        """The names under which its files are published."""
        return ("openapi.yaml", REQUIREMENTS) if self.rules else ("openapi.yaml",)

    @property
    def path(self) -> str:
        """The path of the endpoint."""
        return str(next(iter(self.document["paths"])))

    @property
    def operation(self) -> Mapping[str, Any]:
        """The operation object of the endpoint."""
        operation: Mapping[str, Any] = self.document["paths"][self.path]["get"]
        return operation

    def having(self, level: Level) -> int:
        """Return the number of requirements of a level."""
        return sum(requirement.level is level for requirement in self.requirements)


def read(folder: Path | None = None) -> tuple[Edition, ...]:
    """Return all versions, the newest last; ``folder`` has the layout of ``spec``.

    Raises:
        ContractError: a file cannot be read, is not a contract, or has an unexpected version.
    """
    folder = default_path().parent if folder is None else folder
    entries = changelog(_bytes(folder / "CHANGELOG.md").decode())
    released = {
        file.stem: _edition(file, entries, released=True)
        for file in (folder / "versions").glob("*.yaml")
        if not file.name.endswith(REQUIREMENTS)
    }
    for name, edition in released.items():
        if edition.version != name:
            raise ContractError(
                f"versions/{name}.yaml has version {edition.version}; name it after its version"
            )
    current = _edition(folder / "openapi.yaml", entries, released=False)
    found = released.setdefault(current.version, current)
    if found.sha256 != current.sha256:
        raise ContractError(
            f"the contract differs from the released version {current.version} of the contract; "
            "raise the version in openapi.yaml and requirements.yaml"
        )
    return tuple(sorted(released.values(), key=lambda edition: order(edition.version)))


def order(version: str) -> tuple[int, ...]:
    """Return the sort key of a version; raises ``ContractError`` if it is malformed."""
    found = VERSION.fullmatch(version)
    if found is None:
        raise ContractError(f"info.version is {version!r}; write it as three numbers: 1.2.3")
    return tuple(map(int, found.groups()))


def latest(editions: tuple[Edition, ...]) -> Edition:
    """Return the newest released version, or the draft if there is none."""
    return next((edition for edition in reversed(editions) if edition.released), editions[-1])


def referenced(document: Mapping[str, Any], reference: str) -> Any:
    """Return the part of a document that a reference within it names."""
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def changelog(text: str) -> Mapping[str, str]:
    """Return the entries of a changelog as Markdown, by version."""
    parts = re.split(r"^## (\S+).*\n", text, flags=re.MULTILINE)
    return {version: body.strip() for version, body in zip(parts[1::2], parts[2::2], strict=True)}


def _edition(file: Path, entries: Mapping[str, str], *, released: bool) -> Edition:
    raw, rules = _bytes(file), b""
    try:
        document = law = read_yaml(raw)
        if not requirements.is_one_file(document):
            rules = _bytes(beside(file))
            law = read_yaml(rules)
        version = at(document, "info", "version", kind=str)
        order(version)
        at(document, "paths")
        found = requirements.read(law)
        if law is not document and law.get("version") != version:
            raise DocumentError(f"its requirements are of version {law.get('version')}")
        return Edition(
            version=version,
            released=released,
            raw=raw,
            rules=rules,
            document=document,
            requirements=found.requirements,
            families=found.families,
            measures=found.measures,
            sources=law.get("sources", {}),
            changes=entries.get(version, ""),
        )
    except DocumentError as error:
        raise ContractError(
            f"the contract {file.name} is not usable: {error}; correct it"
        ) from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ContractError(
            f"cannot read {file}: {error.strerror}; the installation is incomplete; install again"
        ) from error
