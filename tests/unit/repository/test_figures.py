"""The counts in documents are those of the code, and measured parts say what they describe."""

from __future__ import annotations

from pathlib import Path

import figures
import generated
import pytest

PAGE = """\
Before.
<!-- begin: speed; describes a b.yaml; digest unknown -->
old
<!-- end -->
Between.
<!-- begin: size; describes b.yaml; digest unknown -->
9 MB
<!-- end -->
"""


@pytest.mark.parametrize("count", figures.COUNTS, ids=lambda count: count.pattern)
def test_a_count_in_a_document_is_that_of_the_code(count: figures.Count) -> None:
    text = (generated.ROOT / count.document).read_text("utf-8")
    assert figures.corrected(count.document, text, figures.counts()) == text, (
        "python benchmarks/figures.py --write corrects it"
    )


def test_the_table_of_the_readme_is_that_of_the_comparison() -> None:
    parts = {block.name: block for _, block in generated.documented()}
    assert parts[figures.SUMMARY].content == figures.summary(parts[figures.COMPARISON].content)
    assert parts[figures.SUMMARY].digest == parts[figures.COMPARISON].digest


def test_a_wrong_count_is_corrected_and_a_missing_sentence_noticed() -> None:
    known = {count.name: "1,234" for count in figures.COUNTS}
    text = "or is hostile: 99 servers, each"
    assert figures.corrected("docs/hostile.md", text, known) == "or is hostile: 1,234 servers, each"
    with pytest.raises(ValueError, match="has no text like"):
        figures.corrected("docs/hostile.md", "or is hostile: many", known)


def test_every_measured_part_describes_files_that_exist() -> None:
    found = list(generated.documented())
    assert {document for document, _ in found} >= {
        *("docs/proof.md", "docs/performance.md", "docs/comparison.md", "docs/fuzzing.md"),
        *("docs/hostile.md", "README.md"),
    }
    for _, block in found:
        assert len(generated.digest(block.paths)) == 12


def test_a_part_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    later = generated.replaced(PAGE, "speed", "new\n", "abc")
    speed, size = generated.blocks(later)
    assert speed == generated.Block("speed", ("a", "b.yaml"), "abc", "new")
    assert (size.content, size.digest) == ("9 MB", "unknown")
    assert later.startswith("Before.\n<!-- begin: speed; ")
    with pytest.raises(ValueError, match="colour"):
        generated.replaced(PAGE, "colour", "red", "abc")


def test_a_digest_tells_every_change_of_the_files_described(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "one.py").write_text("1", "utf-8")
    (tmp_path / "notes.md").write_text("1", "utf-8")
    paths = ["a", "notes.md"]
    seen = {generated.digest(paths, tmp_path)}
    (tmp_path / "a" / "deep" / "one.pyc").write_bytes(b"1")
    seen.add(generated.digest(paths, tmp_path))
    assert len(seen) == 1
    (tmp_path / "a" / "deep" / "one.py").write_text("2", "utf-8")
    seen.add(generated.digest(paths, tmp_path))
    (tmp_path / "a" / "deep" / "one.py").rename(tmp_path / "a" / "one.py")
    seen.add(generated.digest(paths, tmp_path))
    (tmp_path / "notes.md").write_text("2", "utf-8")
    seen.add(generated.digest(paths, tmp_path))
    assert len(seen) == 4
    with pytest.raises(ValueError, match="gone does not exist"):
        generated.digest(["gone"], tmp_path)
