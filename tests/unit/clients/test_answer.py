"""Answers of adapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.clients.answer import Answer, Unreadable, read


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("[]", Answer(providers=())),
        ('[{"name": "a", "other": 1}]', Answer(providers=({"name": "a", "other": 1},))),
        ('{"error": {}}', Answer(failed=True)),
        ('{"error": {"status": null}}', Answer(failed=True)),
        ('{"error": {"status": 403, "message": "no"}}', Answer(failed=True, status=403)),
        ('{"unsupported": "activeOnly"}', Answer(unsupported="activeOnly")),
        ("", None),
    ],
)
def test_the_forms(tmp_path: Path, text: str, answer: Answer | None) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text, "utf-8")
    assert read(file) == answer


def test_no_file(tmp_path: Path) -> None:
    assert read(tmp_path / "answer.json") is None


@pytest.mark.parametrize(
    "text",
    ['[{"name": "a"', '"page"', '{"error": "no"}', '{"unsupported": "type"}', "[1]", "[NaN]", "{}"],
)
def test_what_is_no_answer(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text, "utf-8")
    with pytest.raises(Unreadable, match=r"docs/clients\.md"):
        read(file)
