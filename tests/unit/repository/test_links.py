"""Links that lead nowhere are told, and those that lead somewhere are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from links import Text, problems, texts, wrong_ids, wrong_links
from support.repository import ROOT

TARGET = """# The title

## Exit codes, and `--json`

### What *it* means
## Twice
## Twice
"""
CONTRACT = """
info:
  description: See [the answer](#/paths/~1a) and [the other](#/paths/~1b).
paths:
  /a: {summary: One}
"""
RULES = """
requirements:
  - id: FILTER-01
    statement: It is so, as FILTER-02 is.
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "spec").mkdir()
    (tmp_path / "docs" / "target.md").write_text(TARGET, "utf-8")
    (tmp_path / "spec" / "openapi.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "spec" / "requirements.yaml").write_text(RULES, "utf-8")
    return tmp_path


def judged(checkout: Path, markdown: str) -> list[str]:
    text = Text(checkout / "docs" / "a.md", "a.md", markdown)
    text.file.write_text(markdown, "utf-8")
    return list(wrong_links(text, checkout))


@pytest.mark.parametrize(
    "markdown",
    [
        "[a](target.md)",
        "[a](../docs/target.md#the-title)",
        "[a](target.md#exit-codes-and---json)",
        "[a](target.md#what-it-means)",
        "[a](target.md#twice-1)",
        "# Here\n\n[a](#here)",
        "[a][b]\n\n[b]: target.md",
        "[a](../spec/openapi.yaml#/paths/~1a/summary)",
        "[a](../spec/requirements.yaml#/requirements/0/id)",
        "[a](https://tox.wiki) and <https://tox.wiki>",
        "`[a](nowhere.md)`",
        "    [a](nowhere.md)",
    ],
)
def test_what_leads_somewhere(checkout: Path, markdown: str) -> None:
    assert judged(checkout, markdown) == []


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("[a](nowhere.md)", "does not lead to a file"),
        ("![a](nowhere.png)", "does not lead to a file"),
        ("[a](../../outside.md)", "does not lead to a file"),
        ("[a](../../)", "does not lead to a file"),
        ("[a][nowhere]", "does not lead to a file"),
        ("[a](target.md#nothing)", "does not exist in"),
        ("[a](target.md#Exit-codes)", "does not exist in"),
        ("[a](target.md#twice-2)", "does not exist in"),
        ("# Here\n\n[a](#there)", "does not exist in"),
        ("[a](../spec/openapi.yaml#/paths/~1b)", "does not exist in"),
        ("[a](../spec/requirements.yaml#/requirements/1)", "does not exist in"),
        ("[a](../spec/openapi.yaml#paths)", "does not exist in"),
        ("[a](ftp://a.example/b)", "unsupported scheme"),
    ],
)
def test_what_leads_nowhere(checkout: Path, markdown: str, said: str) -> None:
    (problem,) = judged(checkout, markdown)
    assert said in problem


def test_descriptions_and_ids_are_judged_where_they_stand(checkout: Path) -> None:
    assert problems(checkout) == [
        "spec/openapi.yaml#/info/description: the link #/paths/~1b does not exist in openapi.yaml",
        "spec/requirements.yaml#/requirements/0/statement: there is no requirement FILTER-02",
    ]


def test_ids_of_other_kinds_are_no_ids() -> None:
    known = frozenset({"FILTER-01", "HTTP-02"})
    text = "FILTER-01, FILTER-1 and HTTP-02 of RFC-2119, PRE-HTTP-02x, HTTP-03"
    assert list(wrong_ids(text, known)) == [
        "there is no requirement FILTER-1",
        "there is no requirement HTTP-03",
    ]


def test_everything_is_looked_at() -> None:
    looked = {text.file.relative_to(ROOT).as_posix() for text in texts(ROOT)}
    assert {
        *("README.md", "CHANGELOG.md", "spec/README.md", "spec/CHANGELOG.md", "docs/proof.md"),
        *("spec/openapi.yaml", "spec/requirements.yaml", "spec/report.schema.json"),
        "conformance/checks/guidance.yaml",
    } <= looked


def test_nothing_leads_nowhere() -> None:
    assert problems(ROOT) == []
