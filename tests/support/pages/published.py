"""Sites that are published in tests: a renderer that costs nothing, and self-tests made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from conformance.publishing import downloads, editions, site, site_folder, swagger_ui
from conformance.publishing.swagger_ui import FILES, Renderer
from conformance.reference.faults import FAULTS
from conformance.report.render import json as selftest_json
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import FaultTrial, assess
from support.canned.trials import failing, matrix

STAND_IN = Renderer("0.0.0", {name: f"/* {name} */\n".encode() for name in FILES})


def proven() -> Matrix:
    """Return the self-test in which every fault of the catalogue is found."""
    trials = [assess(fault, failing(*fault.breaks)) for fault in FAULTS]
    return matrix(faults=tuple(one for one in trials if isinstance(one, FaultTrial)))


def written(folder: Path, whole: Matrix) -> Path:
    """Write the JSON of a self-test."""
    file = folder / "self-test.json"
    file.write_text(selftest_json.render(whole))
    return file


def cached(folder: Path) -> Mapping[str, str]:
    """Return an environment in which the renderer is in the cache already, as a stand-in."""
    kept = folder / "conductor-conformance" / f"{swagger_ui.PACKAGE}-{swagger_ui.version()}"
    kept.mkdir(parents=True)
    for name, content in STAND_IN.files.items():
        (kept / name).write_bytes(content)
    return {"XDG_CACHE_HOME": str(folder)}


def made(whole: Matrix | None = None, folder: Path | None = None) -> Mapping[str, bytes]:
    """Return the files of a site, of the contract in a folder."""
    return site.tree(editions.read(folder), STAND_IN, whole)


def indexed(files: Mapping[str, bytes], **members: object) -> Mapping[str, bytes]:
    """Make files a site of ours, with one version of which the members are given."""
    entry = {"version": "0.1.0", "sha256": editions.read()[0].sha256, "released": True, **members}
    index = {"publisher": site_folder.PUBLISHER, "versions": [entry]}
    whole = {**files, site_folder.INDEX: json.dumps(index).encode()}
    return {**whole, site_folder.CHECKSUMS: downloads.checksums(whole)}


def on_disk(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
