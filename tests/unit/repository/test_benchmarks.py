"""What the comparison with other tools counts, keeps and shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from comparison import figures, tables
from comparison.keeping import Kept, Result
from comparison.subjects import FAULT, RIGHT, VARIATION
from comparison.tool import FAILED, PASSED, UNJUDGED, Tool, Unavailable
from comparison.tools import BASE
from support.repository import ROOT


def result(name: str, verdict: str, *found: str, **more: Any) -> Result:
    values: dict[str, Any] = {
        "tool": "other",
        "name": name,
        "kind": FAULT,
        "group": "HTTP",
        "verdict": verdict,
        "found": found,
        "requests": {"GET": 10},
        "seconds": 2.0,
        "processor": 1.0,
        "megabytes": 100.0,
    }
    return Result(**{**values, **more})


def right(turn: int, verdict: str = PASSED, *found: str, **more: Any) -> Result:
    return result(f"right-{turn}", verdict, *found, **{"kind": RIGHT, "group": RIGHT, **more})


def tool(name: str) -> Tool:
    def refuse(_work: Path) -> Any:
        raise Unavailable("it is not here")

    return Tool(name=name, title=name.title(), shown=f"{name} URL", make_ready=refuse)


# What is counted ----------------------------------------------------------------------------------


def test_what_fails_the_right_server_catches_nothing() -> None:
    members = [result("a", FAILED, "Usual"), result("b", FAILED, "Usual", "Other")]
    fair = figures.line([right(1), *members], "other", BASE)
    assert fair.faults is not None
    assert (fair.faults.failed, fair.faults.beyond) == (2, None)
    unfair = figures.line([right(1, FAILED, "Usual"), *members], "other", BASE)
    assert unfair.faults is not None
    assert (unfair.faults.failed, unfair.faults.beyond) == (0, 1)


def test_failing_the_right_server_once_is_failing_it() -> None:
    here = figures.rights([right(1), right(2, FAILED), right(3)], "other")
    assert not here.usable
    assert not here.telling


def test_servers_are_judged_only_where_a_failure_can_mean_something() -> None:
    assert figures.rights([right(1)], "other").telling
    assert figures.rights([right(1, FAILED, "Usual")], "other").telling
    assert not figures.rights([right(1, FAILED)], "other").telling
    assert not figures.rights([right(1, UNJUDGED, problem="killed")], "other").telling
    assert not figures.rights([], "other").telling


def test_what_was_not_judged_is_neither_caught_nor_passed_over_in_silence() -> None:
    killed = result("a", UNJUDGED, problem="killed at its deadline")
    found = figures.line([right(1), killed, result("c", FAILED)], "other", BASE).faults
    assert found is not None
    assert (found.servers, found.failed, found.unjudged) == (2, 1, 1)


def test_times_are_compared_turn_by_turn() -> None:
    theirs = [right(turn, seconds=time) for turn, time in enumerate((2.0, 9.0, 6.0))]
    ours_too = [
        right(turn, tool=BASE, seconds=time, processor=4.0)
        for turn, time in enumerate((4.0, 3.0, 6.0))
    ]
    found = figures.line([*theirs, *ours_too], "other", BASE)
    assert (found.seconds, found.ratio, found.processor_ratio) == (6.0, 1.0, 0.25)
    assert figures.line(theirs, "other", BASE).ratio is None


def test_reading_is_no_writing() -> None:
    sent = {"GET": 7, "HEAD": 1, "OPTIONS": 1, "DELETE": 2, "POST": 1}
    results = [right(1, requests=sent), result("a", PASSED, requests={"POST": 3})]
    found = figures.line(results, "other", BASE)
    assert (found.requests, found.writes) == (12, 3)
    assert figures.unsafe_methods(results, "other") == {"POST": 2, "DELETE": 1}


# What is shown ------------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_tool() -> None:
    results = [
        right(1, tool=BASE, seconds=4.0, processor=2.0),
        result("a", FAILED, "HTTP-01", tool=BASE),
        right(1),
        result("a", PASSED),
        result("odd", FAILED, kind=VARIATION, group="answer"),
    ]
    assert tables.main_table([tool(BASE), tool("other")], results, BASE) == (
        "| tool | time | time / ours | CPU time / ours | requests | writes | memory "
        "| reference server | faults caught (of 1) | variations failed (of 1) |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| Ours-Standard | 4.0 s | 1.00 | 1.00 | 10 | 0 | 100 MB | passes | 1 |  |\n"
        "| Other | 2.0 s | 0.50 | 0.50 | 10 | 0 | 100 MB | passes | 0 | 1 |\n"
    )
    assert "Variations it fails: `odd`." in tables.notes([tool("other")], results)


def test_a_tool_that_fails_the_right_server_is_shown_to() -> None:
    silent = [right(1, FAILED)]
    cells = tables.main_table([tool("other")], silent, BASE).splitlines()[-1]
    assert cells.endswith("| fails | not run | not run |")
    naming = [right(1, FAILED, "Usual"), result("a", FAILED, "Usual", "New")]
    cells = tables.main_table([tool("other")], naming, BASE).splitlines()[-1]
    assert "| fails | 0 (1 with new findings) |" in cells
    assert "It fails the reference server (Usual)." in tables.notes([tool("other")], naming)


def test_families_are_shown_of_tools_that_pass_the_right_server() -> None:
    results = [
        right(1),
        result("a", FAILED),
        result("b", PASSED, group="AUTH"),
        right(1, FAILED, tool="unfair"),
    ]
    assert tables.families_table([tool("other"), tool("unfair")], results) == (
        "| family | faults | Other |\n| --- | ---: | ---: |\n| HTTP | 1 | 1 |\n| AUTH | 1 | 0 |\n"
    )


def test_only_the_generated_part_of_a_document_is_replaced() -> None:
    text = f"# Title\n\n{tables.BEGIN}\nold\n{tables.END}\n\nWords.\n"
    assert tables.replaced(text, "new\n") == (
        f"# Title\n\n{tables.BEGIN}\n\nnew\n\n{tables.END}\n\nWords.\n"
    )
    assert tables.replaced(tables.replaced(text, "new"), "new") == tables.replaced(text, "new")
    with pytest.raises(ValueError, match="no lines"):
        tables.replaced("# Title\n", "new")


def test_the_document_can_be_written_again() -> None:
    document = ROOT / "docs" / "comparison.md"
    assert "new" in tables.replaced(document.read_text("utf-8"), "new")


# What is kept -------------------------------------------------------------------------------------


def test_an_interruption_loses_nothing_but_the_line_it_cut(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    kept = Kept(path)
    first, second = result("a", FAILED, "Other"), result("b", PASSED)
    kept.add("f1", first)
    kept.add("f1", second)
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    again = Kept(path)
    assert again.find("f1", "other", "a") == first
    assert again.find("f1", "other", "b") is None
    again.add("f1", second)
    assert Kept(path).find("f1", "other", "b") == second


def test_another_version_or_configuration_is_judged_anew(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "results.jsonl")
    kept.add("f1", result("a", FAILED))
    assert kept.find("f2", "other", "a") is None
    kept.add("f1", result("a", PASSED))
    found = Kept(tmp_path / "results.jsonl").find("f1", "other", "a")
    assert found is not None
    assert found.verdict == PASSED
