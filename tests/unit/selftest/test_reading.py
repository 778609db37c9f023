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
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is not the result of one, at its top level"),
        (json.dumps({**matrix().as_dict(), "seed": -1}), "is not the result of one, at seed"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "self-test.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        reading.read(file)


def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    file = tmp_path / "endless"
    with file.open("wb") as stream:
        stream.truncate(9 << 20)
    with pytest.raises(UsageError, match=r"cannot read the self-test .*: it is larger than 8 MiB"):
        reading.read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the self-test .*gone\.json"):
        reading.read(tmp_path / "gone.json")
