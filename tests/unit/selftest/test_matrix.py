"""Test the conclusions from all trials, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.canned.reports import HOSTILE, LAW
from support.canned.trials import fault, matrix, tried_fault, tried_variation, variation

from conformance.checks.verdict import Outcome
from conformance.contract.loader import default_path
from conformance.core.worker_process import Broken
from conformance.errors import UsageError
from conformance.report.render import json as selftest_json
from conformance.selftest import reading
from conformance.selftest.matrix import Matrix
from conformance.selftest.trial import Code, lost

SCHEMA = json.loads((default_path().parent / "self-test.schema.json").read_text("utf-8"))
FOUND = tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"])
MISSED = tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"])
TOTAL = len(LAW.requirements)
HAVE = f"of {TOTAL} requirements have a fault"
SOME = matrix(faults=(FOUND,), whole=False)
EVERYTHING = matrix(
    faults=(
        FOUND,
        MISSED,
        lost(fault("HTTP-01", name="c"), Broken("gone", 1.0), "quick"),
        tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"]),
        tried_fault("a-beside", ["FILTER-04"], ["HTTP-01", "FILTER-04"], besides=("HTTP",)),
    ),
    variations=(
        tried_variation("odd-one", {"HTTP-01": Outcome.FAILED}),
        tried_variation("odd-two", {"FILTER-05": Outcome.INCONCLUSIVE}, undecided={"FILTER"}),
        lost(variation(name="odd-three"), Broken("gone"), "standard"),
    ),
)


def checked(whole: Matrix) -> Mapping[str, Any]:
    """Validate the JSON of a result against the published schema, and return it."""
    text = selftest_json.render(whole)
    assert text.isascii()
    result: Mapping[str, Any] = json.loads(text)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(result)
    return result


@pytest.mark.parametrize(
    ("whole", "code", "about", "summary"),
    [
        (matrix(), 0, [], f"{TOTAL} faults caught, 1 variation accepted, {TOTAL} {HAVE}"),
        # Without a fault for each requirement, a whole self-test fails.
        (
            matrix(faults=(FOUND,)),
            1,
            [item.id for item in LAW.requirements if item.id != "FILTER-01"],
            f"1 fault caught, 1 variation accepted, 1 {HAVE}",
        ),
        (SOME, 0, [], "1 fault caught, 1 variation accepted"),
        (
            matrix(faults=(FOUND, MISSED), whole=False),
            1,
            ["a-missed"],
            "1 of 2 faults caught, 1 variation accepted",
        ),
        (
            matrix(faults=(FOUND,), whole=False, interrupted=True, left=("b", "c")),
            130,
            [],
            "1 fault caught, 1 variation accepted, 2 not tested",
        ),
        # What was not selected is not in the summary.
        (matrix(whole=False, faults=()), 0, [], "1 variation accepted"),
        (matrix(whole=False, variations=()), 0, [], f"{TOTAL} faults caught"),
        (matrix(whole=False, faults=(), variations=(), left=("a",)), 0, [], "1 not tested"),
    ],
)
def test_conclusions(whole: Matrix, code: int, about: list[str], summary: str) -> None:
    assert whole.exit_code == code
    assert whole.passed is (code == 0)
    assert [problem.about for problem in whole.problems] == about
    assert whole.summary() == summary
    result = checked(whole)
    assert result["verdict"] == ("failed" if code else "passed")
    assert (result["interrupted"], result["notTried"]) == (code == 130, list(whole.left))


def test_a_requirement_without_a_fault_is_named() -> None:
    first = matrix(faults=(FOUND,)).problems[0]
    assert (first.code, first.about) == (Code.WITHOUT_FAULT, "HTTP-01")
    assert first.message.startswith("HTTP-01 has no fault: ")


def test_the_row_of_a_requirement() -> None:
    rows = {row.requirement.id: row for row in matrix(faults=(FOUND, MISSED)).rows()}
    assert list(rows) == [item.id for item in LAW.requirements]
    first, second, other = rows["FILTER-01"], rows["FILTER-02"], rows["HTTP-01"]
    assert (first.declared, first.found) == (("a-found",), (FOUND,))
    assert (first.missed, first.others) == ((), ())
    assert (second.declared, second.found) == (("a-missed",), ())
    assert (second.missed, second.others) == ((MISSED,), (FOUND,))
    assert (other.declared, other.slowest) == ((), None)
    assert first.slowest is FOUND


def test_the_json_of_every_kind_of_trial() -> None:
    result = checked(EVERYTHING)
    found, missed, gone, *_ = result["faults"]
    assert found == {
        "name": "a-found",
        "description": "It is made up.",
        "profile": "standard",
        "breaks": ["FILTER-01"],
        "besides": [],
        "tripped": ["FILTER-01", "FILTER-02"],
        "outcome": "non-conformant",
        "problems": [],
        "durationSeconds": 1.235,
        "requests": 123,
    }
    assert missed["problems"][0]["code"] == "not-tripped"
    assert (gone["outcome"], gone["tripped"]) == (None, [])
    assert result["variations"][0]["failedMust"] == ["HTTP-01"]
    assert result["variations"][1]["undecided"] == ["FILTER-05"]
    codes = {problem["code"] for problem in result["problems"]}
    kinds = {"without-fault", "not-tripped", "not-permitted", "no-result", "blamed"}
    assert codes == {*kinds, "wrong-outcome"}
    faults = {item["id"]: item["faults"] for item in result["requirements"]}
    assert faults["FILTER-02"] == ["a-missed"]
    assert faults["MODEL-01"] == []
    assert set(SCHEMA["$defs"]["problem"]["properties"]["code"]["enum"]) == set(Code)


def test_hostile_text_in_the_json() -> None:
    trial = tried_fault(HOSTILE, ["FILTER-01"], [], description=HOSTILE)
    checked(matrix(faults=(trial,), whole=False))


@pytest.mark.parametrize("whole", [matrix(), EVERYTHING], ids=["passed", "failed"])
def test_what_is_written_is_read_as_it_was(tmp_path: Path, whole: Matrix) -> None:
    file = tmp_path / "self-test.json"
    file.write_text(selftest_json.render(whole))
    read = reading.matrix(reading.read(file), LAW.requirements, LAW.families)
    assert read.as_dict() == whole.as_dict()
    assert [one.uncalled_for for one in read.faults] == [one.uncalled_for for one in whole.faults]


def test_anything_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "self-test.json"
    with pytest.raises(UsageError, match=r"there is no self-test result .*self-test\.json"):
        reading.read(file)
    file.write_text(json.dumps({**matrix().as_dict(), "seed": -1}))
    with pytest.raises(UsageError, match=r"is not a self-test result: at /seed, .*; write it"):
        reading.read(file)
    with file.open("wb") as stream:
        stream.truncate(9 << 20)
    with pytest.raises(UsageError, match="is not a self-test result: it is larger than 8 MiB"):
        reading.read(file)
