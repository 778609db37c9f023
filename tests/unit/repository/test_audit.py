"""The audit of dependencies counts as passed only if advisories were looked up."""

from __future__ import annotations

import json
import subprocess

import audit
import pytest

RIGHT = {"name": "right", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "odd", "skip_reason": "not on the index"}
WEAK = {
    "name": "weak",
    "version": "2.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["2.1"]},
        {"id": "X-2", "fix_versions": []},
    ],
}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (
            [RIGHT, UNKNOWN, WEAK],
            1,
            [
                "weak 2.0: PYSEC-1, fixed in 2.1",
                "weak 2.0: X-2, fixed in no version yet",
                "no information on odd",
                "2 known vulnerabilities in 2 packages",
            ],
        ),
        ([RIGHT], 0, ["0 known vulnerabilities in 1 packages"]),
        (
            [RIGHT, UNKNOWN],
            0,
            ["no information on odd", "0 known vulnerabilities in 1 packages"],
        ),
        ([UNKNOWN], 3, ["skipped, there is no information on any package"]),
        ([], 3, ["skipped, there is no information on any package"]),
        (None, 3, ["skipped, the advisories could not be fetched: no network"]),
    ],
)
def test_the_result_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    found: list[object] | None,
    code: int,
    said: list[str],
) -> None:
    out = "" if found is None else json.dumps({"dependencies": found})
    done = subprocess.CompletedProcess([], 1, out, "INFO: looking\nno network\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert audit.main([]) == code
    assert capsys.readouterr().out.splitlines() == [f"audit: {line}" for line in said]
