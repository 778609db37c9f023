"""What the comparison with plain Schemathesis counts, and how it shows it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "compare_plain_schemathesis.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_plain_schemathesis", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


def result(script: ModuleType, name: str, *found: str, **more: Any) -> Any:
    values: dict[str, Any] = {
        "tool": "tuned",
        "name": name,
        "kind": "fault",
        "group": "HTTP",
        "exit_code": 1 if found else 0,
        "found": found,
        "requests": {"GET": 10},
        "seconds": 2.0,
    }
    return script.Result(**{**values, **more})


def right(script: ModuleType, *found: str) -> Any:
    return result(script, "right", *found, kind="right", group="right")


def test_only_what_the_right_server_is_not_blamed_for_counts(script: ModuleType) -> None:
    results = [
        right(script, "Usual"),
        result(script, "a", "Usual"),
        result(script, "b", "Usual", "Other"),
        result(script, "c"),
    ]
    (http, every) = script.rows(results, "tuned", "fault")
    assert (http.group, http.servers, http.failed, http.beyond) == ("HTTP", 3, 2, 1)
    assert (every.group, every.servers, every.beyond) == ("all", 3, 1)


def test_what_was_not_judged_is_neither_caught_nor_measured(script: ModuleType) -> None:
    killed = result(script, "a", exit_code=None, seconds=120.0, problem="killed at its deadline")
    broken = result(script, "b", "Other", problem="no report")
    results = [right(script), killed, broken, result(script, "c", "Other")]
    line = script.rows(results, "tuned", "fault")[-1]
    assert (line.servers, line.beyond, line.unjudged, line.seconds) == (3, 1, 2, 2.0)


def test_times_are_compared_server_by_server(script: ModuleType) -> None:
    results = [
        right(script),
        result(script, "a", seconds=2.0),
        result(script, "b", seconds=9.0),
        result(script, "c", seconds=6.0),
        result(script, "a", "HTTP-01", tool="ours", seconds=4.0),
        result(script, "b", "HTTP-01", tool="ours", seconds=3.0),
        result(script, "c", tool="ours", seconds=6.0),
    ]
    line = script.rows(results, "tuned", "fault")[-1]
    assert (line.ours, line.ratio) == (2, 1.0)


def test_a_table_has_the_columns_that_say_something(script: ModuleType) -> None:
    results = [
        right(script),
        result(script, "a", "Other", requests={"GET": 7, "HEAD": 1, "DELETE": 1}),
        result(script, "b", group="AUTH", requests={"GET": 11}),
    ]
    assert script.table(script.rows(results, "tuned", "fault"), "fault") == (
        "| family | faults | caught | other methods | requests | time |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| HTTP | 1 | 1 | 1 | 9 | 2.0 s |\n"
        "| AUTH | 1 | 0 | 0 | 11 | 2.0 s |\n"
        "| all | 2 | 1 | 1 | 10 | 2.0 s |\n"
    )


def test_a_report_says_that_the_right_server_fails(script: ModuleType) -> None:
    untuned, tuned = script.CONFIGURATIONS
    results = [right(script, "Usual"), result(script, "a", "Usual")]
    assert "It fails the right server (Usual)" in script.report(results, tuned)
    assert "could not be judged" in script.report(results, untuned)


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/", "/api/integrations/provider"])
def test_every_name_of_an_api_has_one_base(script: ModuleType, suffix: str) -> None:
    assert script.base_of(f"http://host/team{suffix}") == "http://host/team"


def test_the_exit_code_and_the_report_have_to_agree(script: ModuleType, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"failures": [{"type": "ServerError"}], "errors": []}), "utf-8")

    def problem(exit_code: int | None, place: Path = report) -> str:
        ended = script.Ended(exit_code, 1.0, "bye")
        found: tuple[str, ...]
        found, said = script._findings(script._their_findings, place, ended)
        assert said or found == ("ServerError",)
        return str(said)

    assert problem(1) == ""
    assert "1 findings" in problem(0)
    assert "bye" in problem(2)
    assert "deadline" in problem(None)
    assert "no report" in problem(1, tmp_path / "none.json")


def test_a_sample_is_every_nth_of_what_is_wanted(script: ModuleType) -> None:
    every = list(script.subjects(script.FAULTS, script.VARIATIONS))
    assert len(every) == len(script.FAULTS) + len(script.VARIATIONS)
    some = script.sampled(every, "trouble-*", 2)
    assert some == [one for one in every if one.name.startswith("trouble-")][::2]
