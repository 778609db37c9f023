"""The linters find the kinds of mistakes that they are there for."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_lint import lint

CONTRACT = "spec/openapi.yaml"
LESSONS = "conformance/checks/guidance.yaml"
EMBEDDED = """          items:
            $ref: "#/components/schemas/ModelDetails"
"""
SPOILT = (
    (CONTRACT, EMBEDDED, "", ("array-items", "oas3-unused-component", "no-unused-components")),
    (CONTRACT, "      operationId: getAll", "      x-was: getAll", ("operation-operationId",)),
    (CONTRACT, "enabled: true\n", "on: true\n", ("oas3-valid-media-example", "no-invalid-media")),
    (CONTRACT, "tags: [Integrations]", "tags: [Providers]", ("operation-tag-defined",)),
    (CONTRACT, "whether they are active", "wether they are active", ("(wether)",)),
    (LESSONS, "why: A client", "why: A cleint", ("(cleint)",)),
    ("docs/proof.md", "\n\n", "\n\nThe behavior of it.\n\n", ("(behavior)",)),
    (
        "README.md",
        "(docs/safety.md)",
        "(docs/safty.md)",
        ("the link docs/safty.md does not lead to",),
    ),
)


def test_every_mistake_is_found(
    checkout: Path, packages: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for file, text, instead, _ in SPOILT:
        path = checkout / file
        whole = path.read_text("utf-8")
        assert text in whole
        path.write_text(whole.replace(text, instead, 1), "utf-8")
    assert lint(checkout, packages) == ["spectral", "redocly", "cspell", "links"]
    told = "".join(capfd.readouterr())
    missed = [words for *_, said in SPOILT for words in said if words not in told]
    assert missed == []
