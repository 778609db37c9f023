"""What needs an extra says so if it is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contract.loader import default_path

WITHOUT = """
import sys
for name in ("markdown_it", "openapi_spec_validator", "distributed"):
    sys.modules[name] = None
from conformance.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("words", "what", "extra"),
    [
        (["run", "--contract", str(default_path())], "A contract file", "contract"),
        (["publish", "site"], "This command", "publish"),
        (["fleet", str(default_path())], "A fleet", "fleet"),
    ],
)
def test_a_missing_extra(tmp_path: Path, words: list[str], what: str, extra: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"Error: {what} needs the extra: pip install 'conductor-conformance[{extra}]'.\n"
    )
    assert [*tmp_path.iterdir()] == []
