"""The comparison with other tools judges, counts, keeps and shows; once from end to end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import compare
import generated
import pytest
from comparison import tables
from comparison.judging import Contestant, Judges
from comparison.keeping import Kept, Result
from comparison.subjects import FAULT, RIGHT, VARIATION, right, sampled, subjects
from comparison.tool import (
    ENDPOINT,
    FAILED,
    PASSED,
    UNJUDGED,
    Command,
    Ready,
    Target,
    Tool,
    Unavailable,
    by_exit_code,
)
from comparison.tools import BASE
from figures import COMPARISON
from support.repository import ROOT

from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS

ASKING = """
import sys, urllib.error, urllib.request
for method in ("GET", "DELETE"):
    headers = {"X-Authorization": sys.argv[2]}
    try:
        urllib.request.urlopen(urllib.request.Request(sys.argv[1], method=method, headers=headers))
    except urllib.error.HTTPError as answer:
        if method == "GET":
            raise SystemExit(1)
"""


def refuse(_work: Path) -> Any:
    raise Unavailable("it is not here")


def tool(name: str) -> Tool:
    return Tool(name=name, title=name.title(), shown=f"{name} URL", make_ready=refuse)


def asking(fingerprint: str) -> Contestant:
    def command(target: Target) -> Command:
        url = target.base + ENDPOINT
        return Command((sys.executable, "-S", "-E", "-c", ASKING, url, str(target.token)))

    ready = Ready(version="Asking 1", fingerprint=fingerprint, command=command, read=by_exit_code)
    return Contestant(tool("asking"), ready)


def test_servers_are_judged_and_shown_and_nobody_is_asked_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = sampled(list(subjects(FAULTS, VARIATIONS)), "http-absent", 1)

    def judgements(fingerprint: str, deadline: float) -> list[Result]:
        judges = Judges([asking(fingerprint)], Kept(tmp_path / "results.jsonl"), deadline)
        return [*judges.alternate([right(1)]), *judges.judge(absent, 1)]

    found = judgements("f1", 60.0)
    assert [one.verdict for one in found] == [PASSED, FAILED]
    assert found[0].requests == {"GET": 1, "DELETE": 1}
    assert found[0].megabytes > 1
    # With no time at all nothing could be asked: what is said is what was kept.
    assert judgements("f1", 0.0) == found
    assert [one.verdict for one in judgements("f2", 0.0)] == [UNJUDGED, UNJUDGED]
    contestants, left_out = compare.made_ready([tool("gone")], tmp_path)
    assert (contestants, left_out) == ([], {"Gone": "it is not here"})
    assert "Gone is left out: it is not here" in capsys.readouterr().err
    shown = compare.report([asking("f1")], left_out, found, 16)
    for part in ("Gone was left out: it is not here.", "one in 16", "- Asking: `asking URL`"):
        assert part in shown
    document = (ROOT / "docs" / "comparison.md").read_text("utf-8")
    assert shown in generated.replaced(document, COMPARISON, shown)


def result(name: str, verdict: str, *found: str, kind: str = FAULT, tool: str = "other") -> Result:
    return Result(
        tool=tool,
        name=name,
        kind=kind,
        group="HTTP" if kind == FAULT else kind,
        verdict=verdict,
        found=found,
        requests={"GET": 10},
        seconds=2.0,
        processor=1.0,
        megabytes=100.0,
    )


def test_what_fails_the_right_server_has_caught_nothing() -> None:
    results = [
        result("right-1", PASSED, kind=RIGHT, tool=BASE),
        result("a", FAILED, "HTTP-01", tool=BASE),
        result("b", UNJUDGED, tool=BASE),
        result("right-1", FAILED, "Usual", kind=RIGHT),
        result("a", FAILED, "Usual", "New"),
        result("b", FAILED, "Usual"),
        result("odd", FAILED, "Usual", kind=VARIATION),
    ]
    _, _, ours, other = tables.main_table([tool(BASE), tool("other")], results, BASE).splitlines()
    assert (
        ours == "| Ours-Standard | 2.0 s | 1.00 | 1.00 | 10 | 0 | 100 MB | passes | 1 | not run |"
    )
    assert other.endswith("| fails | 0 (1 with new findings) | 0 (0 with new findings) |")
    assert "It fails the reference server (Usual)." in tables.notes([tool("other")], results)


def test_an_unknown_tool_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        compare.main(["--tools", "ours-quick,nobody"])
    assert ending.value.code == 2
    assert "unknown tool 'nobody'; known are ours-quick" in capsys.readouterr().err
