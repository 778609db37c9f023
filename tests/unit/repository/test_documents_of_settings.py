"""The examples in the documents about baselines and settings are what the command reads."""

from __future__ import annotations

import re
from pathlib import Path

from support.repository import ROOT

from conformance.cli.config_file import known_settings, read
from conformance.cli.main import cli
from conformance.contract.loader import load
from conformance.report.baseline import parse

DOCS = ROOT / "docs"


def _example(name: str) -> str:
    (example,) = re.findall(r"```toml\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    return str(example)


def test_the_baseline() -> None:
    (entry,) = parse(_example("baselines.md"), "known.toml").entries
    assert load().requirement(entry.id).id == "MODEL-01"
    assert entry.expires is not None
    assert len(entry.fingerprints) == 1


def test_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(_example("configuration.md"), "utf-8")
    found = read(file, known_settings(cli.commands["run"]), tmp_path)
    assert {"url", "baseline", "header", "require-evidence"} < found.keys()
