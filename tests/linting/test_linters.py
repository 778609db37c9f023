"""The linters find the kinds of mistakes that they are there for.

They run where node is: `tox -e spec` has it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from node_tools import installed
from spec_lint import PACKAGES, ROOT, lint

LINTED = ("spec", "docs", "conformance/checks/guidance.yaml", "tools/node/lint", "README.md")
CONTRACT = "spec/openapi.yaml"
RULES = "spec/requirements.yaml"
LESSONS = "conformance/checks/guidance.yaml"
EMBEDDED = """          items:
            $ref: "#/components/schemas/Tag"
"""
SPOILT = (
    (CONTRACT, EMBEDDED, "", ("array-items", "oas3-unused-component", "no-unused-components")),
    (CONTRACT, "      operationId: getAll", "      x-was: getAll", ("operation-operationId",)),
    (CONTRACT, "enabled: true\n", "on: true\n", ("oas3-valid-media-example", "no-invalid-media")),
    (CONTRACT, "tags: [Integrations]", "tags: [Providers]", ("operation-tag-defined",)),
    (CONTRACT, "whether they are active", "wether they are active", ("(wether)",)),
    (RULES, "suite judges", "suite jugdes", ("(jugdes)",)),
    (LESSONS, "why: A client", "why: A cleint", ("(cleint)",)),
    ("docs/proof.md", "\n\n", "\n\nThe behavior of it.\n\n", ("(behavior)",)),
    (
        "README.md",
        "(docs/safety.md)",
        "(docs/safty.md)",
        ("the link docs/safty.md does not lead to",),
    ),
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what is linted, free to be spoilt."""
    for name in LINTED:
        source, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy(source, copy)
    # The links of what was copied lead there.
    documents = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
    for name in (*documents, "tox.ini", "action.yml", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "ci", tmp_path / "ci")
    return tmp_path


def test_every_mistake_is_found(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for file, text, instead, _ in SPOILT:
        path = checkout / file
        whole = path.read_text("utf-8")
        assert text in whole
        path.write_text(whole.replace(text, instead, 1), "utf-8")
    assert lint(checkout, installed(PACKAGES)) == ["spectral", "redocly", "cspell", "links"]
    told = "".join(capfd.readouterr())
    missed = [words for *_, said in SPOILT for words in said if words not in told]
    assert missed == []
