"""Test the conclusions from all trials, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest
from support.canned.reports import HOSTILE, LAW
from support.canned.trials import fault, matrix, tried_fault, tried_variation, variation

from conformance.checks.verdict import Outcome
from conformance.contract.loader import default_path
from conformance.report.render import json as selftest_json
from conformance.selftest.matrix import Matrix
from conformance.selftest.tasks import Broken
from conformance.selftest.trial import Code, lost

SCHEMA = json.loads((default_path().parent / "self-test.schema.json").read_text("utf-8"))
FOUND = tried_fault("a-found", ["FILTER-01"], ["FILTER-01", "FILTER-02"])
MISSED = tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"])
TOTAL = len(LAW.requirements)


def checked(whole: Matrix) -> Mapping[str, Any]:
    """Validate the JSON of a result against the published schema, and return it."""
    result: Mapping[str, Any] = json.loads(selftest_json.render(whole))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(result)
    return result


def test_all_as_declared() -> None:
    whole = matrix()
    assert whole.passed
    assert whole.exit_code == 0
    assert whole.problems == ()
    said = f"{TOTAL} faults caught, 1 variation accepted, {TOTAL} of {TOTAL} requirements have"
    assert whole.summary() == f"{said} a fault"
    assert checked(whole)["verdict"] == "passed"


def test_a_requirement_without_a_fault_is_a_problem_of_a_whole_self_test() -> None:
    whole = matrix(faults=(FOUND,))
    assert whole.exit_code == 1
    assert len(whole.lacking) == TOTAL - 1
    first = whole.problems[0]
    assert (first.code, first.about) == (Code.WITHOUT_FAULT, LAW.requirements[0].id)
    assert first.message.startswith(f"{LAW.requirements[0].id} has no fault: ")
    assert whole.summary().endswith(f", 1 of {TOTAL} requirements have a fault")
    assert checked(whole)["verdict"] == "failed"
    assert matrix(faults=(FOUND,), whole=False).passed


def test_problems_of_servers_count_in_any_self_test() -> None:
    whole = matrix(faults=(FOUND, MISSED), whole=False)
    assert whole.exit_code == 1
    assert [problem.about for problem in whole.problems] == ["a-missed"]
    assert whole.summary() == "1 of 2 faults caught, 1 variation accepted"


def test_an_interrupted_self_test_has_not_passed() -> None:
    whole = matrix(faults=(FOUND,), whole=False, interrupted=True, left=("b", "c"))
    assert not whole.passed
    assert whole.exit_code == 130
    assert whole.summary() == "1 fault caught, 1 variation accepted, 2 not tested"
    result = checked(whole)
    assert (result["verdict"], result["interrupted"]) == ("failed", True)
    assert result["notTried"] == ["b", "c"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"faults": ()}, "1 variation accepted"),
        ({"variations": ()}, f"{TOTAL} faults caught"),
        ({"faults": (), "variations": (), "left": ("a",)}, "1 not tested"),
    ],
)
def test_unselected_servers_are_not_in_the_summary(members: dict[str, Any], said: str) -> None:
    assert matrix(whole=False, **members).summary() == said


def test_the_row_of_a_requirement() -> None:
    rows = {row.requirement.id: row for row in matrix(faults=(FOUND, MISSED)).rows()}
    assert list(rows) == [item.id for item in LAW.requirements]
    first, second, other = rows["FILTER-01"], rows["FILTER-02"], rows["HTTP-01"]
    assert (first.declared, first.found, first.missed, first.others) == (
        ("a-found",),
        (FOUND,),
        (),
        (),
    )
    assert (second.declared, second.found) == (("a-missed",), ())
    assert (second.missed, second.others) == ((MISSED,), (FOUND,))
    assert (other.declared, other.slowest) == ((), None)
    assert first.slowest is FOUND


def test_the_json_of_every_kind_of_trial() -> None:
    whole = matrix(
        faults=(FOUND, MISSED, lost(fault("HTTP-01", name="c"), Broken("gone", 1.0), "quick")),
        variations=(
            tried_variation("odd-one", {"HTTP-01": Outcome.FAILED}),
            tried_variation("odd-two", {"FILTER-05": Outcome.INCONCLUSIVE}, undecided={"FILTER"}),
            lost(variation(name="odd-three"), Broken("gone"), "standard"),
        ),
    )
    result = checked(whole)
    found, missed, gone = result["faults"]
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
    assert {problem["code"] for problem in result["problems"]} == {
        "without-fault",
        "not-tripped",
        "no-result",
        "blamed",
        "wrong-outcome",
    }
    faults = {item["id"]: item["faults"] for item in result["requirements"]}
    assert faults["FILTER-02"] == ["a-missed"]
    assert faults["MODEL-01"] == []


def test_the_json_is_plain_ascii() -> None:
    trial = tried_fault(HOSTILE, ["FILTER-01"], [], description=HOSTILE)
    assert selftest_json.render(matrix(faults=(trial,), whole=False)).isascii()


def test_the_schema_knows_every_kind_of_problem() -> None:
    assert set(SCHEMA["$defs"]["problem"]["properties"]["code"]["enum"]) == set(Code)
