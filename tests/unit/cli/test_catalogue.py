"""Requirements, faults and variations as text: listed, and explained one by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.canned.contracts import changed, written
from support.canned.verdicts import LAW

from conformance.checks.guidance import all_guidance
from conformance.cli.catalogue import (
    FAULTS_SHOWN,
    explanation,
    list_faults,
    list_variations,
    listing,
)
from conformance.contract.loader import REQUIREMENTS
from conformance.core.text import WIDTH
from conformance.errors import UsageError
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS


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


@pytest.mark.parametrize("width", [40, 80])
def test_lines_are_as_short_as_wanted(width: int) -> None:
    for text in (listing([], None, width), explanation([*LAW.families], None, width)):
        lines = text.splitlines()
        assert max(map(len, lines)) <= width
        for requirement in LAW.requirements:
            assert any(line.split()[:1] == [requirement.id] for line in lines)


def test_a_requirement_that_only_another_contract_has(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    for name, content in zip(
        (path.name, REQUIREMENTS),
        written(changed(("requirements", 0, "id"), "HTTP-99")),
        strict=True,
    ):
        (tmp_path / name).write_bytes(content)
    assert "HTTP-99" in listing(["HTTP-99"], path)
    assert "This version of the suite does not check it." in explanation(["HTTP-99"], path)


def test_several_are_explained_once_each_in_the_order_given() -> None:
    text = explanation(["SHAPE-09", "model", "shape-09"], None)
    heads = [line.split()[0] for line in text.splitlines() if line and line[0] != " "]
    assert heads == ["SHAPE-09", *(f"MODEL-0{number}" for number in range(1, 7))]
    with pytest.raises(UsageError, match="no requirement 'NONE'"):
        explanation(["NONE"], None)


def test_the_answer_that_breaks_it_is_shown_whole() -> None:
    for requirement in LAW.requirements:
        lesson = all_guidance()[requirement.id]
        text = explanation([requirement.id], None)
        assert text.startswith(f"{requirement.id}  ")
        for label in ("source", "why", "checked", "evidence", "broken", "faults", "alone"):
            assert f"\n  {label}" in text
        assert max(map(len, text.splitlines())) <= WIDTH
        words = " ".join(text.split())
        for part in (requirement.statement, requirement.source, lesson.why):
            assert part in words
        for answer in (lesson.answer, lesson.beside):
            assert answer is None or " ".join(answer.body.split()) in words
        assert lesson.exchange in words
    words = " ".join(explanation(["AUTH-07"], None).split())
    asked = "GET /api/integrations/provider?activeOnly=false without a token"
    assert f"{asked}: status 302, Location: /login (no body) This also breaks AUTH-01." in words


def test_the_faults_that_break_it_are_named_and_bounded() -> None:
    for requirement in LAW.requirements:
        text = " ".join(explanation([requirement.id], None).split())
        names = [fault.name for fault in FAULTS if requirement.id in fault.breaks]
        told = [name for name in names if re.search(rf"(?<![\w-]){name}(?![\w-])", text)]
        assert told == names[:FAULTS_SHOWN]
        assert f"list --faults {requirement.id}`" in text
    assert "1 fault of the reference server is declared" in explanation(["AUTH-09"], None)


def test_the_needed_evidence_is_singular_or_plural() -> None:
    assert "at least 2 providers" in explanation(["SHAPE-09"], None)
    assert "at least 1 response with status 200" in explanation(["HTTP-02"], None)


def test_every_fault_is_listed_with_what_it_breaks() -> None:
    lines = list_faults([], None).splitlines()
    assert max(map(len, lines)) <= WIDTH
    heads = [line.split() for line in lines if line[:2] == "  " and line[2] != " "]
    assert {head[0]: {name.strip(",") for name in head[1:]} for head in heads} == {
        fault.name: set(fault.breaks) for fault in FAULTS
    }
    families = [line.partition(":")[0] for line in lines if line and line[0] != " "]
    assert families == [family for family in LAW.families if family in families]


def test_every_variation_is_listed() -> None:
    text = list_variations([], None)
    words = " ".join(text.split())
    for entry in VARIATIONS:
        assert f"\n  {entry.name}\n" in text
        assert entry.description in words
    assert max(map(len, text.splitlines())) <= WIDTH


def test_some_faults_are_listed_by_what_they_break() -> None:
    text = list_faults(["auth-08"], None)
    assert text.startswith("AUTH: Access only with an accepted token (")
    breaking = [fault for fault in FAULTS if "AUTH-08" in fault.breaks]
    assert text.count("AUTH-08") == len(breaking)
    with pytest.raises(UsageError, match="no variation is declared to break FILTER"):
        list_variations(["FILTER"], None)
