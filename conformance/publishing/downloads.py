"""The downloads of a version: the contract in several formats, and JSON Schemas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.publishing import json_schemas, openapi_30
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

    ``openapi.yaml`` and ``requirements.yaml`` are the contract's files byte for byte; the digest in
    reports is that of both, one after the other. The other files are derived from the first one.

    Raises:
        ContractError: the contract cannot be expressed in OpenAPI 3.0.3.
    """
    old = openapi_30.rendered(edition.document)
    api = "the API, OpenAPI 3.1" if edition.rules else "the contract, OpenAPI 3.1"
    names = ((api, edition.raw), ("the requirements on a server", edition.rules))
    files = [
        *(Download(name, *one) for name, one in zip(edition.files, names, strict=False)),
        Download("openapi.json", "openapi.yaml as JSON", as_json(edition.document)),
        Download(
            "openapi-3.0.yaml",
            "openapi.yaml, for tools that support only OpenAPI 3.0",
            as_yaml(old),
        ),
        Download("openapi-3.0.json", "openapi-3.0.yaml as JSON", as_json(old)),
    ]
    for name, schema, what in (
        ("provider", "Provider", "JSON Schema of one provider"),
        ("provider-list", "ProviderList", "JSON Schema of a whole response"),
    ):
        content = as_json(json_schemas.schema_of(edition.document, schema))
        files.append(Download(f"{name}.schema.json", what, content))
    return tuple(files)


def checksums(files: Mapping[str, bytes]) -> bytes:
    """Return the digests of files, sorted by name, in the format of `sha256sum`."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def as_json(value: Any) -> bytes:
    """Return indented JSON in UTF-8."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def as_yaml(value: Any) -> bytes:
    """Return YAML in UTF-8, with multi-line texts as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """A dumper that repeats shared values instead of using aliases."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own
            """Disable aliases."""
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value.strip("\n") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    dumped: bytes = yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100, encoding="utf-8"
    )
    return dumped
