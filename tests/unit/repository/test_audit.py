"""The audit of dependencies tells a weakness from advisories that could not be fetched."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from types import ModuleType

import pytest
from support.repository import ROOT

FOUND = {
    "dependencies": [
        {"name": "right", "version": "1.0", "vulns": []},
        {"name": "odd", "skip_reason": "not on the index"},
        {
            "name": "weak",
            "version": "2.0",
            "vulns": [
                {"id": "PYSEC-1", "fix_versions": ["2.1"]},
                {"id": "X-2", "fix_versions": []},
            ],
        },
    ]
}


@pytest.fixture
def audit() -> ModuleType:
    path = ROOT / "tools" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("out", "words", "code", "said"),
    [
        (json.dumps(FOUND), [], 1, "weak 2.0: PYSEC-1, fixed in 2.1"),
        (json.dumps(FOUND), [], 1, "weak 2.0: X-2, fixed in no version yet"),
        (json.dumps(FOUND), [], 1, "no information on odd"),
        (json.dumps(FOUND), [], 1, "2 known vulnerabilities in 2 packages"),
        (
            json.dumps({"dependencies": FOUND["dependencies"][:1]}),
            [],
            0,
            "0 known vulnerabilities in 1",
        ),
        ("", [], 0, "NOT DONE, the advisories could not be fetched: no network"),
        ("", ["--strict"], 3, "NOT DONE"),
        ("[]", ["--strict"], 3, "NOT DONE"),
        (json.dumps({"dependencies": FOUND["dependencies"][1:2]}), ["--strict"], 3, "NOT DONE"),
    ],
)
def test_what_the_audit_says(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    out: str,
    words: list[str],
    code: int,
    said: str,
) -> None:
    done = subprocess.CompletedProcess([], 1, out, "INFO: looking\nno network\n")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)
    assert audit.main(words) == code
    assert said in capsys.readouterr().out
