"""What docs/interop.md says of versions is what is tried, and the lock file is whole."""

from __future__ import annotations

import json
import re
from importlib import metadata

from support.repository import ROOT

BENCHMARKS = ROOT / "benchmarks" / "tools"
PACKAGES = (ROOT / "tools" / "node" / "interop", BENCHMARKS / "specmatic", BENCHMARKS / "dredd")
DOCUMENT = (ROOT / "docs" / "interop.md").read_text("utf-8")
NEWEST = re.compile(r"npm:typescript@(.*)")


def wanted() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in PACKAGES:
        found |= json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    return found


def test_the_document_names_the_versions_that_are_tried() -> None:
    ours = {"@types/node"}
    for name, version in wanted().items():
        plain = NEWEST.sub(r"\1", version)
        assert re.fullmatch(r"\d+\.\d+\.\d+", plain), name
        assert name in ours or plain in DOCUMENT, name
    for name in ("conductor-python", "openapi-python-client", "schemathesis"):
        assert metadata.version(name) in DOCUMENT, name
    pinned = dict(re.findall(r"([a-z-]+)(?:@|==)(\d[\d.]*\d)", DOCUMENT))
    installed = {**wanted(), "openapi-python-client": metadata.version("openapi-python-client")}
    assert pinned.items() <= installed.items()
