"""The JSON of a self-test, read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.canned.trials import LAW, matrix, tried_fault, tried_variation

from conformance.checks.verdict import Outcome
from conformance.errors import UsageError
from conformance.report.render import json as selftest_json
from conformance.selftest import reading
from conformance.selftest.matrix import Matrix

WRONG = matrix(
    faults=(
        tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"]),
        tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"]),
        tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"]),
        tried_fault("a-beside", ["FILTER-04"], ["HTTP-01", "FILTER-04"], besides=("HTTP",)),
    ),
    variations=(tried_variation("odd-blamed", {"HTTP-01": Outcome.FAILED}),),
)


@pytest.mark.parametrize("whole", [matrix(), WRONG], ids=["passed", "failed"])
def test_what_is_written_is_read_as_it_was(tmp_path: Path, whole: Matrix) -> None:
    file = tmp_path / "self-test.json"
    file.write_text(selftest_json.render(whole))
    result = reading.read(file)
    read = reading.matrix(result, LAW.requirements, LAW.families)
    assert read.as_dict() == whole.as_dict()
    assert [one.uncalled_for for one in read.faults] == [one.uncalled_for for one in whole.faults]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "the JSON text is cut short"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "expected an object"),
        (json.dumps({**matrix().as_dict(), "seed": -1}), "at /seed, expected a number of at least"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "self-test.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=rf"is not a self-test result: .*{problem}.*; write it"):
        reading.read(file)


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "endless"
    with file.open("wb") as stream:
        stream.truncate(9 << 20)
    with pytest.raises(UsageError, match=r"is not a self-test result: it is larger than 8 MiB"):
        reading.read(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no self-test result .*gone\.json"):
        reading.read(tmp_path / "gone.json")
