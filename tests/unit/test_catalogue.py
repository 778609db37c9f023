"""Requirements as text: listed by family, and explained one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.contracts import changed, written
from support.verdicts import LAW

from conformance.catalogue import WIDTH, explanation, listing
from conformance.errors import UsageError


def test_every_requirement_is_listed_under_its_family() -> None:
    lines = listing([], None).splitlines()
    assert [line.split()[0] for line in lines if line[:3].strip() and line[:1] == " "] == [
        requirement.id for requirement in LAW.requirements
    ]
    assert [line for line in lines if line and line[0] != " "] == [
        f"{family}: {title}" for family, title in LAW.families.items()
    ]
    assert max(map(len, lines)) <= WIDTH


def test_some_are_listed_by_name() -> None:
    text = listing(["auth-01", "HTTP-02"], None)
    assert text.split("\n")[0].startswith("HTTP: ")
    assert text.count("MUST") == 2


def test_every_requirement_is_explained() -> None:
    for requirement in LAW.requirements:
        text = explanation(requirement.id, None)
        assert text.startswith(f"{requirement.id}  ")
        for label in ("source", "checked", "needs", "alone"):
            assert f"\n  {label}" in text
        assert max(map(len, text.splitlines())) <= WIDTH


def test_a_family_is_explained_as_a_whole() -> None:
    text = explanation("model", None)
    assert [name for name in text.split() if name.startswith("MODEL-")][::2] == [
        f"MODEL-0{number}" for number in range(1, 7)
    ]


def test_a_requirement_that_only_another_contract_has(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_bytes(written(changed(("x-requirements", 0, "id"), "HTTP-99")))
    assert "not by this version of the suite." in explanation("HTTP-99", path)


def test_a_name_that_is_none() -> None:
    with pytest.raises(UsageError, match="no requirement 'NONE'"):
        explanation("NONE", None)
