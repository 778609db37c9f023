"""The downloads of a version: the contract in several formats, and JSON Schemas."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.publishing import canonical, json_schemas, openapi_30
from conformance.publishing.editions import Edition


@dataclass(frozen=True, slots=True)
class Download:
    """One file and a short description of it."""

    name: str
    what: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 digest of the file."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> str:
        """The size as text, such as ``12 kB``."""
        kilobytes = len(self.content) / 1000
        return f"{kilobytes:,.0f} kB" if kilobytes >= 1 else f"{len(self.content)} B"


def of(edition: Edition) -> tuple[Download, ...]:
    """Return the files of a version.

    ``openapi.yaml`` is the contract's file byte for byte, so its digest is the one in reports. The
    other files are derived from it.

    Raises:
        ContractError: the contract cannot be expressed in OpenAPI 3.0.3.
    """
    document = canonical.ordered(edition.document)
    old = canonical.ordered(openapi_30.rendered(edition.document))
    files = [
        Download("openapi.yaml", "the contract, OpenAPI 3.1", edition.raw),
        Download("openapi.json", "the same document as JSON", canonical.as_json(document)),
        Download(
            "openapi-3.0.yaml", "for tools that support only OpenAPI 3.0", canonical.as_yaml(old)
        ),
        Download("openapi-3.0.json", "the same as JSON", canonical.as_json(old)),
    ]
    for name, schema, what in (
        ("provider", "Provider", "JSON Schema of one provider"),
        ("provider-list", "ProviderList", "JSON Schema of a whole response"),
    ):
        content = canonical.as_json(json_schemas.schema_of(edition.document, schema))
        files.append(Download(f"{name}.schema.json", what, content))
    return tuple(files)


def checksums(files: Mapping[str, bytes]) -> bytes:
    """Return the digests of files, sorted by name, in the format of `sha256sum`."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()
