"""Mutation testing runs the tests that concern a module, and shows why a mutant may survive."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from mutation.selection import (
    Sources,
    checked,
    distances,
    imported,
    other_tests,
    own_tests,
    related,
)
from mutation.survivors import Equivalent, Tried, block, equivalents, passed
from support.repository import ROOT

SOURCES = Sources(ROOT)
EQUIVALENTS = equivalents(ROOT / "benchmarks" / "mutation" / "equivalent.yaml")


def test_every_kind_of_import_counts() -> None:
    source = "import a.b\ndef f():\n    from c.d import e\n"
    assert imported(source) == {"a.b", "c.d", "c.d.e"}
    assert distances(["a"], {"a": ["b", "c"], "b": ["d"], "c": ["a"]}) == {
        "a": 1,
        "b": 2,
        "c": 2,
        "d": 3,
    }


@pytest.mark.slow
def test_the_tests_of_a_module_are_those_named_after_it_and_its_importers() -> None:
    assert own_tests(SOURCES, "conformance.checks.curl") == ("tests/unit/checks/test_findings.py",)
    own = own_tests(SOURCES, "conformance.contract.filter_oracle")
    assert own[0] == "tests/unit/contract/test_filter_oracle.py"
    others = other_tests(SOURCES, "conformance.contract.filter_oracle")
    assert "tests/unit/checks/test_filters.py" in others
    assert set(own).isdisjoint(others)
    # Found only through the registry, which imports the checks by name.
    assert own_tests(SOURCES, "conformance.checks.detectors.provider_data")
    reached = other_tests(SOURCES, "conformance.checks.shape")
    assert "tests/unit/checks/test_every_check.py" in reached


@pytest.mark.slow
def test_the_requirements_of_a_module_are_those_that_it_decides() -> None:
    checks = (
        '@check("A-1")\n@check("A-2")\ndef f(e): ...\ndef g(): ...\n@check("A-3")\ndef h(): ...'
    )
    assert checked(checks) == {"f": ("A-1", "A-2"), "h": ("A-3",)}
    module = "conformance.checks.models"
    assert related(SOURCES, module, "no_details") == related(SOURCES, module, "")
    function, ids = next(iter(SOURCES.requirements[module].items()))
    assert related(SOURCES, module, function) == ids
    words = related(SOURCES, "conformance.checks.detectors.model_words", "")
    assert words == related(SOURCES, module, "")
    everywhere = related(SOURCES, "conformance.checks.findings", "")
    assert {one.partition("-")[0] for one in everywhere} == {
        *("AUTH", "FILTER", "HTTP", "LIFECYCLE", "MODEL", "ROBUST", "SECRET", "SHAPE", "STABLE")
    }


def tried(now: str, stage: int, killer: str | None, why: str = "") -> Tried:
    mutant: Any = SimpleNamespace(module="conformance/a.py", function="f", place=(1, 0))
    change: Any = SimpleNamespace(was="a < b", now=now)
    trial: Any = SimpleNamespace(stage=stage, killer=killer)
    return Tried(mutant, change, trial, why)


def test_the_results_show_what_was_not_killed_and_why() -> None:
    results = [
        tried("a > b", 0, "test_a.py::test_b"),
        tried("a <= b", 1, "test_c.py"),
        tried("a != b", 0, None, "b is never smaller."),
        tried("a >= b", 1, None),
    ]
    text = block(results, 2000, ["own", "others"])
    assert "Of 2,000 places, 4 were changed: 2 mutants were killed, 1 are equivalent" in text
    assert "| own | 1 |\n| others | 1 |" in text
    assert "- `a.py`, `f`: `` a < b `` → `` a != b ``. b is never smaller." in text
    assert text.endswith("Not killed:\n\n- `a.py`, `f`: `` a < b `` → `` a >= b ``")
    assert not passed(results)
    assert passed(results[:3])
    assert passed([*results[:3] * 12, results[3]])
    wrong = block([tried("a > b", 0, "t.py::test", "It cannot matter.")], 1, ["own"])
    assert "Not equivalent, it was killed: `a.py`" in wrong


def test_each_reason_is_about_a_line_that_exists() -> None:
    stale = [one for one in EQUIVALENTS if one.was not in _joined(one)]
    assert stale == []
    assert all(one.why.endswith(".") for one in EQUIVALENTS)


def _joined(one: Equivalent) -> str:
    lines = (ROOT / one.module).read_text("utf-8").splitlines()
    return " ".join(line.strip() for line in lines)
